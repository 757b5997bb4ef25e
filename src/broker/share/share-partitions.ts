import type { Clock } from '../../base/clock.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { ClientConnection } from '../define-api.ts'
import type { Logger } from '../logger.ts'
import { asKafkaError, type Isolation, type Partition } from '../partition.ts'
import type { Purgatory } from '../purgatory.ts'
import type { Replicas } from '../replicas.ts'
import { persistError, SharePartition, type SharePartitionConfig } from './share-partition.ts'
import { type SessionPartition, type ShareSession, ShareSessions } from './share-sessions.ts'
import { coordinatorKey, type SharePartitionKey } from './share-state.ts'
import type { ShareStateCoordinator } from './state-coordinator.ts'

/** A group's configs for reading. */
export interface ShareGroupConfig extends SharePartitionConfig {
  /** share.isolation.level */
  readonly isolation: Isolation
  /** share.auto.offset.reset: a duration is that of by_duration, in milliseconds. */
  readonly autoOffsetReset: 'earliest' | 'latest' | { readonly durationMs: number }
}

export interface SharePartitionsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly replicas: Replicas
  readonly purgatory: Purgatory
  readonly state: ShareStateCoordinator
  topicName(topicId: string): string | undefined
  groupConfig(groupId: string): ShareGroupConfig
  /** group.share.max.share.sessions */
  maxSessions(): number
}

/** Key under which requests wait for a share partition. */
export function purgatoryKey(key: SharePartitionKey): string {
  return `share:${coordinatorKey(key)}`
}

/** The share partitions this broker leads and the sessions that read them. Those of a group go when its last session ends. */
export class SharePartitions {
  readonly sessions: ShareSessions
  readonly #options: SharePartitionsOptions
  readonly #groups = new Map<string, Map<string, Promise<SharePartition>>>()
  readonly #loaded = new Map<string, SharePartition>()
  /** The sessions begun over each connection. */
  readonly #connections = new WeakMap<AbortSignal, Map<string, ShareSession>>()

  constructor(options: SharePartitionsOptions) {
    this.#options = options
    this.sessions = new ShareSessions(() => options.maxSessions())
  }

  groupConfig(groupId: string): ShareGroupConfig {
    return this.#options.groupConfig(groupId)
  }

  /** A partition this broker leads. @throws KafkaError */
  partition({ topicId, partition }: SessionPartition): Partition {
    const name = this.#options.topicName(topicId)
    if (name === undefined) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
    const found = this.#options.replicas.partition(name, partition)
    found.checkLeader()
    return found
  }

  /** A share partition that was read before; undefined when there is none. */
  find(key: SharePartitionKey): SharePartition | undefined {
    return this.#loaded.get(coordinatorKey(key))
  }

  /** A share partition, its state read if need be. @throws KafkaError */
  async get(key: SharePartitionKey): Promise<SharePartition> {
    const partition = this.partition(key)
    const id = coordinatorKey(key)
    const known = this.#loaded.get(id)
    if (known !== undefined && known.leaderEpoch === partition.leaderEpoch) return known
    if (known !== undefined) this.#drop(key)
    const group = this.#groups.get(key.groupId) ?? new Map<string, Promise<SharePartition>>()
    this.#groups.set(key.groupId, group)
    let loading = group.get(id)
    if (loading === undefined) {
      const started = this.#load(key, partition)
      loading = started
      group.set(id, started)
      started.then(
        (loaded) => {
          // Dropped while it was read: the next request begins anew.
          if (this.#groups.get(key.groupId)?.get(id) !== started) loaded.close()
          else this.#loaded.set(id, loaded)
        },
        () => {
          if (this.#groups.get(key.groupId)?.get(id) === started) this.#forget(key)
        },
      )
    }
    return await loading
  }

  async #load(key: SharePartitionKey, partition: Partition): Promise<SharePartition> {
    const { clock, logger, purgatory, state } = this.#options
    const { leaderEpoch } = partition
    try {
      const persisted = await state.read(key, leaderEpoch)
      const startOffset = persisted.startOffset === -1 ? await this.#resetOffset(key, partition) : persisted.startOffset
      const loaded: SharePartition = new SharePartition(
        {
          key,
          leaderEpoch,
          clock,
          logger,
          config: () => this.#options.groupConfig(key.groupId),
          write: (write) => state.write(key, write),
          changed: () => purgatory.wake(purgatoryKey(key)),
          fenced: () => {
            logger.info({ ...key }, 'share partition dropped: its state is another one now')
            if (this.find(key) === loaded) this.#drop(key)
          },
        },
        { ...persisted, startOffset },
      )
      loaded.logStartMoved(partition.log.logStartOffset)
      return loaded
    } catch (error) {
      throw persistError(asKafkaError(error))
    }
  }

  /** Where a group begins to read, by its share.auto.offset.reset. */
  async #resetOffset({ groupId }: SharePartitionKey, { log }: Partition): Promise<number> {
    const { autoOffsetReset } = this.#options.groupConfig(groupId)
    if (autoOffsetReset === 'earliest') return log.logStartOffset
    if (autoOffsetReset === 'latest') return log.highWatermark
    const found = await log.offsetForTimestamp(this.#options.clock.nowMs() - autoOffsetReset.durationMs)
    return found === null || found.offset > log.highWatermark ? log.highWatermark : found.offset
  }

  /** Ends the session when its connection ends, unless it has moved to another by then. */
  endWithConnection({ groupId, memberId }: ShareSession, connection: Pick<ClientConnection, 'id' | 'closed'>): void {
    const { id, closed } = connection
    const members = this.#connections.get(closed) ?? new Map<string, ShareSession>()
    const end = (): void => {
      for (const each of members.values()) void this.#endIfOf(each, id)
    }
    if (members.size === 0) {
      this.#connections.set(closed, members)
      if (!closed.aborted) closed.addEventListener('abort', end, { once: true })
    }
    for (const [key, each] of members) if (!this.#isOf(each, id)) members.delete(key)
    const session = this.sessions.ofConnection(groupId, memberId, id)
    if (session !== undefined) members.set(`${memberId}:${groupId}`, session)
    if (closed.aborted) end()
  }

  #isOf({ groupId, memberId }: ShareSession, connectionId: number): boolean {
    return this.sessions.ofConnection(groupId, memberId, connectionId) !== undefined
  }

  async #endIfOf(session: ShareSession, connectionId: number): Promise<void> {
    if (this.#isOf(session, connectionId)) await this.endSession(session.groupId, session.memberId)
  }

  /** Ends a member's session, if it has one, and makes what it holds available to others. */
  async endSession(groupId: string, memberId: string): Promise<void> {
    const partitions = this.sessions.remove(groupId, memberId)
    if (partitions === undefined) return
    const shares = partitions.flatMap(({ topicId, partition }) => this.find({ groupId, topicId, partition }) ?? [])
    await Promise.all(shares.map((share) => share.release(memberId).catch(this.#notReleased)))
    if (!this.sessions.hasGroup(groupId)) this.#dropGroup(groupId)
  }

  #notReleased = (error: unknown): void => {
    this.#options.logger.warn({ error }, 'records of a member that left could not be released; their lock will end')
  }

  /** Drops the share partitions of a deleted topic. */
  onTopicDeleted(topicId: string): void {
    for (const { key } of [...this.#loaded.values()]) if (key.topicId === topicId) this.#drop(key)
  }

  close(): void {
    for (const groupId of [...this.#groups.keys()]) this.#dropGroup(groupId)
  }

  #dropGroup(groupId: string): void {
    const ids = [...(this.#groups.get(groupId)?.keys() ?? [])]
    this.#groups.delete(groupId)
    for (const id of ids) {
      const loaded = this.#loaded.get(id)
      this.#loaded.delete(id)
      loaded?.close()
    }
  }

  #drop(key: SharePartitionKey): void {
    const loaded = this.find(key)
    this.#forget(key)
    loaded?.close()
  }

  #forget(key: SharePartitionKey): void {
    const id = coordinatorKey(key)
    this.#loaded.delete(id)
    const group = this.#groups.get(key.groupId)
    group?.delete(id)
    if (group?.size === 0) this.#groups.delete(key.groupId)
  }
}
