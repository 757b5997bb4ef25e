import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ConfigResourceType,
  type MetadataChange,
  MetadataImage,
} from '../../../src/broker/controller/metadata-image.ts'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecordDraft,
  UnsupportedMetadataError,
} from '../../../src/broker/controller/metadata-record.ts'

const idOf = (n: number): string => Buffer.alloc(16, n + 1).toString('base64url')

const topic = (n: number): MetadataRecordDraft => ({ type: 'TopicRecord', data: { name: `t${n}`, topicId: idOf(n) } })
const partition = (n: number, partitionId: number): MetadataRecordDraft => ({
  type: 'PartitionRecord',
  data: {
    topicId: idOf(n),
    partitionId,
    replicas: [1],
    isr: [1],
    leader: 1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: [idOf(99)],
  },
})
const config = (name: string, value: string | null, resourceName = 't0'): MetadataRecordDraft => ({
  type: 'ConfigRecord',
  data: { resourceType: ConfigResourceType.TOPIC, resourceName, name, value },
})

function applied(records: readonly MetadataRecordDraft[], image = new MetadataImage()): MetadataImage {
  for (const [i, record] of records.entries()) image.apply(decodeMetadataRecord(encodeMetadataRecord(record)), i)
  return image
}

const snapshot = (image: MetadataImage): unknown => ({
  topics: [...image.topics.values()],
  configs: [...image.topics.keys()].map((name) => [...image.configOf(ConfigResourceType.TOPIC, name)]),
  features: [...image.features],
  offset: image.offset,
})

describe('MetadataImage', () => {
  it('knows topics by name and id, and tells of their partitions', () => {
    const image = new MetadataImage()
    const changes: MetadataChange[] = []
    image.onChange((change) => changes.push(change))
    applied([topic(0), partition(0, 0), partition(0, 1)], image)
    expect(image.topics.get('t0')).toBe(image.topicsById.get(idOf(0)))
    expect(image.partition('t0', 1)).toMatchObject({ leader: 1, leaderEpoch: 0 })
    expect(changes.map((change) => change.kind)).toEqual(['partition-added', 'partition-added'])
  })

  it('raises the leader epoch with a new leader only', () => {
    const change = (data: object): MetadataRecordDraft => ({
      type: 'PartitionChangeRecord',
      data: { topicId: idOf(0), partitionId: 0, ...data },
    })
    const image = applied([topic(0), partition(0, 0), change({ isr: [1, 2] })])
    expect(image.partition('t0', 0)).toMatchObject({ isr: [1, 2], leaderEpoch: 0, partitionEpoch: 1 })
    image.apply(decodeMetadataRecord(encodeMetadataRecord(change({ leader: 2 }))), 3)
    expect(image.partition('t0', 0)).toMatchObject({ leader: 2, leaderEpoch: 1, partitionEpoch: 2 })
  })

  it('forgets a removed topic with its configs', () => {
    const image = applied([
      topic(0),
      partition(0, 0),
      config('retention.ms', '1'),
      { type: 'RemoveTopicRecord', data: { topicId: idOf(0) } },
    ])
    expect(image.topics.size + image.topicsById.size).toBe(0)
    expect(image.configOf(ConfigResourceType.TOPIC, 't0').size).toBe(0)
  })

  it('applies a metadata transaction at its end, and an aborted one never', () => {
    const begin: MetadataRecordDraft = { type: 'BeginTransactionRecord', data: {} }
    const image = applied([begin, topic(0), partition(0, 0)])
    expect(image.topics.size).toBe(0)
    image.apply(decodeMetadataRecord(encodeMetadataRecord({ type: 'EndTransactionRecord', data: {} })), 3)
    expect(image.partition('t0', 0)).toBeDefined()
    const aborted = applied([begin, topic(0), { type: 'AbortTransactionRecord', data: {} }, topic(1)])
    expect([...aborted.topics.keys()]).toEqual(['t1'])
  })

  it('is the same however the log is cut into replays', () => {
    const step = fc.oneof(
      fc.nat(3).map((n) => ({ kind: 'create' as const, n })),
      fc.nat(3).map((n) => ({ kind: 'remove' as const, n })),
      fc.record({
        kind: fc.constant('config' as const),
        n: fc.nat(3),
        name: fc.constantFrom('a', 'b'),
        value: fc.option(fc.string()),
      }),
      fc.record({ kind: fc.constant('feature' as const), n: fc.nat(3) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, cut) => {
        const records: MetadataRecordDraft[] = []
        const live = new Set<number>()
        for (const s of steps) {
          if (s.kind === 'create' && !live.has(s.n)) {
            live.add(s.n)
            records.push(topic(s.n), partition(s.n, 0))
          } else if (s.kind === 'remove' && live.delete(s.n))
            records.push({ type: 'RemoveTopicRecord', data: { topicId: idOf(s.n) } })
          else if (s.kind === 'config' && live.has(s.n)) records.push(config(s.name, s.value, `t${s.n}`))
          else if (s.kind === 'feature')
            records.push({ type: 'FeatureLevelRecord', data: { name: `f${s.n}`, featureLevel: s.n } })
        }
        const whole = applied(records)
        const pieces = new MetadataImage()
        for (const [i, record] of records.slice(0, cut).entries())
          pieces.apply(decodeMetadataRecord(encodeMetadataRecord(record)), i)
        for (const [i, record] of records.slice(cut).entries()) {
          pieces.apply(decodeMetadataRecord(encodeMetadataRecord(record)), Math.min(cut, records.length) + i)
        }
        expect(snapshot(pieces)).toEqual(snapshot(whole))
        expect([...whole.topics.keys()].sort()).toEqual([...live].map((n) => `t${n}`).sort())
      }),
    )
  })
})

describe('metadata records', () => {
  it('have the bytes that Kafka wrote', () => {
    // FEATURE_LEVEL_RECORD metadata.version 30, as Kafka 4.3 formats a cluster with.
    const bytes = encodeMetadataRecord({
      type: 'FeatureLevelRecord',
      data: { name: 'metadata.version', featureLevel: 30 },
    })
    expect(bytes.toString('hex')).toBe('010c00116d657461646174612e76657273696f6e001e00')
  })

  it('of a newer Kafka stop the reader with a word on what to do', () => {
    expect(() => decodeMetadataRecord(Buffer.from('017f00', 'hex'))).toThrow(UnsupportedMetadataError)
    expect(() => decodeMetadataRecord(Buffer.from('010c09', 'hex'))).toThrow(/written by a newer version/)
  })
})
