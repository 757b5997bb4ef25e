/**
 * ListTransactions: the transactional ids that this broker coordinates; v0-2 (KIP-664).
 *
 * - Filters are all to be met; names of states that don't exist are sent back. v1 adds a least duration in milliseconds (KIP-994), v2 a
 *   pattern that the whole id must match (KIP-1152).
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { ListTransactionsRequest, ListTransactionsResponse } from '../../protocol/generated/66-list-transactions.ts'
import { defineApi } from '../define-api.ts'
import { listTransactions } from '../txn/description.ts'

export const listTransactionsApi = defineApi({
  request: ListTransactionsRequest,
  response: ListTransactionsResponse,
  min: 0,
  max: 2,
  handle: ({ services }, request) =>
    listTransactions(services.transactions.coordinator, request, services.clock.nowMs()),
  failure: (_request, errorCode) => ({ errorCode: errorCode || ErrorCode.UNKNOWN_SERVER_ERROR }),
})
