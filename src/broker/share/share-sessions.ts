import { ErrorCode, KafkaError } from '../../protocol/errors.ts'

/** A partition that a session reads. */
export interface SessionPartition {
  readonly topicId: string
  readonly partition: number
}

interface CachedPartition extends SessionPartition {
  /** The next answer has to name it: it is new, or what was last said of it was an error. */
  mustAnswer: boolean
}

/** What one member reads, over many requests. */
export interface ShareSession {
  readonly groupId: string
  readonly memberId: string
  readonly connectionId: number
  /** The epoch the next request must have. */
  epoch: number
  readonly partitions: Map<string, CachedPartition>
}

const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
const MAX_EPOCH = 2 ** 31 - 1

/** One ShareFetch: what to read for it. */
export interface ShareFetchContext {
  readonly session: ShareSession
  readonly isFinal: boolean
  readonly isNew: boolean
  readonly partitions: readonly SessionPartition[]
}

export interface OpenRequest {
  readonly groupId: string
  readonly memberId: string
  readonly epoch: number
  readonly connectionId: number
  readonly wanted: readonly SessionPartition[]
  readonly forgotten: readonly SessionPartition[]
  readonly hasAcknowledgements: boolean
}

const keyOf = ({ topicId, partition }: SessionPartition): string => `${topicId}:${partition}`

/**
 * Share sessions: one per member of a share group that fetches from this broker; bounded by group.share.max.share.sessions.
 * A session ends with its member's last request, or with its connection.
 */
export class ShareSessions {
  readonly #sessions = new Map<string, Map<string, ShareSession>>()
  readonly #maxSessions: () => number
  #size = 0

  constructor(maxSessions: () => number) {
    this.#maxSessions = maxSessions
  }

  get size(): number {
    return this.#size
  }

  /** True while some member of the group has a session. */
  hasGroup(groupId: string): boolean {
    return this.#sessions.has(groupId)
  }

  /**
   * Begins, continues or, with the final epoch, prepares to end a session.
   *
   * @throws KafkaError SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH, SHARE_SESSION_LIMIT_REACHED, INVALID_REQUEST
   */
  open(request: OpenRequest): ShareFetchContext {
    const { groupId, memberId, epoch } = request
    if (epoch === FINAL_EPOCH) {
      const session = this.#find(groupId, memberId)
      return { session, isFinal: true, isNew: false, partitions: [] }
    }
    if (epoch === INITIAL_EPOCH) return this.#begin(request)
    const session = this.#next(groupId, memberId, epoch)
    for (const gone of request.forgotten) session.partitions.delete(keyOf(gone))
    for (const partition of request.wanted) {
      const key = keyOf(partition)
      if (!session.partitions.has(key)) session.partitions.set(key, { ...partition, mustAnswer: true })
    }
    return { session, isFinal: false, isNew: false, partitions: rotated([...session.partitions.values()], epoch) }
  }

  /**
   * For a ShareAcknowledge: it belongs to a session but can't begin one.
   *
   * @returns true when it is the session's last request
   * @throws KafkaError SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH
   */
  acknowledge(groupId: string, memberId: string, epoch: number): boolean {
    if (epoch === INITIAL_EPOCH) throw new KafkaError(ErrorCode.INVALID_SHARE_SESSION_EPOCH)
    if (epoch === FINAL_EPOCH) this.#find(groupId, memberId)
    else this.#next(groupId, memberId, epoch)
    return epoch === FINAL_EPOCH
  }

  /** Ends a session. @returns what it read; undefined when there is none */
  remove(groupId: string, memberId: string): SessionPartition[] | undefined {
    const members = this.#sessions.get(groupId)
    const session = members?.get(memberId)
    if (members === undefined || session === undefined) return undefined
    members.delete(memberId)
    this.#size--
    if (members.size === 0) this.#sessions.delete(groupId)
    return [...session.partitions.values()]
  }

  /** The session of a member, if it is still that of the connection. */
  ofConnection(groupId: string, memberId: string, connectionId: number): ShareSession | undefined {
    const session = this.#sessions.get(groupId)?.get(memberId)
    return session?.connectionId === connectionId ? session : undefined
  }

  #begin(request: OpenRequest): ShareFetchContext {
    const { groupId, memberId, connectionId, wanted, hasAcknowledgements } = request
    if (hasAcknowledgements) throw new KafkaError(ErrorCode.INVALID_REQUEST)
    this.remove(groupId, memberId)
    if (this.#size >= this.#maxSessions()) throw new KafkaError(ErrorCode.SHARE_SESSION_LIMIT_REACHED)
    const partitions = new Map(wanted.map((each) => [keyOf(each), { ...each, mustAnswer: false }]))
    const session: ShareSession = { groupId, memberId, connectionId, epoch: 1, partitions }
    const members = this.#sessions.get(groupId) ?? new Map<string, ShareSession>()
    this.#sessions.set(groupId, members)
    members.set(memberId, session)
    this.#size++
    return { session, isFinal: false, isNew: true, partitions: [...partitions.values()] }
  }

  #find(groupId: string, memberId: string): ShareSession {
    const session = this.#sessions.get(groupId)?.get(memberId)
    if (session === undefined) throw new KafkaError(ErrorCode.SHARE_SESSION_NOT_FOUND)
    return session
  }

  #next(groupId: string, memberId: string, epoch: number): ShareSession {
    const session = this.#find(groupId, memberId)
    if (session.epoch !== epoch) throw new KafkaError(ErrorCode.INVALID_SHARE_SESSION_EPOCH)
    session.epoch = epoch === MAX_EPOCH ? 1 : epoch + 1
    return session
  }
}

/** Each request begins with another partition, so that none starves. */
function rotated<T>(items: T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

/** Whether an answer has to name a partition; called once for each partition there is something to say of. */
export function mustAnswer(
  { session, isNew }: ShareFetchContext,
  partition: SessionPartition,
  answer: { errorCode: number; recordsSizeBytes: number },
): boolean {
  if (isNew) return true
  const cached = session.partitions.get(keyOf(partition))
  const must = answer.recordsSizeBytes > 0 || answer.errorCode !== 0 || (cached?.mustAnswer ?? true)
  if (cached !== undefined) cached.mustAnswer = answer.errorCode !== 0
  return must
}
