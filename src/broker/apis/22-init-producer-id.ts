/**
 * InitProducerId: a producer id and epoch; v0-5.
 *
 * - Without a transactional id each call gets a new id with epoch 0, from a block reserved in the metadata log.
 * - With one the epoch rises and fences producers with a lower one; an open transaction of theirs is aborted first.
 * - v3 says what the producer has already (KIP-360), v4 answers PRODUCER_FENCED where older ones know INVALID_PRODUCER_EPOCH,
 *   v5 knows TRANSACTION_ABORTABLE (KIP-890).
 * - v6 (two-phase commit, KIP-939) is in the schema but unstable in 4.3 and not offered.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/generated/22-init-producer-id.ts'
import { AclOperation, allowsCluster, ResourceType, requireRight } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { Producer } from '../txn/transaction.ts'
import { txnErrorCode } from './txn-errors.ts'

const FENCED_FROM = 4

/** @throws KafkaError INVALID_REQUEST when only one of id and epoch is there */
function expectedProducer({ producerId, producerEpoch }: InitProducerIdRequest): Producer | undefined {
  if (producerId === -1n && producerEpoch === -1) return undefined
  if (producerId === -1n || producerEpoch === -1) throw new KafkaError(ErrorCode.INVALID_REQUEST)
  return { producerId: Number(producerId), producerEpoch }
}

/** @throws KafkaError TRANSACTIONAL_ID_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED */
function checkRights(context: RequestContext, transactionalId: string | null): void {
  const { WRITE, IDEMPOTENT_WRITE } = AclOperation
  if (transactionalId !== null) {
    requireRight(context, WRITE, ResourceType.TRANSACTIONAL_ID, transactionalId)
  } else if (!allowsCluster(context, IDEMPOTENT_WRITE, true)) {
    // Who may write to some topic may do so idempotently (KIP-679).
    if (context.services.authorizer.allowsAny(context, WRITE, ResourceType.TOPIC)) return
    throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  }
}

async function init({ services }: RequestContext, request: InitProducerIdRequest): Promise<Producer> {
  const expected = expectedProducer(request)
  const { transactionalId, transactionTimeoutMs: timeoutMs } = request
  if (transactionalId === null) return { producerId: await services.producerIds.next(), producerEpoch: 0 }
  const { coordinator, patienceMs } = services.transactions
  return coordinator.patiently(transactionalId, patienceMs, () =>
    coordinator.initProducerId({ transactionalId, timeoutMs, expected }),
  )
}

export const initProducerId = defineApi({
  request: InitProducerIdRequest,
  response: InitProducerIdResponse,
  min: 0,
  max: 5,
  async handle(context, request) {
    checkRights(context, request.transactionalId)
    try {
      const { producerId, producerEpoch } = await init(context, request)
      return { producerId: BigInt(producerId), producerEpoch }
    } catch (error) {
      const errorCode = txnErrorCode(error, context.version >= FENCED_FROM)
      return { errorCode, producerId: -1n, producerEpoch: -1 }
    }
  },
  failure: (_request, errorCode) => ({ errorCode, producerId: -1n, producerEpoch: -1 }),
})
