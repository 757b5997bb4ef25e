/**
 * ListTransactions: the transactional ids that this broker coordinates and the client may describe; v0-2 (KIP-664).
 *
 * - Filters are all to be met; names of states that don't exist are sent back. v1 adds a least duration in milliseconds (KIP-994), v2 a
 *   pattern that the whole id must match (KIP-1152).
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { ListTransactionsRequest, ListTransactionsResponse } from '../../protocol/generated/66-list-transactions.ts'
import { AclOperation, allowedNames, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'
import { listTransactions } from '../txn/description.ts'

export const listTransactionsApi = defineApi({
  request: ListTransactionsRequest,
  response: ListTransactionsResponse,
  min: 0,
  max: 2,
  handle(context, request) {
    const { transactions, clock } = context.services
    const answer = listTransactions(transactions.coordinator, request, clock.nowMs())
    const states = answer.transactionStates ?? []
    const ids = states.map(({ transactionalId = '' }) => transactionalId)
    const allowed = allowedNames(context, AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, ids)
    return { ...answer, transactionStates: states.filter(({ transactionalId = '' }) => allowed.has(transactionalId)) }
  },
  failure: (_request, errorCode) => ({ errorCode: errorCode || ErrorCode.UNKNOWN_SERVER_ERROR }),
})
