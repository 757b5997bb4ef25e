import { describe, expect, it } from 'vitest'
import { mustAnswer, ShareSessions } from '../../../src/broker/share/share-sessions.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'

const at = (partition: number) => ({ topicId: 't', partition })
const request = (memberId: string, epoch: number, wanted: number[] = [], forgotten: number[] = []) => ({
  ...{ groupId: 'g', memberId, epoch, connectionId: 1, hasAcknowledgements: false },
  wanted: wanted.map(at),
  forgotten: forgotten.map(at),
})

describe('share sessions', () => {
  it('are bounded, and make room when they end', () => {
    const sessions = new ShareSessions(() => 2)
    sessions.open(request('a', 0))
    sessions.open(request('b', 0))
    sessions.open(request('b', 0))
    expect(sessions.size).toBe(2)
    const code = ErrorCode.SHARE_SESSION_LIMIT_REACHED
    expect(() => sessions.open(request('c', 0))).toThrow(expect.objectContaining({ code }))
    expect(sessions.remove('g', 'a')).toEqual([])
    sessions.open(request('c', 0))
    sessions.remove('g', 'b')
    expect(sessions.hasGroup('g')).toBe(true)
    sessions.remove('g', 'c')
    expect(sessions.hasGroup('g')).toBe(false)
    expect(sessions.size).toBe(0)
  })

  it('remember what is read, each request beginning with another partition', () => {
    const sessions = new ShareSessions(() => 2)
    sessions.open(request('a', 0, [0, 1]))
    const second = sessions.open(request('a', 1, [2]))
    expect(second.partitions.map(({ partition }) => partition)).toEqual([1, 2, 0])
    const third = sessions.open(request('a', 2, [], [1]))
    expect(third.partitions.map(({ partition }) => partition)).toEqual([0, 2])
  })

  it('answer for partitions that are new, have records, or have just had an error', () => {
    const sessions = new ShareSessions(() => 2)
    sessions.open(request('a', 0, [0]))
    const context = sessions.open(request('a', 1, [1]))
    const nothing = { errorCode: 0, recordsSizeBytes: 0 }
    expect(mustAnswer(context, at(0), nothing)).toBe(false)
    expect(mustAnswer(context, at(1), nothing)).toBe(true)
    expect(mustAnswer(context, at(1), nothing)).toBe(false)
    expect(mustAnswer(context, at(0), { errorCode: 6, recordsSizeBytes: 0 })).toBe(true)
    expect(mustAnswer(context, at(0), nothing)).toBe(true)
    expect(mustAnswer(context, at(0), { errorCode: 0, recordsSizeBytes: 9 })).toBe(true)
  })
})
