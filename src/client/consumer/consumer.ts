import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ensureBatchCodecs } from '../../protocol/records/batch-reader.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { pause } from '../backoff.ts'
import { changeGuard } from '../change-guard.ts'
import { ClientError } from '../client-error.ts'
import { Cluster } from '../cluster.ts'
import { completeSettings } from '../settings.ts'
import { Signal } from '../signal.ts'
import { type OffsetAndMetadata, type OffsetSpec, type TopicPartition, topicPartitionKey } from '../types.ts'
import { type AssignedPartition, Assignment } from './assignment.ts'
import { type FetchedPartition, readFetched } from './fetched.ts'
import { Fetcher, type FetcherOwner } from './fetcher.ts'
import type { Membership, MembershipOwner } from './membership.ts'
import { commitOffsets, fetchCommitted, type GroupMetadata, resetPositions, resetSpec } from './offsets.ts'
import { CONSUMER_DEFAULTS, type ConsumerSettings } from './settings.ts'
import { SubscribedTopics, type Subscription } from './subscription.ts'

const NO_IDENTITY = { generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null }

/**
 * A consumer after Java's KafkaConsumer, for streams of records: `poll` hands out raw batches, and `consume` reads them without an
 * object per record.
 *
 * Two offsets per partition: fetching runs ahead by itself, while the *position* (the next offset the application will get, which
 * is what gets committed) moves only by `consume`, `advance` and the seeks. What `poll` handed out isn't fetched again, consumed
 * or not, unless the position is set back by a seek.
 */
export class Consumer implements FetcherOwner, MembershipOwner {
  readonly settings: ConsumerSettings
  readonly cluster: Cluster
  readonly assignment = new Assignment()
  lastPollMs = performance.now()
  private readonly fetcher: Fetcher
  private readonly signal = new Signal()
  private subscribed: SubscribedTopics | null = null
  private membership: Membership | null = null
  private openingMembership: Promise<void> | null = null
  private error: Error | null = null
  private wakened = false
  private locating: Promise<void> | null = null
  private lastCommitWarning = ''
  private committing: Promise<void> | null = null
  private nextCommitMs = Number.POSITIVE_INFINITY
  private closed = false
  /** What of a group's this consumer will change, until the change guard has agreed. */
  private unasked: 'joinGroup' | 'commitOffsets' | null = null
  /** The application waits in `poll` and holds nothing unread. */
  private polling = false
  private held: { keys: ReadonlySet<string>; drained: boolean } | null = null

  constructor(settings: Partial<ConsumerSettings> & Pick<ConsumerSettings, 'bootstrapServers'>) {
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    const common = completeSettings({ ...CONSUMER_DEFAULTS, ...settings })
    this.settings = { ...CONSUMER_DEFAULTS, ...common, ...given } as ConsumerSettings
    this.cluster = new Cluster(this.settings)
    this.fetcher = new Fetcher(this.cluster, this.settings, this)
  }

  /**
   * Subscribes as a member of `groupId`; the partitions come with the polls.
   *
   * @throws ClientError 'config' without a group, or for a server-side pattern in a classic group
   */
  subscribe(subscription: Subscription): void {
    const { groupId, groupProtocol, enableAutoCommit } = this.settings
    if (groupId === null) {
      throw new ClientError(
        'config',
        'To use the group management or offset commit APIs, you must provide a valid group.id in the consumer configuration.',
        {
          exceptionClass: 'org.apache.kafka.common.errors.InvalidGroupIdException',
        },
      )
    }
    if ('serverPattern' in subscription && groupProtocol !== 'CONSUMER') {
      throw new ClientError('config', 'A pattern for the broker needs group.protocol=consumer.')
    }
    const joinsOthers = !('isOwnGroup' in subscription && subscription.isOwnGroup)
    this.unasked = joinsOthers ? 'joinGroup' : enableAutoCommit ? 'commitOffsets' : null
    const changed = (): void => {
      this.membership?.subscriptionChanged()
      this.raise()
    }
    this.subscribed = new SubscribedTopics(this.cluster, this.settings, subscription, changed, () => this.raise())
    changed()
  }

  /** Whoever may not join the group, or commit for it, is told before anything is read. */
  private async askGuard(what: string): Promise<void> {
    await changeGuard()?.beforeChange(what, this.settings.groupId ?? undefined)
    this.unasked = null
  }

  /** Reads exactly these partitions, without a membership; offsets are committed if there is a group. */
  assign(partitions: readonly TopicPartition[]): void {
    if (this.subscribed === null && this.settings.enableAutoCommit && this.settings.groupId !== null) {
      this.unasked = 'commitOffsets'
    }
    this.held = null
    this.assignment.replace(partitions)
    if (this.nextCommitMs === Number.POSITIVE_INFINITY) this.scheduleCommit()
    this.raise()
  }

  /** Partitions read at the moment. */
  assignedPartitions(): TopicPartition[] {
    return this.assignment.list()
  }

  /**
   * Waits up to `timeoutMs` for data and hands out all that was fetched; the next fetches are then already on their way. [] when
   * nothing came. Also does the work of the group: joins, follows rebalances, commits in intervals.
   *
   * @throws ClientError 'wakeup' after `wakeup()`, 'no-offset' with auto.offset.reset=none; KafkaError and ClientError for what
   *   retrying can't cure
   */
  async poll(timeoutMs: number): Promise<FetchedPartition[]> {
    if (this.closed) throw new ClientError('closed', 'This consumer has already been closed.')
    this.polling = true
    if (this.held) this.held.drained = true
    try {
      return await this.pollUntil(performance.now() + timeoutMs)
    } finally {
      this.polling = false
    }
  }

  private async pollUntil(deadlineMs: number): Promise<FetchedPartition[]> {
    if (this.unasked !== null) await this.askGuard(this.unasked)
    for (;;) {
      this.lastPollMs = performance.now()
      this.throwPending()
      this.subscribed?.poll()
      this.pollMembership()
      this.autoCommit()
      this.locate()
      this.fetcher.sendFetches()
      const fetched = this.takeBuffered()
      if (fetched.length > 0) {
        this.polling = false
        this.fetcher.sendFetches()
        for (const { buffer } of fetched) await ensureBatchCodecs(buffer)
        return fetched
      }
      const remainingMs = deadlineMs - performance.now()
      if (remainingMs <= 0) return []
      await this.signal.wait(Math.min(remainingMs, Math.max(1, this.nextCommitMs - performance.now())))
    }
  }

  /**
   * Reads the records of what `poll` handed out and moves the position past those read. Synchronous; see readFetched.
   *
   * @param visitor returns false to stop after the current record: the rest of `fetched` is then not consumed.
   * @returns the offset of the next record
   * @throws CorruptRecordError for a batch that fails its checksum
   */
  consume(fetched: FetchedPartition, visitor: (cursor: RecordCursor) => unknown): number {
    const { checkCrcs, isolationLevel } = this.settings
    const options = { checkCrcs, readCommitted: isolationLevel === 'read_committed' }
    const { nextOffset, leaderEpoch } = readFetched(fetched, options, visitor)
    this.advance(fetched, nextOffset, leaderEpoch)
    return nextOffset
  }

  /** Moves a partition's position to `nextOffset` without touching what is fetched; ignored when it is no longer assigned. */
  advance(tp: TopicPartition, nextOffset: number, leaderEpoch = -1): void {
    const partition = this.assignment.get(tp)
    if (partition === undefined || partition.position === null) return
    partition.position = nextOffset
    if (leaderEpoch >= 0) partition.leaderEpoch = leaderEpoch
  }

  /** The next offset the application will get; null before it is known or when the partition isn't assigned. */
  position(tp: TopicPartition): number | null {
    return this.assignment.get(tp)?.position ?? null
  }

  /** High watermark as of the last fetch; null before. */
  highWatermark(tp: TopicPartition): number | null {
    const highWatermark = this.assignment.get(tp)?.highWatermark ?? -1
    return highWatermark < 0 ? null : highWatermark
  }

  /** See AssignedPartition; -1 while something that was fetched is unread. */
  nothingUntil(tp: TopicPartition): number {
    const partition = this.assignment.get(tp)
    return partition === undefined || partition.position !== partition.fetchOffset ? -1 : partition.nothingUntil
  }

  /** Whether this consumer has what it is to read for now: a member that isn't in a rebalance, or any that is not a member. */
  get isSettled(): boolean {
    if (this.subscribed === null) return true
    return (this.membership?.identity.generationIdOrMemberEpoch ?? -1) >= 0 && this.membership?.isRebalancing === false
  }

  /**
   * The group and this member of it, for `Producer.sendOffsets`. It changes with every rebalance: ask for it when offsets are sent.
   *
   * @throws ClientError 'config' without a group.id
   */
  get groupMetadata(): GroupMetadata {
    const { groupId } = this.settings
    if (groupId === null) throw new ClientError('config', 'Group metadata needs a group.id.')
    return { groupId, ...(this.membership?.identity ?? NO_IDENTITY) }
  }

  /** Goes on from an offset, or from a place in the log that is looked up at the next poll. */
  seek(tp: TopicPartition, to: OffsetSpec | { offset: number }): void {
    const partition = this.assignment.get(tp)
    if (partition === undefined) {
      throw new ClientError('config', `No current assignment for partition ${topicPartitionKey(tp)}`, {
        exceptionClass: 'java.lang.IllegalStateException',
      })
    }
    if (typeof to === 'object') partition.seek(to.offset)
    else partition.forget(to)
    this.raise()
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const tp of partitions) {
      const partition = this.assignment.get(tp)
      if (partition) partition.paused = true
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const tp of partitions) {
      const partition = this.assignment.get(tp)
      if (partition) partition.paused = false
    }
    this.raise()
  }

  /** Makes the poll under way, or the next one, throw ClientError 'wakeup'. May be called from a signal handler. */
  wakeup(): void {
    this.wakened = true
    this.raise()
  }

  /**
   * Commits offsets, by default all positions, and waits for it; retries what can be retried for default.api.timeout.ms.
   *
   * @throws KafkaError: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS … when the group has moved on
   */
  async commitSync(offsets?: ReadonlyMap<TopicPartition, OffsetAndMetadata>, timeoutMs?: number): Promise<void> {
    await this.committing?.catch(() => {})
    const { groupId, defaultApiTimeoutMs, retryBackoffMs } = this.settings
    if (groupId === null) throw new ClientError('config', 'Committing needs a group.id.')
    const deadlineMs = performance.now() + (timeoutMs ?? defaultApiTimeoutMs)
    for (;;) {
      const committed = offsets ?? this.positions()
      if (committed.size === 0) return
      try {
        await commitOffsets(this.cluster, groupId, committed, this.membership?.identity ?? NO_IDENTITY)
        return
      } catch (error) {
        const known = error instanceof KafkaError || error instanceof ClientError
        const stale = error instanceof KafkaError && error.code === ErrorCode.STALE_MEMBER_EPOCH
        if (!known || !(error.retriable || stale) || performance.now() + retryBackoffMs > deadlineMs) throw error
        this.cluster.noteRetriable(error)
        await pause(retryBackoffMs)
      }
    }
  }

  /** All known positions, as they would be committed. */
  positions(): Map<TopicPartition, OffsetAndMetadata> {
    const positions = new Map<TopicPartition, OffsetAndMetadata>()
    for (const partition of this.assignment) {
      const { topic, partition: number, position, leaderEpoch } = partition
      if (position === null) continue
      const epoch = leaderEpoch < 0 ? null : leaderEpoch
      positions.set({ topic, partition: number }, { offset: position, leaderEpoch: epoch, metadata: '' })
    }
    return positions
  }

  /** Commits if it does so by itself, leaves the group and closes the connections; takes at most `timeoutMs` for it. */
  async close(timeoutMs = 30_000): Promise<void> {
    if (this.closed) return
    this.closed = true
    const farewell = async (): Promise<void> => {
      if (this.autoCommits && this.cluster.hasEverConnected) {
        await this.commitSync(undefined, timeoutMs).catch((error: unknown) => this.commitFailed(error))
      }
      await this.membership?.leave()
    }
    await Promise.race([farewell(), pause(timeoutMs, this.cluster.closeSignal)])
    await this.cluster.close()
  }

  // What follows is called by the fetcher and the membership.

  raise(): void {
    this.signal.raise()
  }

  report(error: Error): void {
    this.error ??= error
    this.raise()
  }

  outOfRange(partition: AssignedPartition): void {
    const reset = resetSpec(this.settings)
    if (reset === null) {
      const text = `Fetch position ${partition.fetchOffset} is out of range for partition ${partition.key}`
      const exceptionClass = 'org.apache.kafka.clients.consumer.OffsetOutOfRangeException'
      this.report(
        new ClientError('no-offset', text, {
          exceptionClass,
          nextStep: 'Set auto.offset.reset, or seek to an offset that exists.',
        }),
      )
    }
    partition.forget(reset)
  }

  subscribedTopics(): string[] {
    return this.subscribed?.list() ?? []
  }

  get serverPattern(): string | null {
    return this.subscribed?.serverPattern ?? null
  }

  hold(partitions: readonly TopicPartition[]): void {
    const keys = new Set(partitions.map(topicPartitionKey))
    // The same hold again doesn't undo what was drained meanwhile.
    const drained = this.polling || (this.held?.drained === true && [...keys].every((key) => this.held?.keys.has(key)))
    this.held = { keys, drained }
  }

  get isDrained(): boolean {
    return this.held === null || this.held.drained
  }

  async commitPositions(): Promise<void> {
    const revoked = this.assignment.list().filter((tp) => this.held?.keys.has(topicPartitionKey(tp)))
    if (revoked.length > 0) await this.settings.beforeRevoke?.(revoked)
    if (!this.autoCommits || this.assignment.size === 0) return
    await this.commitSync(undefined, Math.min(5000, this.settings.requestTimeoutMs)).catch((e: unknown) =>
      this.commitFailed(e),
    )
  }

  lose(): void {
    this.held = null
    this.assignment.replace([])
    this.raise()
  }

  // The consumer's own work.

  private get autoCommits(): boolean {
    return this.settings.enableAutoCommit && this.settings.groupId !== null
  }

  private throwPending(): void {
    if (this.wakened) {
      this.wakened = false
      throw new ClientError('wakeup', 'The consumer was woken up.')
    }
    const { error } = this
    this.error = null
    if (error) throw error
  }

  private pollMembership(): void {
    if (!this.subscribed?.isKnown) return
    if (this.membership) this.membership.poll()
    else this.openingMembership ??= this.openMembership()
  }

  private async openMembership(): Promise<void> {
    const { groupId, groupProtocol } = this.settings
    if (groupId === null) return
    try {
      this.membership =
        groupProtocol === 'CONSUMER'
          ? new (await import('./consumer-group.ts')).ConsumerGroup(this.cluster, this.settings, groupId, this)
          : new (await import('./classic-group.ts')).ClassicGroup(this.cluster, this.settings, groupId, this)
      this.raise()
    } catch (error) {
      this.report(error as Error)
    }
  }

  private takeBuffered(): FetchedPartition[] {
    const fetched: FetchedPartition[] = []
    for (const partition of this.assignment) {
      if (partition.buffered === null || partition.paused || this.held?.keys.has(partition.key)) continue
      fetched.push(partition.buffered)
      partition.buffered = null
    }
    return fetched
  }

  /** Looks up the positions that are missing, one round at a time. */
  private locate(): void {
    if (this.locating !== null) return
    const missing = [...this.assignment].filter((p) => p.position === null && !p.isBackingOff)
    if (missing.length === 0) return
    this.locating = this.locateAll(missing)
      .catch((error: unknown) => this.locateFailed(missing, error))
      .finally(() => {
        this.locating = null
        this.raise()
      })
  }

  private async locateAll(missing: AssignedPartition[]): Promise<void> {
    const { groupId } = this.settings
    const uncommitted = missing.filter((partition) => partition.reset === null)
    if (groupId !== null && uncommitted.length > 0) {
      const committed = await fetchCommitted(
        this.cluster,
        groupId,
        uncommitted,
        this.membership?.identity ?? NO_IDENTITY,
      )
      for (const partition of uncommitted) {
        const offset = committed.get(partition.key)
        if (offset && partition.position === null) partition.seek(offset.offset, offset.leaderEpoch ?? -1)
      }
    }
    const reset = resetSpec(this.settings)
    const rest = missing.filter((partition) => partition.position === null)
    const undefinedKeys = rest.filter((partition) => partition.reset === null).map((partition) => partition.key)
    if (reset === null && undefinedKeys.length > 0) {
      throw new ClientError(
        'no-offset',
        `Undefined offset with no reset policy for partitions: [${undefinedKeys.join(', ')}]`,
        {
          nextStep: 'Set auto.offset.reset to earliest or latest.',
        },
      )
    }
    for (const partition of rest) partition.reset ??= reset
    await resetPositions(this.cluster, this.settings, rest)
    this.backOff(rest.filter((partition) => partition.position === null))
  }

  private locateFailed(missing: AssignedPartition[], error: unknown): void {
    const retried =
      error instanceof KafkaError &&
      [ErrorCode.STALE_MEMBER_EPOCH, ErrorCode.UNKNOWN_MEMBER_ID].some((c) => c === error.code)
    if (!retried) {
      if (!this.closed) this.report(error as Error)
      return
    }
    this.backOff(missing)
  }

  private backOff(partitions: readonly AssignedPartition[]): void {
    for (const partition of partitions) partition.backOff(this.settings.retryBackoffMs, () => this.raise())
  }

  private scheduleCommit(): void {
    if (this.autoCommits) this.nextCommitMs = performance.now() + this.settings.autoCommitIntervalMs
  }

  private autoCommit(): void {
    if (!this.autoCommits) return
    if (this.nextCommitMs === Number.POSITIVE_INFINITY) this.scheduleCommit()
    if (performance.now() < this.nextCommitMs || this.committing !== null || this.membership?.isRebalancing) return
    this.scheduleCommit()
    const { groupId } = this.settings
    const positions = this.positions()
    if (groupId === null || positions.size === 0) return
    this.committing = commitOffsets(this.cluster, groupId, positions, this.membership?.identity ?? NO_IDENTITY)
      .then(
        () => {
          this.lastCommitWarning = ''
        },
        (error: unknown) => this.commitFailed(error),
      )
      .finally(() => {
        this.committing = null
      })
  }

  /** A commit in the background that fails is tried again with the next; the user is told. */
  private commitFailed(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    // Once an outage is enough, however often it is tried.
    if (text !== this.lastCommitWarning)
      this.settings.warn(`Offset commit for group ${this.settings.groupId} failed: ${text}`)
    this.lastCommitWarning = text
    if ((error instanceof KafkaError || error instanceof ClientError) && error.retriable) {
      this.nextCommitMs = performance.now() + this.settings.retryBackoffMs
    }
  }
}
