import { describe, expect, it } from 'vitest'
import { partitionForGroup } from '../../../src/broker/group/partition-for-group.ts'
import { decodeRecord, encodeRecord, type WrittenRecord } from '../../../src/broker/group/records.ts'
import { MalformedMessageError } from '../../../src/protocol/reader.ts'

/** Keys and values as Apache Kafka 4.3.0 wrote them. */
const KAFKA_RECORDS = {
  'a new group': ['0002000167', '0003000000000000ffffffff000001a203267fe600000000'],
  'a stable group': [
    '0002000167',
    '00030008636f6e73756d657200000001000572616e6765002a70726f62652d31383435346362352d616635642d346636612d616465342d316261373336343361363531000001a20326814e00000001002a70726f62652d31383435346362352d616635642d346636612d616465342d316261373336343361363531ffff000570726f6265000a2f3132372e302e302e3100001388000017700000000d000000000001000174ffffffff000000026161',
  ],
  'an offset with a retention time': [
    '000100016700017400000001',
    '00010000000000000005000178000001a20326816f000001a2035d6fef',
  ],
  'an offset with metadata and topic id': [
    '000100016700017400000000',
    '00040000000000000005ffffffff0278000001a20326818201001089e3512a85d74f7e8f01ba4f7813d570',
  ],
  'a deleted offset': ['000100016700017400000000', null],
  'a deleted group': ['0002000167', null],
} as const

describe('records', () => {
  it.each(Object.entries(KAFKA_RECORDS))('%s has Kafka’s bytes', (_name, [keyHex, valueHex]) => {
    const value = valueHex === null ? null : Buffer.from(valueHex, 'hex')
    const record = decodeRecord(Buffer.from(keyHex, 'hex'), value) as WrittenRecord
    const encoded = encodeRecord(record)
    expect(encoded.key.toString('hex')).toBe(keyHex)
    expect(encoded.value?.toString('hex') ?? null).toBe(valueHex)
  })

  it('reads offsets of every older version', () => {
    const key = Buffer.from('000000016700017400000000', 'hex')
    const read = (hex: string) => {
      const record = decodeRecord(key, Buffer.from(hex, 'hex'))
      return record.kind === 'offset' ? record.value : undefined
    }
    const timestamp = '000001a20326816f'
    const common = { offset: 5, metadata: 'x', commitTimestampMs: 0x1a20326816f, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }
    const head = '0000000000000005'
    expect(read(`0000${head}000178${timestamp}`)).toEqual({ ...common, leaderEpoch: -1, expireTimestampMs: -1 })
    expect(read(`0001${head}000178${timestamp}0000000000000007`)).toEqual({
      ...common,
      leaderEpoch: -1,
      expireTimestampMs: 7,
    })
    expect(read(`0002${head}000178${timestamp}`)).toEqual({ ...common, leaderEpoch: -1, expireTimestampMs: -1 })
    expect(read(`0003${head}00000009000178${timestamp}`)).toEqual({ ...common, leaderEpoch: 9, expireTimestampMs: -1 })
  })

  it('passes over record types it does not know', () => {
    expect(decodeRecord(Buffer.from('0063000167', 'hex'), null)).toEqual({ kind: 'unknown' })
    expect(decodeRecord(Buffer.from('7fff', 'hex'), null)).toEqual({ kind: 'unknown' })
  })

  it('refuses what it can’t read', () => {
    expect(() => decodeRecord(Buffer.from('00', 'hex'), null)).toThrow(MalformedMessageError)
    expect(() => decodeRecord(Buffer.from('0002000167', 'hex'), Buffer.from('0063', 'hex'))).toThrow(
      MalformedMessageError,
    )
  })
})

describe('partitionForGroup', () => {
  it('is Java’s', () => {
    expect(partitionForGroup('', 50)).toBe(0)
    expect(partitionForGroup('my-group', 50)).toBe(12)
    // The hash of this text is the smallest int, whose absolute value Java counts as 0.
    expect(partitionForGroup('polygenelubricants', 50)).toBe(0)
  })
})
