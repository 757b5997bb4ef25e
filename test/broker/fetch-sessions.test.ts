import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { type FetchContext, type FetchPartition, FetchSessions } from '../../src/broker/fetch-sessions.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'

const partition = (n: number, fetchOffset = 0): FetchPartition => ({
  topic: 't',
  topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
  partition: n,
  fetchOffset,
  maxBytes: 1000,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
})

const quiet = { highWatermark: 5, logStartOffset: 0, errorCode: 0, sizeBytes: 0 }

function open(
  sessions: FetchSessions,
  id: number,
  epoch: number,
  wanted: FetchPartition[] = [],
  forgotten: FetchPartition[] = [],
): FetchContext {
  const result = sessions.open(id, epoch, wanted, forgotten, false)
  if (!result.ok) throw new Error(`refused with ${result.errorCode}`)
  return result.context
}

/** Answers all partitions of a fetch and says which had to be sent. */
function answer(context: FetchContext, of: (p: FetchPartition) => typeof quiet = () => quiet): number[] {
  return [...context.partitions].filter((p) => context.shouldSend(p, of(p))).map((p) => p.partition)
}

describe('FetchSessions', () => {
  it('sends everything in a full fetch, and only what changed afterwards', () => {
    const sessions = new FetchSessions(new ManualClock(), () => 10)
    const first = open(sessions, 0, 0, [partition(0), partition(1)])
    expect(first.sessionId).toBeGreaterThan(0)
    expect(answer(first)).toEqual([0, 1])
    expect(answer(open(sessions, first.sessionId, 1))).toEqual([])
    const moved = (p: FetchPartition): typeof quiet => (p.partition === 1 ? { ...quiet, highWatermark: 6 } : quiet)
    expect(answer(open(sessions, first.sessionId, 2), moved)).toEqual([1])
    expect(answer(open(sessions, first.sessionId, 3), moved)).toEqual([])
  })

  it('takes changed, new and forgotten partitions', () => {
    const sessions = new FetchSessions(new ManualClock(), () => 10)
    const { sessionId } = open(sessions, 0, 0, [partition(0), partition(1)])
    const next = open(sessions, sessionId, 1, [partition(0, 7), partition(2)], [partition(1)])
    expect([...next.partitions].map((p) => [p.partition, p.fetchOffset])).toEqual([
      [0, 7],
      [2, 0],
    ])
  })

  it('serves a partition that got data last the next time', () => {
    const sessions = new FetchSessions(new ManualClock(), () => 10)
    const first = open(sessions, 0, 0, [partition(0), partition(1), partition(2)])
    answer(first)
    answer(open(sessions, first.sessionId, 1), (p) => (p.partition === 0 ? { ...quiet, sizeBytes: 10 } : quiet))
    expect([...open(sessions, first.sessionId, 2).partitions].map((p) => p.partition)).toEqual([1, 2, 0])
  })

  it('repeats an error until it is gone', () => {
    const sessions = new FetchSessions(new ManualClock(), () => 10)
    const first = open(sessions, 0, 0, [partition(0)])
    const failing = (): typeof quiet => ({ ...quiet, errorCode: 3 })
    expect(answer(first, failing)).toEqual([0])
    expect(answer(open(sessions, first.sessionId, 1), failing)).toEqual([0])
    expect(answer(open(sessions, first.sessionId, 2))).toEqual([0])
    expect(answer(open(sessions, first.sessionId, 3))).toEqual([])
  })

  it('refuses unknown sessions and wrong epochs', () => {
    const sessions = new FetchSessions(new ManualClock(), () => 10)
    const { sessionId } = open(sessions, 0, 0, [partition(0)])
    expect(sessions.open(sessionId + 1, 1, [], [], false)).toEqual({
      ok: false,
      errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
    })
    expect(sessions.open(sessionId, 5, [], [], false)).toEqual({
      ok: false,
      errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH,
    })
    expect(sessions.open(sessionId, 1, [], [], true)).toEqual({
      ok: false,
      errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
    })
  })

  it('ends a session with epoch -1', () => {
    const sessions = new FetchSessions(new ManualClock(), () => 10)
    const { sessionId } = open(sessions, 0, 0, [partition(0)])
    expect(open(sessions, sessionId, -1, [partition(0)]).sessionId).toBe(0)
    expect(sessions.size).toBe(0)
  })

  it('keeps to its bound: a client goes without a session until an unused one can make room', () => {
    const clock = new ManualClock()
    const sessions = new FetchSessions(clock, () => 1)
    expect(open(sessions, 0, 0, [partition(0)]).sessionId).toBeGreaterThan(0)
    expect(open(sessions, 0, 0, [partition(1)]).sessionId).toBe(0)
    clock.advance(120_000)
    expect(open(sessions, 0, 0, [partition(1)]).sessionId).toBeGreaterThan(0)
    expect(sessions.size).toBe(1)
  })
})
