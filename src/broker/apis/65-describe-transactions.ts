/** DescribeTransactions: what the coordinator knows of transactional ids; v0 (KIP-664). The partitions are those without a marker yet. */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../protocol/generated/65-describe-transactions.ts'
import { defineApi } from '../define-api.ts'
import { describeTransaction } from '../txn/description.ts'

export const describeTransactions = defineApi({
  request: DescribeTransactionsRequest,
  response: DescribeTransactionsResponse,
  min: 0,
  max: 0,
  handle: ({ services }, { transactionalIds }) => ({
    transactionStates: transactionalIds.map((id) => describeTransaction(services.transactions.coordinator, id)),
  }),
  failure: ({ transactionalIds }, errorCode) => ({
    transactionStates: transactionalIds.map((transactionalId) => ({
      transactionalId,
      errorCode: errorCode || ErrorCode.UNKNOWN_SERVER_ERROR,
    })),
  }),
})
