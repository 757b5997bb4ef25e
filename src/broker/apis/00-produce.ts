/**
 * Produce: v3-13.
 *
 * - Exactly one record batch a partition; it is validated, stamped and appended as the bytes it came in.
 * - acks 0 has no response (an error closes nothing but is logged); 1 and all are answered when the bytes are in the file: on one
 *   node both mean the same, and min.insync.replicas is checked for all.
 * - Idempotence: a repeated batch is answered with the offset it got the first time; a gap with OUT_OF_ORDER_SEQUENCE_NUMBER.
 * - Transactional batches are verified with the transaction coordinator before the first one is written to a partition; from v12 on the
 *   partition is added to the transaction by that (KIP-890). v11 knows TRANSACTION_ABORTABLE.
 * - v7 allows zstd; v8 adds errors of single records (KIP-467), v10 the current leader (KIP-951), v13 names topics by id (KIP-516).
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../protocol/generated/00-produce.ts'
import { ensureBatchCodecs } from '../../protocol/records/batch-reader.ts'
import type { AppendResult } from '../../storage/log.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { defineApi, NO_RESPONSE, type RequestContext } from '../define-api.ts'
import { asKafkaError, type Partition } from '../partition.ts'
import {
  InvalidRecordsError,
  MalformedRecordsError,
  type ProduceRules,
  validateProducedRecords,
} from '../record-validation.ts'
import type { Refusals } from '../txn/verification.ts'
import { distinctTopics, framingProblem } from './produce-request.ts'
import {
  checkTransactionalId,
  ProduceRefusal,
  produceRefusal,
  type TransactionalBatches,
  transactionalBatches,
} from './produce-transaction.ts'

type PartitionResponse = Draft<ProduceResponse['responses'][number]['partitionResponses'][number]>
type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]

const TOPIC_IDS_FROM = 13
/** Clients of transactions v2 begin with sequence 0 in every partition of a transaction. */
const ADD_PARTITIONS_FROM = 12
const WITHOUT_LOG_START: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
])
const VALID_ACKS: readonly number[] = [-1, 0, 1]

/** How the batches of one request are written. */
interface Run {
  acks: number
  /** Topics that the client may write to. */
  writable: ReadonlySet<string>
  /** Of transactional batches, once the transaction coordinator was asked. */
  refusals: Refusals | undefined
}

interface Started {
  index: number
  response: PartitionResponse
  result: AppendResult | undefined
}

/** Whether Kafka finds an error no earlier than in the log, whose start is then in the answer. */
const reachesTheLog = (error: KafkaError): boolean =>
  !WITHOUT_LOG_START.has(error.code) && !(error instanceof MalformedRecordsError) && !(error instanceof ProduceRefusal)

function refused(
  context: RequestContext,
  index: number,
  error: unknown,
  partition: Partition | undefined,
): PartitionResponse {
  const known = asKafkaError(error)
  const failed: PartitionResponse = { index, baseOffset: -1n, logStartOffset: -1n, errorMessage: null }
  if (!(known instanceof KafkaError)) {
    context.services.logger.error({ err: error, partition: partition?.key }, 'an append failed unexpectedly')
    return { ...failed, errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
  }
  const response: PartitionResponse = { ...failed, errorCode: known.code }
  if (partition && reachesTheLog(known)) response.logStartOffset = BigInt(partition.log.logStartOffset)
  if (known instanceof ProduceRefusal) response.errorMessage = known.brokerMessage
  if (known instanceof InvalidRecordsError && known.recordErrors.length > 0) {
    response.errorMessage = known.message
    response.recordErrors = known.recordErrors.map(({ batchIndex, message: text }) => ({
      batchIndex,
      batchIndexErrorMessage: text,
    }))
  }
  return response
}

const nameOf = ({ services, version }: RequestContext, topic: TopicData): string | undefined =>
  version >= TOPIC_IDS_FROM ? services.metadata.topicName(topic.topicId) : topic.name

/** The topics of a request that its sender may write to. */
function writableTopics(context: RequestContext, request: ProduceRequest): ReadonlySet<string> {
  const names = request.topicData.flatMap((topic) => {
    const name = nameOf(context, topic)
    return name === undefined ? [] : topic.partitionData.map(() => name)
  })
  return allowedTopics(context, AclOperation.WRITE, names)
}

function find(context: RequestContext, topic: TopicData, index: number, writable: ReadonlySet<string>): Partition {
  const name = nameOf(context, topic)
  if (name === undefined) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
  if (!writable.has(name)) throw new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  const { services } = context
  const partition = services.replicas.partition(name, index)
  partition.checkLeader()
  return partition
}

function append(
  context: RequestContext,
  partition: Partition,
  data: PartitionData,
  acks: number,
  rules: ProduceRules,
  refusals: Refusals | undefined,
): AppendResult {
  const { services, version } = context
  const refusal = refusals?.get(partition.key)
  if (refusal) throw produceRefusal(refusal, version)
  if (acks === -1 && partition.isrSize < services.configs.topic(partition.topic).minInSyncReplicas) {
    throw new KafkaError(
      ErrorCode.NOT_ENOUGH_REPLICAS,
      `The size of the current ISR : ${partition.isrSize} is insufficient to satisfy the min.isr requirement of ` +
        `${services.configs.topic(partition.topic).minInSyncReplicas} for partition ${partition.key}`,
    )
  }
  const nowMs = services.clock.nowMs()
  const counts = services.metrics.topic(partition.topic)
  counts.bytesIn += data.records?.length ?? 0
  const validated = validateProducedRecords(data.records ?? Buffer.alloc(0), version, rules, nowMs)
  const requireZeroWithoutState = refusals !== undefined && version >= ADD_PARTITIONS_FROM
  return partition.log.append(validated.records, { leaderEpoch: partition.leaderEpoch, requireZeroWithoutState })
}

function start(
  context: RequestContext,
  topic: TopicData,
  data: PartitionData,
  { acks, writable, refusals }: Run,
): Started {
  let partition: Partition | undefined
  try {
    partition = find(context, topic, data.index, writable)
    const rules = context.services.configs.produceRules(partition)
    const result = append(context, partition, data, acks, rules, refusals)
    const response: PartitionResponse = {
      index: data.index,
      baseOffset: BigInt(result.firstOffset),
      logAppendTimeMs: BigInt(result.logAppendTimeMs),
      logStartOffset: BigInt(result.logStartOffset),
    }
    context.services.metrics.topic(partition.topic).produceRequests++
    return { index: data.index, response, result }
  } catch (error) {
    if (partition) {
      const counts = context.services.metrics.topic(partition.topic)
      counts.produceRequests++
      counts.failedProduceRequests++
    }
    return { index: data.index, response: refused(context, data.index, error, partition), result: undefined }
  }
}

async function finish(context: RequestContext, { index, response, result }: Started): Promise<PartitionResponse> {
  if (!result) return response
  try {
    await result.written
    return response
  } catch (error) {
    return refused(context, index, error, undefined)
  }
}

async function run(context: RequestContext, request: ProduceRequest, how: Run): Promise<Draft<ProduceResponse>> {
  const started = request.topicData.map((topic) => ({
    topic,
    partitions: topic.partitionData.map((data) => start(context, topic, data, how)),
  }))
  const responses = []
  for (const { topic, partitions } of started) {
    const partitionResponses: PartitionResponse[] = []
    for (const partition of partitions) partitionResponses.push(await finish(context, partition))
    responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses })
  }
  return { responses }
}

async function runOrVerify(
  context: RequestContext,
  request: ProduceRequest,
  writable: ReadonlySet<string>,
  transaction: TransactionalBatches | undefined,
): Promise<Draft<ProduceResponse>> {
  const { acks } = request
  if (!transaction) return run(context, request, { acks, writable, refusals: undefined })
  const { verification } = context.services.transactions
  return verification.run(transaction, (refusals) => run(context, request, { acks, writable, refusals }))
}

/** Loads the codecs that some topic's checks may need; undefined (the common case) when nothing has to be waited for. */
function loadCodecs(context: RequestContext, request: ProduceRequest): Promise<unknown> | undefined {
  const loading: Promise<void>[] = []
  for (const topic of request.topicData) {
    for (const { records } of topic.partitionData) {
      const wait = records && ensureBatchCodecs(records)
      if (wait) loading.push(wait)
    }
  }
  const own = context.services.configs.loadTopicCodecs()
  if (own) loading.push(own)
  return loading.length > 0 ? Promise.all(loading) : undefined
}

function failedAll({ topicData }: ProduceRequest, errorCode: number, errorMessage: string | null) {
  return {
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, errorMessage, baseOffset: -1n })),
    })),
  }
}

export const produce = defineApi<ProduceRequest, ProduceResponse>({
  request: ProduceRequest,
  response: ProduceResponse,
  min: 3,
  max: 13,
  differs:
    "compressed records are looked into only where a topic's configs ask for it; LogAppendTime claimed by a client is refused",
  handle(context, asked) {
    const topicData = distinctTopics(asked, context.version >= TOPIC_IDS_FROM)
    const request = topicData === asked.topicData ? asked : { ...asked, topicData }
    if (!VALID_ACKS.includes(request.acks)) throw new KafkaError(ErrorCode.INVALID_REQUIRED_ACKS)
    const problem = request.acks === 0 ? undefined : framingProblem(request)
    if (problem !== undefined) return failedAll(request, ErrorCode.CORRUPT_MESSAGE, problem)
    const wait = loadCodecs(context, request)
    checkTransactionalId(context, request)
    const writable = writableTopics(context, request)
    const transaction = transactionalBatches(context, request, writable)
    const go = (): Promise<Draft<ProduceResponse>> => runOrVerify(context, request, writable, transaction)
    const answered = wait ? wait.then(go) : go()
    if (request.acks !== 0) return answered
    answered.then(
      ({ responses }) => {
        const errors = (responses ?? []).flatMap((topic) => (topic.partitionResponses ?? []).filter((p) => p.errorCode))
        if (errors.length === 0) return
        // With acks=0 the closed connection is the only way to make the producer refresh its metadata.
        context.services.logger.info(
          { errors: errors.map((p) => p.errorCode) },
          'records produced with acks=0 were refused',
        )
        context.connection.close('records produced with acks=0 were refused')
      },
      (error: unknown) => context.services.logger.error({ err: error }, 'produce with acks=0 failed'),
    )
    return NO_RESPONSE
  },
  failure: (request, errorCode) => failedAll(request, errorCode, null),
})
