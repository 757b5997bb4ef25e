import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ConfigResourceType, MetadataImage } from '../../../src/broker/controller/metadata-image.ts'
import { MetadataLog, type SnapshotOptions } from '../../../src/broker/controller/metadata-log.ts'
import type { MetadataRecord, MetadataRecordDraft } from '../../../src/broker/controller/metadata-record.ts'
import { expiredSnapshots } from '../../../src/broker/controller/metadata-snapshots.ts'
import { SnapshotRecords } from '../../../src/broker/controller/snapshot-records.ts'
import { createStorageContext } from '../../../src/storage/storage-context.ts'

const idOf = (n: number): string => Buffer.alloc(16, n + 1).toString('base64url')
const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

function directory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'kt-snapshots-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

interface Opened {
  log: MetadataLog
  image: MetadataImage
  /** All records applied, replayed ones too. */
  seen: MetadataRecord[]
  clock: ManualClock
}

async function open(dir: string, snapshots: Partial<SnapshotOptions> = {}): Promise<Opened> {
  const clock = new ManualClock(1_700_000_000_000)
  const image = new MetadataImage()
  const seen: MetadataRecord[] = []
  image.onRecord((record) => seen.push(record))
  const state = new SnapshotRecords(image)
  const silent = () => {}
  const log = await MetadataLog.open({
    context: createStorageContext({ clock, logger: { info: silent, warn: silent, error: silent } }),
    ...{ dir, nodeId: 1, clock, segmentBytes: 2000 },
    apply: (record, offset) => image.apply(record, offset),
    snapshots: {
      ...{ records: () => state.records(), maxBytesBetween: 1000, maxIntervalMs: 0, retention: { bytes: -1, ms: -1 } },
      ...snapshots,
    },
  })
  await log.becomeLeader()
  return { log, image, seen, clock }
}

const topic = (n: number): MetadataRecordDraft[] => [
  { type: 'TopicRecord', data: { name: `t${n}`, topicId: idOf(n) } },
  ...[0, 1].map(
    (partitionId): MetadataRecordDraft => ({
      type: 'PartitionRecord',
      data: {
        topicId: idOf(n),
        partitionId,
        replicas: [1],
        isr: [1],
        leader: 1,
        leaderEpoch: n,
        directories: [idOf(9)],
      },
    }),
  ),
]
const acl = (n: number): MetadataRecordDraft => ({
  type: 'AccessControlEntryRecord',
  data: {
    id: idOf(n),
    resourceType: 2,
    resourceName: 'x',
    patternType: 3,
    principal: `User:${n}`,
    host: '*',
    operation: 3,
    permissionType: 3,
  },
})
const quota = (entityName: string, value: number, remove = false): MetadataRecordDraft => ({
  type: 'ClientQuotaRecord',
  data: { entity: [{ entityType: 'user', entityName }], key: 'producer_byte_rate', value, remove },
})

/** What matters of a state, in an order that doesn't. */
function stateOf({ image, seen }: Opened): unknown {
  const last = new Map(seen.map((record) => [JSON.stringify(keyOf(record)), record]))
  const removed = new Set(seen.flatMap((r) => (r.type === 'RemoveAccessControlEntryRecord' ? [r.data.id] : [])))
  return {
    topics: [...image.topics.values()],
    features: [...image.features].sort(),
    configs: [...image.configOf(ConfigResourceType.TOPIC, 't1')],
    brokers: [...image.brokers].map(([id, { registration, fenced }]) => [
      id,
      registration.brokerEpoch,
      registration.logDirs,
      fenced,
    ]),
    producerId: image.nextProducerId,
    acls: [...last.values()].filter((r) => r.type === 'AccessControlEntryRecord' && !removed.has(r.data.id)),
    quotas: [...last.values()].filter((r) => r.type === 'ClientQuotaRecord' && !r.data.remove),
  }
}

/** What a record replaces an earlier one of. */
function keyOf(record: MetadataRecord): unknown {
  if (record.type === 'ClientQuotaRecord') return [record.type, record.data.entity]
  return record.type === 'AccessControlEntryRecord' ? [record.type, record.data.id] : record.type
}

const checkpoints = (log: MetadataLog): string[] =>
  readdirSync(log.directory).filter((name) => /^\d{20}-\d{10}\.checkpoint$/.test(name))

async function busy({ log }: Opened): Promise<void> {
  await log.append([
    { type: 'FeatureLevelRecord', data: { name: 'group.version', featureLevel: 1 } },
    { type: 'FeatureLevelRecord', data: { name: 'metadata.version', featureLevel: 30 } },
    { type: 'RegisterBrokerRecord', data: { brokerId: 1, brokerEpoch: 3n, logDirs: [idOf(9)], fenced: true } },
    { type: 'UnfenceBrokerRecord', data: { id: 1, epoch: 3n } },
    { type: 'ProducerIdsRecord', data: { brokerId: 1, nextProducerId: 4000n } },
    ...[1, 2, 3].map(acl),
    { type: 'RemoveAccessControlEntryRecord', data: { id: idOf(2) } },
    quota('a', 1),
    quota('b', 2),
    quota('a', 3),
    quota('b', 2, true),
  ])
  for (let n = 0; n < 12; n++) await log.append(topic(n))
  const config = { resourceType: ConfigResourceType.TOPIC, resourceName: 't1', name: 'retention.ms', value: '7' }
  await log.append([
    { type: 'ConfigRecord', data: config },
    { type: 'RemoveTopicRecord', data: { topicId: idOf(3) } },
  ])
  await log.append([
    {
      type: 'PartitionChangeRecord',
      data: { topicId: idOf(4), partitionId: 0, isr: [], leader: -1, eligibleLeaderReplicas: [1] },
    },
  ])
}

describe('snapshots of the metadata', () => {
  it('hold everything: what is replayed from the newest and the log after it is the same', async () => {
    const dir = directory()
    const first = await open(dir)
    await busy(first)
    expect(checkpoints(first.log).length).toBeGreaterThan(1)
    expect(first.log.latestSnapshotId!.endOffset).toBeLessThan(first.log.endOffset)
    const before = stateOf(first)
    await first.log.close()
    const again = await open(dir)
    expect(again.seen.length).toBeLessThan(first.seen.length)
    expect(stateOf(again)).toEqual(before)
    expect(again.log.epoch).toBe(2)
    await again.log.close()
  })

  it('let the log before them go, and never are all gone', async () => {
    const dir = directory()
    const opened = await open(dir, { retention: { bytes: 1500, ms: -1 } })
    await busy(opened)
    expect(checkpoints(opened.log)).toHaveLength(1)
    expect(opened.log.startOffset).toBe(opened.log.latestSnapshotId!.endOffset)
    const segments = readdirSync(opened.log.directory).filter((name) => /^\d{20}\.log$/.test(name))
    expect(segments).not.toContain('00000000000000000000.log')
    const before = stateOf(opened)
    await opened.log.close()
    const again = await open(dir)
    expect(stateOf(again)).toEqual(before)
    await again.log.close()
  })

  it('are written after a time, and not in the middle of a metadata transaction', async () => {
    const opened = await open(directory(), { maxBytesBetween: 1_000_000, maxIntervalMs: 1000 })
    await opened.log.append(topic(0))
    opened.clock.advance(1000)
    await opened.log.append([{ type: 'BeginTransactionRecord', data: { name: 'x' } }, ...topic(1)])
    expect(checkpoints(opened.log)).toEqual([])
    await opened.log.append([{ type: 'EndTransactionRecord', data: {} }])
    expect(opened.log.latestSnapshotId).toEqual({ endOffset: opened.log.endOffset, epoch: 1 })
    await opened.log.close()
  })

  it('expire by size and age, the oldest first', () => {
    const of = (endOffset: number, modifiedMs: number) => ({ id: { endOffset, epoch: 1 }, sizeBytes: 100, modifiedMs })
    const three = [of(1, 10), of(2, 20), of(3, 30)]
    const ends = (bytes: number, ms: number) =>
      expiredSnapshots(three, 50, { bytes, ms }, 100).map(({ endOffset }) => endOffset)
    expect(ends(-1, -1)).toEqual([])
    expect(ends(350, -1)).toEqual([])
    expect(ends(349, -1)).toEqual([1])
    expect(ends(0, -1)).toEqual([1, 2])
    expect(ends(-1, 85)).toEqual([1])
    expect(ends(-1, 0)).toEqual([1, 2])
  })
})
