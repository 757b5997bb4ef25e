import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaApis } from '../../scripts/support-table.ts'
import { APIS } from '../../src/broker/apis/index.ts'
import { METADATA_TOPIC_ID } from '../../src/broker/controller/quorum.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { MetadataRequest } from '../../src/protocol/generated/03-metadata.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../../src/protocol/generated/59-fetch-snapshot.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../src/protocol/generated/60-describe-cluster.ts'
import { readBatches } from '../../src/protocol/records/batch-reader.ts'
import { TestBroker, TestClient } from './in-process.ts'

let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  broker = await TestBroker.start({ 'metadata.log.max.record.bytes.between.snapshots': '1' })
  client = await TestClient.connect(broker.broker.listenerPort('CONTROLLER'))
})
afterAll(async () => {
  client.close()
  await broker.stop()
})

const fetchLog = (partition: object, parts: object = {}, version = 17) =>
  client.request(FetchRequest, FetchResponse, version, {
    ...{ clusterId: null, replicaState: { replicaId: 2 }, maxWaitMs: 0, maxBytes: 100_000, sessionEpoch: -1 },
    topics: [
      {
        topicId: METADATA_TOPIC_ID,
        partitions: [
          { partition: 0, currentLeaderEpoch: -1, lastFetchedEpoch: -1, partitionMaxBytes: 100_000, ...partition },
        ],
      },
    ],
    ...parts,
  })
const only = (answer: FetchResponse) => answer.responses[0]!.partitions[0]!

describe("the controller's listener", () => {
  it('advertises APIs of controllers only, at the versions of Kafka', async () => {
    const { apiKeys } = await client.request(ApiVersionsRequest, ApiVersionsResponse, 4, {
      clientSoftwareName: 'test',
      clientSoftwareVersion: '1',
    })
    const controllers = new Map(
      kafkaApis()
        .filter(({ listeners }) => listeners.includes('controller'))
        .map(({ key, min, max }) => [key, [min, max]]),
    )
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      expect(controllers.get(apiKey), `API ${apiKey}`).toEqual([minVersion, maxVersion])
    }
    // Whatever the broker answers and controllers have too is here as well.
    const shared = APIS.map(({ request }) => request.apiKey).filter((key) => controllers.has(key))
    expect(apiKeys.map(({ apiKey }) => apiKey)).toEqual(expect.arrayContaining(shared))
    // What tools with --bootstrap-controller ask for.
    const keys = apiKeys.map(({ apiKey }) => apiKey)
    for (const key of [18, 19, 32, 44, 55, 57, 60, 80, 81]) expect(keys).toContain(key)
    const other = await TestClient.connect(broker.broker.listenerPort('CONTROLLER'))
    other.send(MetadataRequest, 12, { topics: null })
    expect(await other.nextFrame()).toBeUndefined()
  })

  it('describes controllers to those who ask for controllers', async () => {
    const ask = (endpointType: number, version = 2) =>
      client.request(DescribeClusterRequest, DescribeClusterResponse, version, { endpointType })
    const port = broker.broker.listenerPort('CONTROLLER')
    expect(await ask(2)).toMatchObject({
      ...{ errorCode: 0, errorMessage: null, endpointType: 2, controllerId: 1 },
      brokers: [{ brokerId: 1, host: 'localhost', port }],
    })
    expect((await ask(1)).errorCode).toBe(ErrorCode.MISMATCHED_ENDPOINT_TYPE)
    expect((await ask(1, 0)).errorCode).toBe(ErrorCode.INVALID_REQUEST)
    expect((await ask(3)).errorCode).toBe(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE)
  })

  it('hands out the metadata log and wakes who waits for more', async () => {
    const start = only(await fetchLog({ fetchOffset: 0n }))
    const last = [...readBatches(start.records!)].at(-1)!
    const end = BigInt(last.baseOffset + last.lastOffsetDelta + 1)
    expect(start).toMatchObject({ errorCode: 0, highWatermark: end, currentLeader: { leaderId: 1, leaderEpoch: 1 } })
    const wait = { maxWaitMs: 20_000 }
    const waiting = fetchLog({ fetchOffset: end, lastFetchedEpoch: 1 }, wait)
    const admin = await broker.connect()
    const topics = [{ name: 'fresh', numPartitions: 1, replicationFactor: 1 }]
    await admin.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
    admin.close()
    const more = only(await waiting)
    expect([...readBatches(more.records!)][0]!.baseOffset).toBe(Number(end))
  })

  it('tells a follower where it parted from the log', async () => {
    expect(only(await fetchLog({ fetchOffset: 9999n, lastFetchedEpoch: 1 })).divergingEpoch).toMatchObject({ epoch: 1 })
    const { FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, INVALID_REQUEST, INCONSISTENT_CLUSTER_ID } = ErrorCode
    expect(only(await fetchLog({ fetchOffset: 0n, currentLeaderEpoch: 0 })).errorCode).toBe(FENCED_LEADER_EPOCH)
    expect(only(await fetchLog({ fetchOffset: 0n, currentLeaderEpoch: 9 })).errorCode).toBe(UNKNOWN_LEADER_EPOCH)
    const consumer = { replicaState: { replicaId: -1 } }
    expect(only(await fetchLog({ fetchOffset: 0n }, consumer)).errorCode).toBe(INVALID_REQUEST)
    expect((await fetchLog({}, { topics: [] })).errorCode).toBe(INVALID_REQUEST)
    expect((await fetchLog({}, { clusterId: 'x' })).errorCode).toBe(INCONSISTENT_CLUSTER_ID)
  })

  it('hands out snapshots piece by piece', async () => {
    const id = broker.broker.latestMetadataSnapshot!
    const ask = async (position: bigint, maxBytes: number, endOffset = id.endOffset) => {
      const answer = await client.request(FetchSnapshotRequest, FetchSnapshotResponse, 1, {
        ...{ replicaId: 2, maxBytes },
        topics: [
          {
            name: '__cluster_metadata',
            partitions: [
              {
                partition: 0,
                currentLeaderEpoch: 1,
                snapshotId: { endOffset: BigInt(endOffset), epoch: id.epoch },
                position,
              },
            ],
          },
        ],
      })
      return answer.topics[0]!.partitions[0]!
    }
    const first = await ask(0n, 100)
    expect(first).toMatchObject({ errorCode: 0, position: 0n, currentLeader: { leaderId: 1, leaderEpoch: 1 } })
    expect(first.unalignedRecords).toHaveLength(100)
    const rest = await ask(100n, 1_000_000)
    const whole = Buffer.concat([first.unalignedRecords, rest.unalignedRecords])
    expect(BigInt(whole.length)).toBe(first.size)
    expect([...readBatches(whole)].length).toBeGreaterThan(2)
    expect((await ask(first.size, 1)).errorCode).toBe(ErrorCode.POSITION_OUT_OF_RANGE)
    expect((await ask(0n, 1, id.endOffset + 1)).errorCode).toBe(ErrorCode.SNAPSHOT_NOT_FOUND)
  })
})
