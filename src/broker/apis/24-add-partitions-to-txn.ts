/**
 * AddPartitionsToTxn: partitions that a transaction is going to write to; v0-5.
 *
 * - v0-3 come from clients, with one transaction. v4+ come from brokers, with several; they may just verify (KIP-890).
 * - Clients need WRITE on the transactional id and the topics, brokers CLUSTER_ACTION.
 * - A partition that doesn't exist, or may not be written to, fails all partitions of its transaction: the others are OPERATION_NOT_ATTEMPTED.
 * - v2 knows PRODUCER_FENCED, v5 TRANSACTION_ABORTABLE.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  AddPartitionsToTxnRequest,
  type AddPartitionsToTxnRequestAddPartitionsToTxnTransaction,
  AddPartitionsToTxnResponse,
  type AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult,
} from '../../protocol/generated/24-add-partitions-to-txn.ts'
import { partitionDirName } from '../../storage/file-names.ts'
import { AclOperation, allowedTopics, ResourceType, requireCluster } from '../authorizer/authorizer.ts'
import { isInternalTopic } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { EPOCH_BUMP_VERSION } from '../txn/transaction.ts'
import { txnErrorCode } from './txn-errors.ts'

type Transaction = AddPartitionsToTxnRequestAddPartitionsToTxnTransaction
type TopicResult = Draft<AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult>

const BATCHED_FROM = 4
const FENCED_FROM = 2

function transactionsOf(request: AddPartitionsToTxnRequest, version: number): Transaction[] {
  if (version >= BATCHED_FROM) return request.transactions
  return [
    {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      verifyOnly: false,
      topics: request.v3AndBelowTopics,
    },
  ]
}

function answer({ topics }: Transaction, codeOf: (topic: string, partition: number) => number): TopicResult[] {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: codeOf(name, partitionIndex),
    })),
  }))
}

/** What keeps partitions from being added: that the client may not write to them, or that they aren't there. */
function problems(context: RequestContext, { transactionalId, topics }: Transaction) {
  const { metadata, authorizer } = context.services
  const { WRITE } = AclOperation
  const isFromClient = context.version < BATCHED_FROM
  if (isFromClient) {
    if (!authorizer.allows(context, WRITE, ResourceType.TRANSACTIONAL_ID, transactionalId)) {
      return () => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    }
  }
  const names = topics.flatMap(({ name, partitions }) => partitions.map(() => name))
  const writable = isFromClient ? allowedTopics(context, WRITE, names) : new Set(names)
  return (topic: string, partition: number): number | undefined => {
    if (!writable.has(topic) || (isFromClient && isInternalTopic(topic))) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
    return metadata.partition(topic, partition) ? undefined : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
}

async function addOne(context: RequestContext, transaction: Transaction): Promise<TopicResult[]> {
  const { services, version } = context
  const { transactionalId, producerEpoch, topics } = transaction
  const partitions = topics.flatMap(({ name: topic, partitions: indexes }) =>
    indexes.map((partition) => ({ topic, partition })),
  )
  const problemOf = problems(context, transaction)
  if (partitions.some(({ topic, partition }) => problemOf(topic, partition) !== undefined)) {
    return answer(transaction, (topic, partition) => problemOf(topic, partition) ?? ErrorCode.OPERATION_NOT_ATTEMPTED)
  }
  const { coordinator, patienceMs } = services.transactions
  const producer = { producerId: Number(transaction.producerId), producerEpoch }
  try {
    if (transaction.verifyOnly) {
      const codes = coordinator.verifyPartitions(transactionalId, producer, partitions)
      return answer(transaction, (topic, partition) => codes.get(partitionDirName({ topic, partition })) ?? 0)
    }
    const transactionVersion = version >= BATCHED_FROM ? EPOCH_BUMP_VERSION : 0
    await coordinator.patiently(transactionalId, patienceMs, () =>
      coordinator.addPartitions(transactionalId, producer, partitions, transactionVersion),
    )
    return answer(transaction, () => ErrorCode.NONE)
  } catch (error) {
    const errorCode = txnErrorCode(error, version >= FENCED_FROM)
    return answer(transaction, () => errorCode)
  }
}

export const addPartitionsToTxn = defineApi({
  request: AddPartitionsToTxnRequest,
  response: AddPartitionsToTxnResponse,
  min: 0,
  max: 5,
  async handle(context, request) {
    if (context.version >= BATCHED_FROM) requireCluster(context, AclOperation.CLUSTER_ACTION)
    const transactions = transactionsOf(request, context.version)
    if (new Set(transactions.map(({ transactionalId }) => transactionalId)).size < transactions.length) {
      throw new KafkaError(ErrorCode.INVALID_REQUEST, 'A transactional id is in the request more than once')
    }
    const results = await Promise.all(
      transactions.map(async (transaction) => ({
        transactionalId: transaction.transactionalId,
        topicResults: await addOne(context, transaction),
      })),
    )
    if (context.version < BATCHED_FROM) return { resultsByTopicV3AndBelow: results[0]?.topicResults ?? [] }
    return { resultsByTransaction: results }
  },
  failure: (request, errorCode) => {
    // Which fields there are tells the version: the others would not be written.
    if (request.v3AndBelowTransactionalId === '') return { errorCode }
    const [transaction] = transactionsOf(request, 0)
    return { resultsByTopicV3AndBelow: transaction ? answer(transaction, () => errorCode) : [] }
  },
})
