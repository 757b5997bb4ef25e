/**
 * InitializeShareGroupState: begins the state of a group's share partitions, or begins it anew (KIP-932); v0. For brokers.
 */
import { KafkaError } from '../../protocol/errors.ts'
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../../protocol/generated/83-initialize-share-group-state.ts'
import { defineApi } from '../define-api.ts'
import { answerPartitions, failed } from './share-state.ts'

export const initializeShareGroupState = defineApi<InitializeShareGroupStateRequest, InitializeShareGroupStateResponse>(
  {
    request: InitializeShareGroupStateRequest,
    response: InitializeShareGroupStateResponse,
    min: 0,
    max: 0,
    async handle(context, request) {
      const { state } = context.services.shares
      const results = await answerPartitions(
        context,
        request,
        'initialize share group state',
        async (key, { stateEpoch, startOffset }) => {
          await state.initialize(key, stateEpoch, Number(startOffset))
          return {}
        },
      )
      return { results }
    },
    failure: ({ topics }, errorCode, message) => ({ results: failed(topics, new KafkaError(errorCode, message)) }),
  },
)
