import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../../src/protocol/generated/34-alter-replica-log-dirs.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../src/protocol/generated/35-describe-log-dirs.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../../src/protocol/generated/37-create-partitions.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../src/protocol/generated/44-incremental-alter-configs.ts'
import { TestBroker, type TestClient } from './in-process.ts'

let base: string
let dirs: [string, string]
let broker: TestBroker
let client: TestClient
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'kt-dirs-'))
  dirs = [join(base, 'a'), join(base, 'b')]
  broker = await TestBroker.start({ 'log.dirs': dirs.join(','), 'cordoned.log.dirs': dirs[1] })
  client = await broker.connect()
})
afterEach(async () => {
  client.close()
  await broker.stop()
  rmSync(base, { recursive: true })
})

async function create(name: string): Promise<[number, string | null]> {
  const topics = [{ name, numPartitions: 4, replicationFactor: 1 }]
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
  return [answer.topics[0]!.errorCode, answer.topics[0]!.errorMessage]
}

/** Of each directory: whether it is cordoned, and how many partitions are in it. */
async function described(): Promise<[boolean, number][]> {
  const { results } = await client.request(DescribeLogDirsRequest, DescribeLogDirsResponse, 5, { topics: null })
  return dirs.map((dir) => {
    const found = results.find(({ logDir }) => logDir === dir)!
    return [found.isCordoned, found.topics.reduce((sum, { partitions }) => sum + partitions.length, 0)]
  })
}

async function cordon(value: string): Promise<void> {
  const configs = [{ name: 'cordoned.log.dirs', value, configOperation: 0 }]
  const codecs = [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse] as const
  const resources = [{ resourceType: 4, resourceName: '1', configs }]
  expect((await client.request(...codecs, 1, { resources })).responses[0]!.errorCode).toBe(0)
}

it('a cordoned log directory gets no new partitions, and none by a move (KIP-1066)', async () => {
  expect(await create('one')).toEqual([0, null])
  expect(await described()).toEqual([
    [false, 4],
    [true, 0],
  ])
  const move = { dirs: [{ path: dirs[1], topics: [{ name: 'one', partitions: [0] }] }] }
  const moved = await client.request(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, 2, move)
  expect(moved.results[0]!.partitions[0]!.errorCode).toBe(ErrorCode.INVALID_REPLICA_ASSIGNMENT)
  await cordon('')
  expect(await create('two')).toEqual([0, null])
  expect(await described()).toEqual([
    [false, 4],
    [false, 4],
  ])
})

it('a broker whose log directories are all cordoned takes no new partitions', async () => {
  await create('one')
  await cordon('*')
  const none = 'All brokers are currently fenced, or have all their log directories cordoned.'
  const code = ErrorCode.INVALID_REPLICATION_FACTOR
  expect(await create('two')).toEqual([code, `Unable to replicate the partition 1 time(s): ${none}`])
  const added = await client.request(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
    topics: [{ name: 'one', count: 5, assignments: null }],
  })
  expect(added.results[0]).toMatchObject({ errorCode: code, errorMessage: none })
})
