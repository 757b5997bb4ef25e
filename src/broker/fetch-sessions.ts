import { randomInt } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { ErrorCode } from '../protocol/errors.ts'

/** What a client wants of one partition. */
export interface FetchPartition {
  topic: string
  topicId: string
  partition: number
  fetchOffset: number
  maxBytes: number
  currentLeaderEpoch: number
  lastFetchedEpoch: number
}

interface CachedPartition extends FetchPartition {
  /** What the client was last told; -1 before the first answer. */
  sentHighWatermark: number
  sentLogStartOffset: number
}

interface Session {
  id: number
  epoch: number
  lastUsedMs: number
  createdMs: number
  usesTopicIds: boolean
  /** In the order they are served; those that got data go to the end. */
  partitions: Map<string, CachedPartition>
}

const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
/** A session unused for this long may make room for a new one (Kafka's MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS). */
const EVICTION_MS = 120_000

export interface FetchAnswer {
  highWatermark: number
  logStartOffset: number
  errorCode: number
  sizeBytes: number
}

/** One fetch: what to read, and which of the results to send. */
export interface FetchContext {
  readonly sessionId: number
  readonly partitions: Iterable<FetchPartition>
  /** Whether a result would have to be sent. Changes nothing. */
  wouldSend(partition: FetchPartition, answer: FetchAnswer): boolean
  /** The client gets an empty answer and comes again; returns the session id to tell it. A new session isn't made. */
  holdBack(): number
  /** Whether a result has to be sent; called once for each, in the order read. */
  shouldSend(partition: FetchPartition, answer: FetchAnswer): boolean
}

export type FetchContextResult = { ok: true; context: FetchContext } | { ok: false; errorCode: number }

const keyOf = (p: { topic: string; topicId: string; partition: number }, byId: boolean): string =>
  `${byId ? p.topicId : p.topic}/${p.partition}`

/** Each partition once: of one named again the later mention counts. */
function distinct(partitions: readonly FetchPartition[], byId: boolean): readonly FetchPartition[] {
  if (partitions.length < 2) return partitions
  const byKey = new Map(partitions.map((partition) => [keyOf(partition, byId), partition]))
  return byKey.size === partitions.length ? partitions : [...byKey.values()]
}

const everything = (partitions: readonly FetchPartition[], byId: boolean): FetchContext => ({
  sessionId: 0,
  partitions: distinct(partitions, byId),
  wouldSend: () => true,
  holdBack: () => 0,
  shouldSend: () => true,
})

/**
 * Incremental fetch sessions (KIP-227): a client names only what changed, and is told only what changed. Bounded by
 * max.incremental.fetch.session.cache.slots; when full, a session long unused makes room, else the client goes without one.
 */
export class FetchSessions {
  private readonly sessions = new Map<number, Session>()
  private readonly clock: Clock
  private readonly maxSessions: () => number

  constructor(clock: Clock, maxSessions: () => number) {
    this.clock = clock
    this.maxSessions = maxSessions
  }

  get size(): number {
    return this.sessions.size
  }

  /**
   * @param wanted the request's partitions
   * @param forgotten those it drops from its session
   * @param usesTopicIds request version 13 and up
   */
  open(
    sessionId: number,
    epoch: number,
    wanted: readonly FetchPartition[],
    forgotten: readonly { topic: string; topicId: string; partition: number }[],
    usesTopicIds: boolean,
  ): FetchContextResult {
    if (epoch === FINAL_EPOCH || epoch === INITIAL_EPOCH) {
      if (sessionId !== 0) this.sessions.delete(sessionId)
      if (epoch === FINAL_EPOCH) return { ok: true, context: everything(wanted, usesTopicIds) }
      return { ok: true, context: this.create(wanted, usesTopicIds) }
    }
    const session = this.sessions.get(sessionId)
    if (!session) return { ok: false, errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    if (session.epoch !== epoch) return { ok: false, errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH }
    if (session.usesTopicIds !== usesTopicIds) return { ok: false, errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR }
    for (const gone of forgotten) session.partitions.delete(keyOf(gone, usesTopicIds))
    for (const partition of wanted) {
      const key = keyOf(partition, usesTopicIds)
      const known = session.partitions.get(key)
      if (known) Object.assign(known, partition)
      else session.partitions.set(key, { ...partition, sentHighWatermark: -1, sentLogStartOffset: -1 })
    }
    session.epoch = nextEpoch(session.epoch)
    session.lastUsedMs = this.clock.monotonicMs()
    return { ok: true, context: incremental(session) }
  }

  private create(wanted: readonly FetchPartition[], usesTopicIds: boolean): FetchContext {
    if (!this.makeRoom()) return everything(wanted, usesTopicIds)
    let id = 0
    while (id === 0 || this.sessions.has(id)) id = randomInt(1, 2 ** 31 - 1)
    const now = this.clock.monotonicMs()
    const session: Session = { id, epoch: 1, lastUsedMs: now, createdMs: now, usesTopicIds, partitions: new Map() }
    for (const partition of wanted) {
      session.partitions.set(keyOf(partition, usesTopicIds), {
        ...partition,
        sentHighWatermark: -1,
        sentLogStartOffset: -1,
      })
    }
    this.sessions.set(id, session)
    const { partitions } = session
    return {
      sessionId: id,
      partitions: [...partitions.values()],
      wouldSend: () => true,
      holdBack: () => {
        this.sessions.delete(id)
        return 0
      },
      shouldSend(partition, answer) {
        remember(session, partition, answer)
        return true
      },
    }
  }

  private makeRoom(): boolean {
    if (this.sessions.size < this.maxSessions()) return true
    let oldest: Session | undefined
    for (const session of this.sessions.values())
      if (!oldest || session.lastUsedMs < oldest.lastUsedMs) oldest = session
    if (!oldest || this.clock.monotonicMs() - oldest.lastUsedMs < EVICTION_MS) return false
    this.sessions.delete(oldest.id)
    return true
  }
}

const nextEpoch = (epoch: number): number => (epoch === 2 ** 31 - 1 ? 1 : epoch + 1)

function remember(session: Session, partition: FetchPartition, answer: FetchAnswer): CachedPartition | undefined {
  const cached = session.partitions.get(keyOf(partition, session.usesTopicIds))
  if (cached) {
    cached.sentHighWatermark = answer.errorCode === 0 ? answer.highWatermark : -1
    cached.sentLogStartOffset = answer.errorCode === 0 ? answer.logStartOffset : -1
  }
  return cached
}

function hasNews(cached: CachedPartition | undefined, answer: FetchAnswer): boolean {
  return (
    answer.sizeBytes > 0 ||
    answer.errorCode !== 0 ||
    (cached?.sentHighWatermark ?? -1) !== answer.highWatermark ||
    (cached?.sentLogStartOffset ?? -1) !== answer.logStartOffset
  )
}

function incremental(session: Session): FetchContext {
  const cachedOf = (partition: FetchPartition): CachedPartition | undefined =>
    session.partitions.get(keyOf(partition, session.usesTopicIds))
  return {
    sessionId: session.id,
    partitions: [...session.partitions.values()],
    wouldSend: (partition, answer) => hasNews(cachedOf(partition), answer),
    holdBack: () => session.id,
    shouldSend(partition, answer) {
      const key = keyOf(partition, session.usesTopicIds)
      const cached = session.partitions.get(key)
      const isNews = hasNews(cached, answer)
      remember(session, partition, answer)
      if (answer.sizeBytes > 0 && cached) {
        // Whoever got data goes to the end of the line, so that a busy partition doesn't starve the others.
        session.partitions.delete(key)
        session.partitions.set(key, cached)
      }
      return isNews
    },
  }
}
