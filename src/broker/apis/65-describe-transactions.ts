/**
 * DescribeTransactions: what the coordinator knows of transactional ids; v0 (KIP-664). The partitions are those without a
 * marker yet. Needs DESCRIBE on the transactional id; topics that may not be described are left out.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../protocol/generated/65-describe-transactions.ts'
import { AclOperation, allowedTopics, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { describeTransaction } from '../txn/description.ts'

function describe(
  context: RequestContext,
  transactionalId: string,
): Draft<DescribeTransactionsResponse['transactionStates'][number]> {
  const { authorizer, transactions } = context.services
  if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, transactionalId)) {
    return { transactionalId, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
  }
  const { topics = [], ...state } = describeTransaction(transactions.coordinator, transactionalId)
  const names = topics.map(({ topic = '' }) => topic)
  const allowed = allowedTopics(context, AclOperation.DESCRIBE, names)
  return { ...state, topics: topics.filter(({ topic = '' }) => allowed.has(topic)) }
}

export const describeTransactions = defineApi({
  request: DescribeTransactionsRequest,
  response: DescribeTransactionsResponse,
  min: 0,
  max: 0,
  handle: (context, { transactionalIds }) => ({
    transactionStates: transactionalIds.map((id) => describe(context, id)),
  }),
  failure: ({ transactionalIds }, errorCode) => ({
    transactionStates: transactionalIds.map((transactionalId) => ({
      transactionalId,
      errorCode: errorCode || ErrorCode.UNKNOWN_SERVER_ERROR,
    })),
  }),
})
