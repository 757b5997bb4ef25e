/**
 * EndTxn: commits or aborts a transaction; v0-5. It is decided when this is answered: the markers follow.
 *
 * - v2 knows PRODUCER_FENCED, v4 TRANSACTION_ABORTABLE.
 * - v5 is transactions v2 (KIP-890): the answer has the epoch, or the new producer id, that the producer goes on with. A repeated
 *   request is told by its epoch; aborting a transaction without partitions is no error.
 */
import { EndTxnRequest, EndTxnResponse } from '../../protocol/generated/26-end-txn.ts'
import { transactionRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'
import { EPOCH_BUMP_VERSION } from '../txn/transaction.ts'
import { txnErrorCode } from './txn-errors.ts'

const FENCED_FROM = 2
const EPOCH_BUMP_FROM = 5

export const endTxn = defineApi({
  request: EndTxnRequest,
  response: EndTxnResponse,
  min: 0,
  max: 5,
  auth: transactionRight,
  async handle({ services, version }, { transactionalId, producerId, producerEpoch, committed }) {
    try {
      const next = await services.transactions.coordinator.endTransaction(transactionalId, {
        producerId: Number(producerId),
        producerEpoch,
        committed,
        transactionVersion: version >= EPOCH_BUMP_FROM ? EPOCH_BUMP_VERSION : 0,
        isFromClient: true,
      })
      return { producerId: BigInt(next.producerId), producerEpoch: next.producerEpoch }
    } catch (error) {
      return { errorCode: txnErrorCode(error, version >= FENCED_FROM), producerId: -1n, producerEpoch: -1 }
    }
  },
  failure: (_request, errorCode) => ({ errorCode, producerId: -1n, producerEpoch: -1 }),
})
