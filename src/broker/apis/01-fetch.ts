/**
 * Fetch: v4-18.
 *
 * - Waits up to maxWaitMs until minBytes are there; an error or a first batch larger than every limit is answered at once.
 * - v7 brings incremental fetch sessions (KIP-227), v9 leader epochs (KIP-320), v11 rack ids, v12 divergence by epoch (KIP-595),
 *   v13 topic ids (KIP-516), v15 moves the replica id into a tagged field, v16 node endpoints (KIP-951), v18 the follower's high watermark.
 * - A consumer above its quota gets an empty answer with the time to wait (KIP-219), and no session yet.
 * - read_committed ends at the last stable offset and names the aborted transactions that overlap what is returned.
 */

import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { FetchRequest, FetchResponse } from '../../protocol/generated/01-fetch.ts'
import { BATCH_OVERHEAD, readBatchHeader } from '../../protocol/records/batch-header.ts'
import { Writer } from '../../protocol/writer.ts'
import { AclOperation, allowedTopics, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { FetchAnswer, FetchContext, FetchPartition } from '../fetch-sessions.ts'
import { asKafkaError, type Isolation, type Partition } from '../partition.ts'
import type { AnswerReservation } from '../quota/answer-memory.ts'
import { CurrentLeaders } from './current-leaders.ts'

type PartitionData = Draft<FetchResponse['responses'][number]['partitions'][number]>

const TOPIC_IDS_FROM = 13
const REPLICA_STATE_FROM = 15
const ENDPOINTS_FROM = 16
const EMPTY = Buffer.alloc(0)
/** Errors of partitions that were not even looked for in the log; only then the aborted transactions are none rather than unknown. */
const NOT_LOOKED_FOR: readonly number[] = [
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
]

interface Read {
  wanted: FetchPartition
  partition: Partition | undefined
  errorCode: number
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  records: Buffer
  /** Readable end when read: more than that means that there is something new. */
  end: number
  diverging: { epoch: number; endOffset: bigint } | undefined
  aborted: { producerId: bigint; firstOffset: bigint }[] | null
}

const failedRead = (wanted: FetchPartition, partition: Partition | undefined, errorCode: number): Read => ({
  wanted,
  partition,
  errorCode,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  records: EMPTY,
  end: -1,
  diverging: undefined,
  aborted: NOT_LOOKED_FOR.includes(errorCode) ? [] : null,
})

function wantedPartitions({ services, version }: RequestContext, request: FetchRequest): FetchPartition[] {
  return request.topics.flatMap(({ topic, topicId, partitions }) => {
    const name = version >= TOPIC_IDS_FROM ? (services.metadata.topicName(topicId) ?? '') : topic
    return partitions.map((p) => ({
      topic: name,
      topicId,
      partition: p.partition,
      fetchOffset: Number(p.fetchOffset),
      maxBytes: p.partitionMaxBytes,
      currentLeaderEpoch: p.currentLeaderEpoch,
      lastFetchedEpoch: p.lastFetchedEpoch,
    }))
  })
}

/** The offset after whole batches. */
function endOf(records: Buffer): number {
  let end = 0
  for (let at = 0; at + BATCH_OVERHEAD <= records.length; ) {
    const { baseOffset, lastOffsetDelta, sizeBytes } = readBatchHeader(records, at)
    end = baseOffset + lastOffsetDelta + 1
    at += sizeBytes
  }
  return end
}

/** Where a reader's history parts from the log's, if it does (KIP-595). */
function divergence(partition: Partition, wanted: FetchPartition): { epoch: number; endOffset: bigint } | undefined {
  if (wanted.lastFetchedEpoch < 0) return undefined
  const end = partition.log.epochs.endOffsetFor(wanted.lastFetchedEpoch, partition.log.logEndOffset)
  // The reader has been where this log never was: nothing can be said of where they part.
  if (end.epoch < 0) throw new KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
  if (end.epoch === wanted.lastFetchedEpoch && end.endOffset >= wanted.fetchOffset) return undefined
  return { epoch: end.epoch, endOffset: BigInt(end.endOffset) }
}

/** The broker that says it copies partitions; negative for consumers. */
function followerId({ version }: RequestContext, { replicaId, replicaState }: FetchRequest): number {
  return version >= REPLICA_STATE_FROM ? replicaState.replicaId : replicaId
}

/** The topics of a fetch that its sender may read. Another broker may copy all of them or none. */
function readableTopics(context: RequestContext, request: FetchRequest, fetch: FetchContext): ReadonlySet<string> {
  const topics: string[] = []
  for (const { topic } of fetch.partitions) if (topic !== '') topics.push(topic)
  if (followerId(context, request) < 0) return allowedTopics(context, AclOperation.READ, topics)
  return new Set(allowsCluster(context, AclOperation.CLUSTER_ACTION) ? topics : [])
}

class Fetch {
  private readonly context: RequestContext
  private readonly request: FetchRequest
  private readonly fetch: FetchContext
  private readonly isolation: Isolation
  private memory: AnswerReservation | undefined
  private isReading = false
  /** Topics that the client may read. */
  private readonly readable: ReadonlySet<string>

  constructor(context: RequestContext, request: FetchRequest, fetch: FetchContext) {
    this.context = context
    this.request = request
    this.fetch = fetch
    this.isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'
    this.readable = readableTopics(context, request, fetch)
  }

  /** Most bytes of an answer, a larger first batch aside. */
  private get limit(): number {
    const { services, quota } = this.context
    const allowed = this.isFollower ? undefined : quota?.maxFetchBytes
    return Math.max(0, Math.min(this.request.maxBytes, services.config.int('fetch.max.bytes'), allowed ?? Infinity))
  }

  async run(): Promise<Draft<FetchResponse>> {
    const { clock, purgatory } = this.context.services
    const deadlineMs = clock.monotonicMs() + this.request.maxWaitMs
    for (;;) {
      const reads = await this.readAll()
      const leftMs = deadlineMs - clock.monotonicMs()
      if (this.isEnough(reads) || leftMs <= 0) return this.answer(reads)
      const keys = reads.flatMap((read) => (read.partition ? [read.partition.key] : []))
      const isNew = (): boolean =>
        reads.some(
          (read) =>
            read.partition && (read.partition.readableEnd(this.isolation) > read.end || read.partition.log.isClosed),
        )
      const how = await purgatory.wait(keys, leftMs, isNew, this.context.connection.closed)
      if (how === 'timeout') return this.answer(await this.readAll())
    }
  }

  /** The records aren't needed any more. */
  release(): void {
    // The client may be gone in the middle of a read.
    if (this.isReading) this.memory?.forget()
    else this.memory?.release()
  }

  private isEnough(reads: readonly Read[]): boolean {
    if (reads.length === 0) return true
    let bytes = 0
    let waits = false
    for (const read of reads) {
      // What the client may not read doesn't keep it from waiting for the rest.
      if (read.errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED) continue
      waits = true
      if (read.errorCode !== 0 || read.diverging) return true
      bytes += read.records.length
    }
    return !waits || bytes >= Math.min(this.request.minBytes, this.memory?.bytes ?? this.limit)
  }

  private async readAll(): Promise<Read[]> {
    this.memory?.release()
    this.memory = this.context.services.answerMemory.reserve(this.limit)
    let left = this.memory.bytes
    let isFirst = true
    const out: Read[] = []
    this.isReading = true
    for (const wanted of this.fetch.partitions) {
      const read = await this.readOne(wanted, left, isFirst)
      left = Math.max(0, left - read.records.length)
      if (read.records.length > 0) isFirst = false
      out.push(read)
    }
    this.isReading = false
    this.memory.use(out.reduce((sum, read) => sum + read.records.length, 0))
    return out
  }

  private async readOne(wanted: FetchPartition, leftBytes: number, isFirst: boolean): Promise<Read> {
    const { services, version } = this.context
    let partition: Partition | undefined
    try {
      if (version >= TOPIC_IDS_FROM && wanted.topic === '') throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
      if (!this.readable.has(wanted.topic)) throw new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      partition = services.replicas.partition(wanted.topic, wanted.partition)
      // A session keeps names: a topic deleted and made anew under the same one is another topic.
      if (version >= TOPIC_IDS_FROM && partition.topicId !== wanted.topicId) {
        throw new KafkaError(ErrorCode.INCONSISTENT_TOPIC_ID)
      }
      partition.checkLeader()
      if (wanted.currentLeaderEpoch >= 0) partition.checkEpoch(wanted.currentLeaderEpoch)
      if (this.isFollower) partition.checkFollower(followerId(this.context, this.request))
      return await this.readFrom(partition, wanted, leftBytes, isFirst)
    } catch (error) {
      const known = asKafkaError(error)
      if (known instanceof KafkaError) {
        return failedRead(wanted, partition, known.code)
      }
      services.logger.error(
        { err: error, partition: `${wanted.topic}-${wanted.partition}` },
        'a read failed unexpectedly',
      )
      return failedRead(wanted, partition, ErrorCode.UNKNOWN_SERVER_ERROR)
    }
  }

  private async readFrom(
    partition: Partition,
    wanted: FetchPartition,
    leftBytes: number,
    isFirst: boolean,
  ): Promise<Read> {
    const { log } = partition
    const end = partition.readableEnd(this.isolation)
    const diverging = divergence(partition, wanted)
    const records = diverging
      ? EMPTY
      : await log.readAsync({
          startOffset: wanted.fetchOffset,
          maxBytes: Math.min(wanted.maxBytes, leftBytes),
          upperBoundOffset: end,
          minOneBatch: isFirst,
          memory: this.memory,
        })
    const committed = this.isolation === 'read_committed'
    const aborted = committed && records.length > 0 ? log.abortedTransactions(wanted.fetchOffset, endOf(records)) : []
    return {
      wanted,
      partition,
      errorCode: 0,
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.logStartOffset,
      records,
      end,
      diverging,
      aborted: committed
        ? aborted.map((txn) => ({ producerId: BigInt(txn.producerId), firstOffset: BigInt(txn.firstOffset) }))
        : null,
    }
  }

  private get isFollower(): boolean {
    return followerId(this.context, this.request) >= 0
  }

  /** Size of the answer, as consumers are charged for it. */
  private sizeOf(reads: readonly Read[]): number {
    const sent = reads.filter((read) => this.fetch.wouldSend(read.wanted, outcomeOf(read)))
    const writer = new Writer()
    FetchResponse.write(writer, { responses: grouped(sent) }, this.context.version)
    return writer.sizeBytes
  }

  private answer(reads: readonly Read[]): Draft<FetchResponse> {
    const { quota } = this.context
    if (quota && !this.isFollower && quota.mustHoldBack(this.sizeOf(reads))) {
      this.release()
      return { sessionId: this.fetch.holdBack() }
    }
    const sent: Read[] = []
    for (const read of reads) {
      if (read.partition) {
        const counts = this.context.services.metrics.topic(read.wanted.topic)
        counts.fetchRequests++
        counts.bytesOut += read.records.length
      }
      if (this.fetch.shouldSend(read.wanted, outcomeOf(read))) sent.push(read)
    }
    const response: Draft<FetchResponse> = { sessionId: this.fetch.sessionId, responses: grouped(sent) }
    if (this.context.version >= ENDPOINTS_FROM) this.nameLeaders(response)
    return response
  }

  private nameLeaders(response: Draft<FetchResponse>): void {
    const { services, connection } = this.context
    const leaders = new CurrentLeaders(services, connection.listenerName)
    for (const { topicId = ZERO_UUID, partitions = [] } of response.responses ?? []) {
      for (const data of partitions) {
        const { errorCode = 0, partitionIndex = -1 } = data
        const currentLeader = leaders.besides(errorCode, services.metadata.topicName(topicId), partitionIndex)
        if (currentLeader) data.currentLeader = currentLeader
      }
    }
    // Brokers know where the others are.
    if (!this.isFollower) response.nodeEndpoints = leaders.nodeEndpoints
  }
}

const outcomeOf = ({ highWatermark, logStartOffset, errorCode, records, diverging }: Read): FetchAnswer => ({
  ...{ highWatermark, logStartOffset, errorCode },
  sizeBytes: records.length + (diverging ? 1 : 0),
})

/** Results by topic. */
function grouped(reads: readonly Read[]): { topic: string; topicId: string; partitions: PartitionData[] }[] {
  const topics = new Map<string, { topic: string; topicId: string; partitions: PartitionData[] }>()
  for (const read of reads) {
    const { topic, topicId } = read.wanted
    const key = `${topic}/${topicId}`
    const entry = topics.get(key) ?? { topic, topicId, partitions: [] }
    topics.set(key, entry)
    entry.partitions.push(partitionData(read))
  }
  return [...topics.values()]
}

function partitionData(read: Read): PartitionData {
  const data: PartitionData = {
    partitionIndex: read.wanted.partition,
    errorCode: read.errorCode,
    highWatermark: BigInt(read.highWatermark),
    lastStableOffset: BigInt(read.lastStableOffset),
    logStartOffset: BigInt(read.logStartOffset),
    abortedTransactions: read.aborted,
    records: read.records,
  }
  if (read.diverging) data.divergingEpoch = read.diverging
  return data
}

export const fetch = defineApi<FetchRequest, FetchResponse>({
  request: FetchRequest,
  response: FetchResponse,
  min: 4,
  max: 18,
  handle(context, request) {
    const { services, version } = context
    const byId = version >= TOPIC_IDS_FROM
    const forgotten = request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((partition) => ({ topic, topicId, partition })),
    )
    const wanted = wantedPartitions(context, request)
    // Before v7 there are no sessions: each request stands for itself.
    const epoch = version < 7 ? -1 : request.sessionEpoch
    const opened = services.fetchSessions.open(request.sessionId, epoch, wanted, forgotten, byId)
    if (!opened.ok) return { errorCode: opened.errorCode }
    const run = new Fetch(context, request, opened.context)
    context.whenSent(() => run.release())
    return run.run()
  },
  failure: (request, errorCode) => ({
    errorCode,
    responses: request.topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode,
        highWatermark: -1n,
        records: EMPTY,
      })),
    })),
  }),
})
