import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'
import type { ProduceRequest } from '../../protocol/generated/00-produce.ts'
import {
  ATTRIBUTES,
  BATCH_OVERHEAD,
  isControl,
  isTransactional,
  readBatchHeader,
} from '../../protocol/records/batch-header.ts'
import { AclOperation, ResourceType, requireRight } from '../authorizer/authorizer.ts'
import type { RequestContext } from '../define-api.ts'
import type { Partition } from '../partition.ts'
import type { TxnSupport, TxnWrite } from '../txn/verification.ts'

const TOPIC_IDS_FROM = 13
const ADD_PARTITIONS_FROM = 12
const ABORTABLE_FROM = 11

export type TransactionalBatches = TxnWrite

function supportOf(version: number): TxnSupport {
  if (version >= ADD_PARTITIONS_FROM) return 'add'
  return version >= ABORTABLE_FROM ? 'abortable' : 'plain'
}

/**
 * Transactional batches need the right to write with the transactional id of their request.
 *
 * @throws KafkaError TRANSACTIONAL_ID_AUTHORIZATION_FAILED, also when there is no such id
 */
export function checkTransactionalId(context: RequestContext, { transactionalId, topicData }: ProduceRequest): void {
  const any = topicData.some(({ partitionData }) => partitionData.some(({ records }) => isTransactionalData(records)))
  if (!any) return
  if (transactionalId === null) throw new KafkaError(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  requireRight(context, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, transactionalId)
}

function isTransactionalData(records: Buffer | null): records is Buffer {
  if (!records || records.length < BATCH_OVERHEAD) return false
  const attributes = records.readInt16BE(ATTRIBUTES)
  return isTransactional(attributes) && !isControl(attributes)
}

/**
 * The transaction that a produce request writes for; undefined when none of its batches is transactional. Partitions that don't exist, or
 * that its sender may not write to, are left out: their error is found when they are written.
 *
 * @param writable topics that its sender may write to
 * @throws KafkaError INVALID_PRODUCER_ID_MAPPING with more than one producer
 */
export function transactionalBatches(
  { services, version }: RequestContext,
  request: ProduceRequest,
  writable: ReadonlySet<string>,
): TransactionalBatches | undefined {
  const partitions: Partition[] = []
  let producer: { producerId: number; producerEpoch: number } | undefined
  for (const { name, topicId, partitionData } of request.topicData) {
    const topic = version >= TOPIC_IDS_FROM ? services.metadata.topicName(topicId) : name
    if (topic === undefined || !writable.has(topic)) continue
    for (const { index, records } of partitionData) {
      if (!isTransactionalData(records)) continue
      const { producerId, producerEpoch } = readBatchHeader(records, 0)
      producer ??= { producerId, producerEpoch }
      if (producer.producerId !== producerId || producer.producerEpoch !== producerEpoch) {
        throw new KafkaError(
          ErrorCode.INVALID_PRODUCER_ID_MAPPING,
          'Transactional records contained more than one producer ID',
        )
      }
      const found = services.replicas.find(topic, index)
      if (found) partitions.push(found)
    }
  }
  const { transactionalId } = request
  if (!producer || transactionalId === null) return undefined
  return { transactionalId, ...producer, partitions, support: supportOf(version) }
}

/** A write that its transaction doesn't allow; the only one of all that is answered with its message. */
export class ProduceRefusal extends KafkaError {}

/** A failed verification as producers understand it. */
export function produceRefusal(error: KafkaError, version: number): ProduceRefusal {
  const { code, brokerMessage } = forProducers(error, version)
  return new ProduceRefusal(code, brokerMessage)
}

function forProducers(error: KafkaError, version: number): KafkaError {
  switch (error.code) {
    case ErrorCode.INVALID_TXN_STATE:
      return error.brokerMessage ? error : new KafkaError(error.code, 'Partition was not added to the transaction')
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      // Clients of transactions v2 can tell by it that the transaction before is still being ended.
      return version >= ADD_PARTITIONS_FROM ? error : unverifiable(error.code)
    case ErrorCode.NETWORK_EXCEPTION:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return unverifiable(error.code)
    default:
      return error
  }
}

/** An error that makes producers try again without asking for metadata first. */
function unverifiable(code: number): KafkaError {
  return new KafkaError(
    ErrorCode.NOT_ENOUGH_REPLICAS,
    `Unable to verify the partition has been added to the transaction. Underlying error: ${errorName(code)}`,
  )
}
