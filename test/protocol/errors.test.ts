import { describe, expect, it } from 'vitest'
import { ErrorCode, errorInfo, errorName, KafkaError, throwIfError } from '../../src/protocol/errors.ts'

describe('error codes', () => {
  it.each([
    [-1, 'UNKNOWN_SERVER_ERROR', false, 'UnknownServerException'],
    [3, 'UNKNOWN_TOPIC_OR_PARTITION', true, 'UnknownTopicOrPartitionException'],
    [12, 'OFFSET_METADATA_TOO_LARGE', false, 'OffsetMetadataTooLarge'],
    [27, 'REBALANCE_IN_PROGRESS', false, 'RebalanceInProgressException'],
    [87, 'INVALID_RECORD', false, 'InvalidRecordException'],
    [128, 'INVALID_REGULAR_EXPRESSION', false, 'InvalidRegularExpression'],
    [133, 'SHARE_SESSION_LIMIT_REACHED', true, 'ShareSessionLimitReachedException'],
  ])('%i is %s', (code, name, retriable, exception) => {
    expect(errorInfo(code)).toMatchObject({ code, name, retriable, exception })
    expect(ErrorCode[name as keyof typeof ErrorCode]).toBe(code)
  })

  it('covers every code from -1 to 133 exactly once', () => {
    const codes = Object.values(ErrorCode).sort((a, b) => a - b)
    expect(codes).toEqual(Array.from({ length: 135 }, (_, index) => index - 1))
    for (const code of codes) expect(errorInfo(code).message).not.toBe('')
  })

  it('reads an unknown code as UNKNOWN_SERVER_ERROR', () => {
    expect(errorName(9999)).toBe('UNKNOWN_SERVER_ERROR')
  })

  it('names the Java class with its package', () => {
    expect(errorInfo(3).exceptionClass).toBe('org.apache.kafka.common.errors.UnknownTopicOrPartitionException')
    expect(errorInfo(87).exceptionClass).toBe('org.apache.kafka.common.InvalidRecordException')
    expect(errorInfo(0).exceptionClass).toBeNull()
  })

  it('tells stale metadata from other retriable errors', () => {
    expect(errorInfo(ErrorCode.NOT_LEADER_OR_FOLLOWER)).toMatchObject({ retriable: true, invalidMetadata: true })
    expect(errorInfo(ErrorCode.REQUEST_TIMED_OUT)).toMatchObject({ retriable: true, invalidMetadata: false })
  })
})

describe('KafkaError', () => {
  it('carries the default message of its code', () => {
    const error = new KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS)
    expect(error.message).toBe('Topic with this name already exists.')
    expect(error.name).toBe('TOPIC_ALREADY_EXISTS')
    expect(error.exceptionClass).toBe('org.apache.kafka.common.errors.TopicExistsException')
    expect(error.brokerMessage).toBeNull()
  })

  it('prefers what the broker said', () => {
    const error = new KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, "Topic 'a' already exists.")
    expect(error.message).toBe("Topic 'a' already exists.")
    expect(error.brokerMessage).toBe("Topic 'a' already exists.")
    expect(new KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, '').message).toBe('Topic with this name already exists.')
  })

  it('keeps an unknown code', () => {
    expect(new KafkaError(9999)).toMatchObject({ code: 9999, errorName: 'UNKNOWN_SERVER_ERROR' })
  })

  it('is thrown by throwIfError for anything but NONE', () => {
    expect(() => throwIfError(0)).not.toThrow()
    expect(() => throwIfError(36, 'no')).toThrow(KafkaError)
  })
})
