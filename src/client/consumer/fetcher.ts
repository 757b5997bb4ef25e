import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { FetchRequest, FetchResponse, type FetchResponsePartitionData } from '../../protocol/generated/01-fetch.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { AssignedPartition, Assignment } from './assignment.ts'
import { offsetAfter } from './fetched.ts'
import type { ConsumerSettings } from './settings.ts'

/** Topics are named by id from this version of Fetch on (KIP-516). */
const BY_ID_SINCE = 13
/** How much longer than fetch.max.wait.ms an answer may take is request.timeout.ms. */
const READ_COMMITTED = 1

/** What the fetcher tells its consumer. */
export interface FetcherOwner {
  readonly assignment: Assignment
  /** Something arrived, or may be tried again. */
  raise(): void
  /** An error the application has to see, at its next poll. */
  report(error: Error): void
  /** The position is no longer in the log. */
  outOfRange(partition: AssignedPartition): void
}

/**
 * Keeps one fetch under way per broker, for all its partitions that have nothing buffered. So the next data is on its way while
 * the application works on the last, and at most one answer per broker (fetch.max.bytes) and what it left is in memory.
 */
export class Fetcher {
  private readonly cluster: Cluster
  private readonly settings: ConsumerSettings
  private readonly owner: FetcherOwner
  private readonly busy = new Set<number>()
  private readonly refreshing = new Set<string>()

  constructor(cluster: Cluster, settings: ConsumerSettings, owner: FetcherOwner) {
    this.cluster = cluster
    this.settings = settings
    this.owner = owner
  }

  /** Sends what can be sent; returns at once. */
  sendFetches(): void {
    const byNode = new Map<number, AssignedPartition[]>()
    for (const partition of this.owner.assignment) {
      if (partition.position === null || partition.paused || partition.buffered || partition.isBackingOff) continue
      const leader = this.cluster.metadata.topics.get(partition.topic)?.partitions[partition.partition]?.leaderId ?? -1
      if (leader < 0) {
        this.refresh(partition)
        continue
      }
      if (this.busy.has(leader)) continue
      const list = byNode.get(leader)
      if (list) list.push(partition)
      else byNode.set(leader, [partition])
    }
    for (const [nodeId, partitions] of byNode) {
      this.busy.add(nodeId)
      this.fetch(nodeId, partitions)
        .catch((error: unknown) => this.failed(partitions, error as Error))
        .finally(() => {
          this.busy.delete(nodeId)
          this.owner.raise()
        })
    }
  }

  private async fetch(nodeId: number, partitions: AssignedPartition[]): Promise<void> {
    const { settings } = this
    const connection = await this.cluster.connectNode(nodeId, 'fetch')
    const idOf = (topic: string): string => this.cluster.metadata.topics.get(topic)?.topicId ?? ZERO_UUID
    const allHaveIds = partitions.every(({ topic }) => idOf(topic) !== ZERO_UUID)
    const version = connection.versions.pick(FetchRequest, allHaveIds ? FetchRequest.maxVersion : BY_ID_SINCE - 1)
    const offsets = new Map(partitions.map((partition) => [partition.key, partition.fetchOffset]))
    const topics = new Map<string, AssignedPartition[]>()
    for (const partition of partitions) topics.set(partition.topic, [...(topics.get(partition.topic) ?? []), partition])
    const message = {
      maxWaitMs: settings.fetchMaxWaitMs,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      isolationLevel: settings.isolationLevel === 'read_committed' ? READ_COMMITTED : 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [...topics].map(([topic, list]) => ({
        ...(version >= BY_ID_SINCE ? { topicId: idOf(topic) } : { topic }),
        partitions: list.map(({ partition, fetchOffset }) => ({
          partition,
          currentLeaderEpoch: this.cluster.metadata.topics.get(topic)?.partitions[partition]?.leaderEpoch ?? -1,
          fetchOffset: BigInt(fetchOffset),
          partitionMaxBytes: settings.maxPartitionFetchBytes,
        })),
      })),
      ...(version >= 11 ? { rackId: settings.clientRack } : {}),
    }
    const timeoutMs = settings.requestTimeoutMs + settings.fetchMaxWaitMs
    const answer = await connection.send(FetchRequest, FetchResponse, message, { version, timeoutMs })
    if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode)
    let sizeBytes = 0
    const quiet: (() => void)[] = []
    for (const response of answer.responses) {
      const topic = version >= BY_ID_SINCE ? this.cluster.metadata.namesById.get(response.topicId) : response.topic
      for (const data of response.partitions) {
        const partition =
          topic === undefined ? undefined : this.owner.assignment.get({ topic, partition: data.partitionIndex })
        // What was asked for may have been revoked or moved by a seek meanwhile.
        if (!partition || partition.position === null || partition.fetchOffset !== offsets.get(partition.key)) continue
        this.take(partition, data)
        sizeBytes += data.records?.length ?? 0
        if (data.errorCode !== ErrorCode.NONE) continue
        const end = settings.isolationLevel === 'read_committed' ? data.lastStableOffset : data.highWatermark
        quiet.push(() => {
          partition.nothingUntil = Number(end)
        })
      }
    }
    // An answer that is full leaves partitions out; one without any record doesn't.
    if (sizeBytes === 0) for (const note of quiet) note()
  }

  private take(partition: AssignedPartition, data: FetchResponsePartitionData): void {
    if (data.errorCode !== ErrorCode.NONE) {
      this.partitionFailed(partition, data.errorCode)
      return
    }
    partition.highWatermark = Number(data.highWatermark)
    const { records } = data
    if (records === null || records.length === 0) return
    const fetchOffset = partition.fetchOffset
    const nextOffset = offsetAfter(records, fetchOffset)
    if (nextOffset === fetchOffset) {
      const text = `The broker's answer for ${partition.key} at offset ${fetchOffset} holds ${records.length} bytes but no whole batch.`
      throw new ClientError('protocol', text, { nextStep: 'Raise fetch.max.bytes and max.partition.fetch.bytes.' })
    }
    partition.fetchOffset = nextOffset
    partition.buffered = {
      topic: partition.topic,
      partition: partition.partition,
      fetchOffset,
      nextOffset,
      highWatermark: Number(data.highWatermark),
      lastStableOffset: Number(data.lastStableOffset),
      logStartOffset: Number(data.logStartOffset),
      buffer: records,
      abortedTransactions: (data.abortedTransactions ?? []).map((aborted) => ({
        producerId: Number(aborted.producerId),
        firstOffset: Number(aborted.firstOffset),
      })),
    }
    this.owner.assignment.rotate(partition)
  }

  private partitionFailed(partition: AssignedPartition, code: number): void {
    if (code === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.owner.outOfRange(partition)
      return
    }
    const error = new KafkaError(code)
    const retried = error.retriable || code === ErrorCode.UNKNOWN_SERVER_ERROR
    if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) {
      this.owner.report(new KafkaError(code, `Not authorized to access topics: [${partition.topic}]`))
    } else if (!retried || code === ErrorCode.CORRUPT_MESSAGE) {
      this.owner.report(error)
    }
    this.backOff(partition)
    if (error.invalidMetadata || error.retriable) this.refresh(partition)
  }

  private failed(partitions: AssignedPartition[], error: Error): void {
    const retriable = (error instanceof ClientError || error instanceof KafkaError) && error.retriable
    if (!retriable) {
      if (!(error instanceof ClientError && error.reason === 'closed')) this.owner.report(error)
      return
    }
    this.cluster.noteRetriable(error)
    for (const partition of partitions) this.backOff(partition)
    const [first] = partitions
    if (first) this.refresh(first)
  }

  private backOff(partition: AssignedPartition): void {
    partition.backOff(this.settings.retryBackoffMs, () => this.owner.raise())
  }

  /** Learns the leaders of a partition's topic anew, no more often than retry.backoff.ms. */
  private refresh(partition: AssignedPartition): void {
    const { topic } = partition
    if (this.refreshing.has(topic)) return
    this.refreshing.add(topic)
    this.cluster
      .refresh([topic], { allowAutoTopicCreation: this.settings.allowAutoCreateTopics })
      .catch((error: unknown) => this.cluster.noteRetriable(error))
      .finally(() => {
        setTimeout(() => {
          this.refreshing.delete(topic)
          this.owner.raise()
        }, this.settings.retryBackoffMs)
      })
  }
}
