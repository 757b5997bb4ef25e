/**
 * ReadShareGroupState: the state of share partitions, for the broker that leads them (KIP-932); v0. A newer leader epoch fences
 * older leaders.
 */
import { KafkaError } from '../../protocol/errors.ts'
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../../protocol/generated/84-read-share-group-state.ts'
import { defineApi } from '../define-api.ts'
import { wireBatch } from '../share/share-state.ts'
import { answerPartitions, failed } from './share-state.ts'

export const readShareGroupState = defineApi<ReadShareGroupStateRequest, ReadShareGroupStateResponse>({
  request: ReadShareGroupStateRequest,
  response: ReadShareGroupStateResponse,
  min: 0,
  max: 0,
  async handle(context, request) {
    const { state } = context.services.shares
    const results = await answerPartitions(context, request, 'read share group state', async (key, { leaderEpoch }) => {
      const { stateEpoch, startOffset, stateBatches } = await state.read(key, leaderEpoch)
      return { stateEpoch, startOffset: BigInt(startOffset), stateBatches: stateBatches.map(wireBatch) }
    })
    return { results }
  },
  failure: ({ topics }, errorCode, message) => ({ results: failed(topics, new KafkaError(errorCode, message)) }),
})
