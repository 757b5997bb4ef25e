import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../../../src/protocol/generated/34-alter-replica-log-dirs.ts'
import {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
} from '../../../src/protocol/generated/35-describe-log-dirs.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../src/protocol/generated/44-incremental-alter-configs.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { nodeFileSystem } from '../../../src/storage/file-system.ts'
import { readMetaProperties } from '../../../src/storage/meta-properties.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

let root: string
let dirs: string[]
let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kt-dirs-'))
  dirs = [join(root, 'one'), join(root, 'two')]
  broker = await TestBroker.start({ 'log.dirs': dirs.join(',') })
  client = await broker.connect()
  const topics = [{ name: 'pa', numPartitions: 2, replicationFactor: 1 }]
  await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
})
afterAll(async () => {
  client.close()
  await broker.stop()
  await rm(root, { recursive: true, force: true })
})

const alter = async (path: string, name: string, partition: number, version = 2): Promise<number> => {
  const answer = await client.request(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, version, {
    dirs: [{ path, topics: [{ name, partitions: [partition] }] }],
  })
  return answer.results[0]!.partitions[0]!.errorCode
}

/** Directory and kind of each log of pa-0. */
const whereabouts = async () => {
  const { results } = await client.request(DescribeLogDirsRequest, DescribeLogDirsResponse, 5, {
    topics: [{ topic: 'pa', partitions: [0] }],
  })
  return results.flatMap(({ logDir, topics }) =>
    topics.flatMap(({ partitions }) =>
      partitions.map(({ isFutureKey, offsetLag }) => ({ at: dirs.indexOf(logDir), isFutureKey, offsetLag })),
    ),
  )
}

const limit = (value: string) =>
  client.request(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [
      {
        ...{ resourceType: 4, resourceName: '1' },
        configs: [{ name: 'replica.alter.log.dirs.io.max.bytes.per.second', configOperation: 0, value }],
      },
    ],
  })

/** What the metadata says of the directory of pa-0. */
const recorded = (): string => broker.broker.image.partition('pa', 0)!.directories[0]!
const idOf = (dir: string): string => readMetaProperties(nodeFileSystem, dir)!.directoryId

describe('log directories', () => {
  it('are refused as Kafka does', async () => {
    const { LOG_DIR_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode
    for (const version of [1, 2]) expect(await alter('/nope', 'pa', 0, version)).toBe(LOG_DIR_NOT_FOUND)
    expect(await alter('/nope', 'no', 0)).toBe(LOG_DIR_NOT_FOUND)
    expect(await alter(dirs[0]!, 'no', 0)).toBe(UNKNOWN_TOPIC_OR_PARTITION)
    expect(await alter(dirs[0]!, 'pa', 9)).toBe(UNKNOWN_TOPIC_OR_PARTITION)
    expect(await alter(dirs[0]!, 't'.repeat(230), 0)).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  })

  it('exchange a partition, which shows as a future replica meanwhile', async () => {
    const topicData = [
      {
        name: 'pa',
        partitionData: [{ index: 0, records: buildBatch([{ value: Buffer.alloc(2000), timestamp: Date.now() }]) }],
      },
    ]
    await client.request(ProduceRequest, ProduceResponse, 12, { acks: -1, timeoutMs: 1000, topicData })
    const [before] = await whereabouts()
    const from = before!.at
    const to = 1 - from
    expect(recorded()).toBe(idOf(dirs[from]!))
    expect((await limit('1000')).responses[0]!.errorCode).toBe(0)
    expect(await alter(dirs[from]!, 'pa', 0)).toBe(0)
    expect(await whereabouts()).toEqual([{ at: from, isFutureKey: false, offsetLag: 0n }])
    expect(await alter(dirs[to]!, 'pa', 0)).toBe(0)
    const during = await whereabouts()
    expect(during).toHaveLength(2)
    expect(during.find(({ isFutureKey }) => isFutureKey)!.at).toBe(to)
    expect((await readdir(dirs[to]!)).some((name) => /^pa-0\.[0-9a-f]{32}-future$/.test(name))).toBe(true)
    const changed = new Promise<void>((resolve) => {
      broker.broker.image.onChange((change) => {
        if (change.kind === 'partition-changed') resolve()
      })
    })
    await changed
    expect(await whereabouts()).toEqual([{ at: to, isFutureKey: false, offsetLag: 0n }])
    expect(recorded()).toBe(idOf(dirs[to]!))

    await broker.restart()
    client.close()
    client = await broker.connect()
    expect(await whereabouts()).toEqual([{ at: to, isFutureKey: false, offsetLag: 0n }])
    expect(recorded()).toBe(idOf(dirs[to]!))
  })
})
