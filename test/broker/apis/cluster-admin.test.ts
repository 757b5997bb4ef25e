import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from '../../../src/protocol/generated/43-elect-leaders.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../../src/protocol/generated/45-alter-partition-reassignments.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../../src/protocol/generated/46-list-partition-reassignments.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../../src/protocol/generated/55-describe-quorum.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../../src/protocol/generated/57-update-features.ts'
import {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../../src/protocol/generated/64-unregister-broker.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../src/protocol/generated/68-consumer-group-heartbeat.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../../src/protocol/generated/80-add-raft-voter.ts'
import {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponse,
} from '../../../src/protocol/generated/81-remove-raft-voter.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'

let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  broker = await TestBroker.start()
  client = await broker.connect()
  const topics = [{ name: 'pa', numPartitions: 2, replicationFactor: 1 }]
  await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
})
afterAll(async () => {
  client.close()
  await broker.stop()
})

describe('AlterPartitionReassignments and ListPartitionReassignments', () => {
  const alter = (name: string, partitionIndex: number, replicas: number[] | null, version = 1) =>
    client.request(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, version, {
      topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
    })

  it('answer each partition as Kafka does', async () => {
    const result = async (...args: Parameters<typeof alter>) => {
      const { responses } = await alter(...args)
      const { errorCode, errorMessage } = responses[0]!.partitions[0]!
      return [errorCode, errorMessage]
    }
    for (const version of [0, 1]) expect(await result('pa', 0, [1], version)).toEqual([0, null])
    const { UNKNOWN_TOPIC_OR_PARTITION, NO_REASSIGNMENT_IN_PROGRESS, INVALID_REPLICA_ASSIGNMENT } = ErrorCode
    expect(await result('no', 0, [1])).toEqual([UNKNOWN_TOPIC_OR_PARTITION, 'Unable to find a topic named no.'])
    expect(await result('pa', 9, [1])).toEqual([UNKNOWN_TOPIC_OR_PARTITION, 'Unable to find partition pa:9.'])
    expect(await result('pa', 0, null)).toEqual([NO_REASSIGNMENT_IN_PROGRESS, null])
    expect(await result('pa', 0, [])).toEqual([
      INVALID_REPLICA_ASSIGNMENT,
      'The manual partition assignment includes an empty replica list.',
    ])
  })

  it('list nothing when nothing moves', async () => {
    for (const topics of [
      null,
      [],
      [
        { name: 'pa', partitionIndexes: [0] },
        { name: 'no', partitionIndexes: [0] },
      ],
    ]) {
      const answer = await client.request(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, 0, {
        topics,
      })
      expect(answer).toMatchObject({ errorCode: 0, errorMessage: null, topics: [] })
    }
  })
})

describe('ElectLeaders', () => {
  const elect = (
    electionType: number,
    topicPartitions: { topic: string; partitions: number[] }[] | null,
    version = 2,
  ) => client.request(ElectLeadersRequest, ElectLeadersResponse, version, { electionType, topicPartitions })

  it('says that there is nothing to do, and nothing of partitions nobody named', async () => {
    for (const version of [0, 1, 2]) {
      const { replicaElectionResults } = await elect(0, [{ topic: 'pa', partitions: [0, 9] }], version)
      expect(replicaElectionResults[0]!.partitionResult).toEqual([
        {
          partitionId: 0,
          errorCode: ErrorCode.ELECTION_NOT_NEEDED,
          errorMessage: 'Leader election not needed for topic partition.',
        },
        { partitionId: 9, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: 'No such partition as pa-9' },
      ])
    }
    expect(await elect(1, null)).toMatchObject({ replicaElectionResults: [{ topic: 'pa', partitionResult: [] }] })
    expect(await elect(5, [{ topic: 'pa', partitions: [0] }])).toMatchObject({
      errorCode: ErrorCode.INVALID_REQUEST,
      replicaElectionResults: [{ partitionResult: [{ errorMessage: 'Unknown election type 5' }] }],
    })
  })
})

describe('UpdateFeatures', () => {
  const update = (feature: string, maxVersionLevel: number, upgradeType: number, validateOnly = false, version = 2) =>
    client.request(UpdateFeaturesRequest, UpdateFeaturesResponse, version, {
      featureUpdates: [{ feature, maxVersionLevel, upgradeType }],
      validateOnly,
    })
  const levels = async () => {
    const answer = await client.request(ApiVersionsRequest, ApiVersionsResponse, 4, {
      clientSoftwareName: 'test',
      clientSoftwareVersion: '1',
    })
    return new Map(answer.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]))
  }
  const join = () =>
    client.request(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, 1, {
      ...{ groupId: 'g', memberId: 'm', memberEpoch: 0, rebalanceTimeoutMs: 1000 },
      ...{ subscribedTopicNames: ['pa'], topicPartitions: [] },
    })

  it('takes effect at once, and back', async () => {
    expect(await levels()).toEqual(
      new Map([
        ['metadata.version', 30],
        ['eligible.leader.replicas.version', 1],
        ['group.version', 1],
        ['share.version', 1],
        ['streams.version', 1],
        ['transaction.version', 2],
        ['kraft.version', 1],
      ]),
    )
    expect((await join()).errorCode).not.toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(await update('group.version', 0, 2, true)).toMatchObject({ errorCode: 0, results: [] })
    expect((await levels()).get('group.version')).toBe(1)
    expect(await update('group.version', 0, 2)).toMatchObject({ errorCode: 0, errorMessage: null, results: [] })
    expect((await levels()).has('group.version')).toBe(false)
    expect((await join()).errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(await update('group.version', 1, 1, false, 1)).toMatchObject({
      results: [{ feature: 'group.version', errorCode: 0, errorMessage: 'NONE' }],
    })
    expect((await join()).errorCode).not.toBe(ErrorCode.UNSUPPORTED_VERSION)
  })

  it.each([
    ['group.version', 0, 1, /Can't downgrade the version of this feature without setting the upgrade type/],
    ['group.version', 2, 1, /Local controller 1 only supports versions 0-1$/],
    ['group.version', 1, 9, /The controller does not support the given upgrade type.$/],
    ['group.version', -1, 1, /A feature version cannot be less than 0.$/],
    ['nope', 3, 1, /Invalid update version 3 for feature nope. Local controller 1 does not support this feature.$/],
    ['nope', 0, 1, /Feature nope not found.$/],
    ['metadata.version', 7, 3, /from 30 to 7. Unsafe metadata downgrade is not supported in this version.$/],
    ['kraft.version', 0, 2, /Can't downgrade the version of this feature.$/],
  ])('refuses %s %i of type %i', async (feature, level, type, message) => {
    const { errorCode, errorMessage } = await update(feature, level, type)
    expect(errorCode).toBe(ErrorCode.INVALID_UPDATE_VERSION)
    expect(errorMessage).toMatch(/^The update failed for all features since the following feature had an error: /)
    expect(errorMessage).toMatch(message)
  })
})

describe('the quorum', () => {
  const describeIt = (version = 2, topicName = '__cluster_metadata') =>
    client.request(DescribeQuorumRequest, DescribeQuorumResponse, version, {
      topics: [{ topicName, partitions: [{ partitionIndex: 0 }] }],
    })

  it('is this node', async () => {
    for (const version of [0, 1]) {
      const { topics } = await describeIt(version)
      expect(topics[0]!.partitions[0]).toMatchObject({ leaderId: 1, currentVoters: [{ replicaId: 1 }], observers: [] })
    }
    const { topics, nodes } = await describeIt()
    const { currentVoters, highWatermark } = topics[0]!.partitions[0]!
    expect(currentVoters[0]).toMatchObject({ logEndOffset: highWatermark })
    expect(currentVoters[0]!.replicaDirectoryId).not.toBe(ZERO)
    const port = broker.broker.listenerPort('CONTROLLER')
    expect(nodes).toEqual([{ nodeId: 1, listeners: [{ name: 'CONTROLLER', host: 'localhost', port }] }])
    expect((await describeIt(2, 'pa')).topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  it.each([
    [
      {},
      'DUPLICATE_VOTER',
      /^The voter id for ReplicaKey\(id=1, directoryId=AAAAAAAAAAAAAAAAAAAAAQ\) is already part of/,
    ],
    [{ clusterId: 'x' }, 'INCONSISTENT_CLUSTER_ID', `The given id "x" doesn't match the cluster id "${CLUSTER}"`],
    [{ voterId: -1 }, 'INVALID_REQUEST', "Add voter request didn't include a valid voter"],
    [{ voterDirectoryId: ZERO }, 'INVALID_REQUEST', "Add voter request didn't include a valid voter"],
    [{ voterId: 5, listeners: [] }, 'INVALID_REQUEST', /\(Endpoints\(endpoints=\{\}\)\) for the default listener/],
    [{ voterId: 5 }, 'REQUEST_TIMED_OUT', /^Aborted add voter operation/],
  ] as const)('takes no voter %j', async (fields, errorName, message) => {
    const answer = await client.request(AddRaftVoterRequest, AddRaftVoterResponse, 1, {
      ...{ clusterId: CLUSTER, voterId: 1, voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
      listeners: [{ name: 'CONTROLLER', host: 'localhost', port: 9 }],
      ...(fields as object),
    })
    expect(answer.errorCode).toBe(ErrorCode[errorName])
    expect(answer.errorMessage).toMatch(message)
  })

  it('lets its only voter not go', async () => {
    const { currentVoters } = (await describeIt()).topics[0]!.partitions[0]!
    const { replicaDirectoryId } = currentVoters[0]!
    const remove = (clusterId: string | null, voterId: number, voterDirectoryId: string) =>
      client.request(RemoveRaftVoterRequest, RemoveRaftVoterResponse, 0, { clusterId, voterId, voterDirectoryId })
    expect(await remove(null, 1, replicaDirectoryId)).toMatchObject({
      errorCode: ErrorCode.VOTER_NOT_FOUND,
      errorMessage: `Cannot remove voter ReplicaKey(id=1, directoryId=${replicaDirectoryId}) from the set of voters [ReplicaKey(id=1, directoryId=${replicaDirectoryId})]`,
    })
    expect((await remove('x', 1, replicaDirectoryId)).errorCode).toBe(ErrorCode.INCONSISTENT_CLUSTER_ID)
  })
})

describe('UnregisterBroker', () => {
  const unregister = (brokerId: number) =>
    client.request(UnregisterBrokerRequest, UnregisterBrokerResponse, 0, { brokerId })

  it('knows who is registered, and this broker comes back', async () => {
    expect(await unregister(4321)).toMatchObject({
      errorCode: ErrorCode.BROKER_ID_NOT_REGISTERED,
      errorMessage: 'Broker ID 4321 is not currently registered',
    })
    expect((await unregister(1)).errorCode).toBe(0)
    const { brokers, topics } = await client.request(MetadataRequest, MetadataResponse, 12, {
      topics: [{ name: 'pa' }],
    })
    expect(brokers.map(({ nodeId }) => nodeId)).toEqual([1])
    expect(topics[0]!.partitions.map(({ leaderId, isrNodes }) => [leaderId, isrNodes])).toEqual([
      [1, [1]],
      [1, [1]],
    ])
  })
})
