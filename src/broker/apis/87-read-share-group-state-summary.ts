/**
 * ReadShareGroupStateSummary: where share partitions are, without what is in flight (KIP-932); v0-1. v1 adds how many records are
 * done with (KIP-1226). For brokers.
 */
import { KafkaError } from '../../protocol/errors.ts'
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../protocol/generated/87-read-share-group-state-summary.ts'
import { defineApi } from '../define-api.ts'
import { answerPartitions, failed } from './share-state.ts'

export const readShareGroupStateSummary = defineApi<
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse
>({
  request: ReadShareGroupStateSummaryRequest,
  response: ReadShareGroupStateSummaryResponse,
  min: 0,
  max: 1,
  async handle(context, request) {
    const { state } = context.services.shares
    const results = await answerPartitions(context, request, 'read share group state summary', (key) => {
      const found = state.summary(key)
      if (found === undefined) return { startOffset: -1n, stateEpoch: 0, leaderEpoch: 0, deliveryCompleteCount: -1 }
      const { stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount } = found
      return { stateEpoch, leaderEpoch, startOffset: BigInt(startOffset), deliveryCompleteCount }
    })
    return { results }
  },
  failure: ({ topics }, errorCode, message) => ({ results: failed(topics, new KafkaError(errorCode, message)) }),
})
