/**
 * AddOffsetsToTxn: a transaction is going to commit offsets of a group; v0-4.
 *
 * - The group's partition of __consumer_offsets becomes the transaction's, so that it gets the marker.
 * - v2 knows PRODUCER_FENCED, v4 TRANSACTION_ABORTABLE. From transactions v2 on clients leave this request out (KIP-890).
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from '../../protocol/generated/25-add-offsets-to-txn.ts'
import { AclOperation, ResourceType, requireRight } from '../authorizer/authorizer.ts'
import { transactionRight } from '../authorizer/rights.ts'
import { OFFSETS_TOPIC } from '../controller/topic-names.ts'
import { defineApi } from '../define-api.ts'
import { txnErrorCode } from './txn-errors.ts'

const FENCED_FROM = 2

export const addOffsetsToTxn = defineApi({
  request: AddOffsetsToTxnRequest,
  response: AddOffsetsToTxnResponse,
  min: 0,
  max: 4,
  auth: transactionRight,
  async handle(context, { transactionalId, producerId, producerEpoch, groupId }) {
    requireRight(context, AclOperation.READ, ResourceType.GROUP, groupId)
    const { services, version } = context
    const { coordinator, patienceMs } = services.transactions
    try {
      const partition = { topic: OFFSETS_TOPIC, partition: await services.groups.partitionFor(groupId) }
      const producer = { producerId: Number(producerId), producerEpoch }
      await coordinator.patiently(transactionalId, patienceMs, () =>
        coordinator.addPartitions(transactionalId, producer, [partition], 0),
      )
      return { errorCode: ErrorCode.NONE }
    } catch (error) {
      return { errorCode: txnErrorCode(error, version >= FENCED_FROM) }
    }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
