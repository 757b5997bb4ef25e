/**
 * WriteShareGroupState: persists what became of records of share partitions (KIP-932); v0-1. v1 adds how many records are done
 * with (KIP-1226). For brokers.
 */
import { KafkaError } from '../../protocol/errors.ts'
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../../protocol/generated/85-write-share-group-state.ts'
import { defineApi } from '../define-api.ts'
import { stateBatch } from '../share/share-state.ts'
import { answerPartitions, failed } from './share-state.ts'

export const writeShareGroupState = defineApi<WriteShareGroupStateRequest, WriteShareGroupStateResponse>({
  request: WriteShareGroupStateRequest,
  response: WriteShareGroupStateResponse,
  min: 0,
  max: 1,
  async handle(context, request) {
    const { state } = context.services.shares
    const results = await answerPartitions(context, request, 'write share group state', async (key, partition) => {
      const { stateEpoch, leaderEpoch, deliveryCompleteCount } = partition
      const startOffset = Number(partition.startOffset)
      const stateBatches = partition.stateBatches.map(stateBatch)
      await state.write(key, { stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches })
      return {}
    })
    return { results }
  },
  failure: ({ topics }, errorCode, message) => ({ results: failed(topics, new KafkaError(errorCode, message)) }),
})
