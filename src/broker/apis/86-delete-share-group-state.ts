/**
 * DeleteShareGroupState: forgets the state of share partitions (KIP-932); v0. For brokers.
 */
import { KafkaError } from '../../protocol/errors.ts'
import {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from '../../protocol/generated/86-delete-share-group-state.ts'
import { defineApi } from '../define-api.ts'
import { answerPartitions, failed } from './share-state.ts'

export const deleteShareGroupState = defineApi<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse>({
  request: DeleteShareGroupStateRequest,
  response: DeleteShareGroupStateResponse,
  min: 0,
  max: 0,
  async handle(context, request) {
    const { state } = context.services.shares
    const results = await answerPartitions(context, request, 'delete share group state', async (key) => {
      await state.delete(key)
      return {}
    })
    return { results }
  },
  failure: ({ topics }, errorCode, message) => ({ results: failed(topics, new KafkaError(errorCode, message)) }),
})
