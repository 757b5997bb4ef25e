import { afterEach, expect, test } from 'vitest'
import type { Draft } from '../../src/protocol/codec.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../src/protocol/generated/32-describe-configs.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../src/protocol/generated/44-incremental-alter-configs.ts'
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../src/protocol/generated/88-streams-group-heartbeat.ts'
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../../src/protocol/generated/89-streams-group-describe.ts'
import { TestBroker, type TestClient } from '../broker/in-process.ts'

const TOPIC_RESOURCE = 2
const GROUP_RESOURCE = 32
let broker: TestBroker

afterEach(() => broker.stop())

async function started(): Promise<TestClient> {
  broker = await TestBroker.start({ 'group.streams.initial.rebalance.delay.ms': '0' })
  const client = await broker.connect()
  const topics = [{ name: 'lines', numPartitions: 3, replicationFactor: 1 }]
  await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
  await findCoordinator(client)
  return client
}

async function findCoordinator(client: TestClient): Promise<void> {
  const request = { keyType: 0, coordinatorKeys: ['app'] }
  const { coordinators } = await client.request(FindCoordinatorRequest, FindCoordinatorResponse, 4, request)
  expect(coordinators[0]?.errorCode).toBe(0)
}

function beat(client: TestClient, memberEpoch: number, draft: Draft<StreamsGroupHeartbeatRequest> = {}) {
  const request = { groupId: 'app', memberId: 'm', memberEpoch, endpointInformationEpoch: -1, ...draft }
  return client.request(StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, 0, request)
}

const NO_TASKS = { activeTasks: [], standbyTasks: [], warmupTasks: [] }
const COUNTS = {
  name: 'app-counts-changelog',
  topicConfigs: [{ key: 'cleanup.policy', value: 'compact' }],
}
const JOIN = {
  rebalanceTimeoutMs: 60_000,
  processId: 'p',
  topology: {
    epoch: 0,
    subtopologies: [
      { subtopologyId: '0', sourceTopics: ['lines'], repartitionSinkTopics: ['app-words'] },
      { subtopologyId: '1', repartitionSourceTopics: [{ name: 'app-words' }], stateChangelogTopics: [COUNTS] },
    ],
  },
  ...NO_TASKS,
}

/** Heartbeats until the broker has made the topics. */
async function tasks(client: TestClient): Promise<StreamsGroupHeartbeatResponse> {
  for (let epoch = 2; ; ) {
    const response = await beat(client, epoch, NO_TASKS)
    expect(response.errorCode).toBe(0)
    if ((response.status ?? []).length === 0) return response
    epoch = response.memberEpoch
  }
}

test("the broker makes a group's topics, and the group outlives a restart", async () => {
  const client = await started()
  expect((await beat(client, 0, JOIN)).status).toMatchObject([
    { statusDetail: 'Internal topics are missing: app-counts-changelog, app-words' },
  ])
  const assigned = await tasks(client)
  expect(assigned.activeTasks).toEqual([
    { subtopologyId: '0', partitions: [0, 1, 2] },
    { subtopologyId: '1', partitions: [0, 1, 2] },
  ])
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: COUNTS.name, configurationKeys: ['cleanup.policy'] }]
  const { results } = await client.request(DescribeConfigsRequest, DescribeConfigsResponse, 4, { resources })
  expect(results[0]?.configs[0]?.value).toBe('compact')
  const describe = (each: TestClient) =>
    each.request(StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, 0, { groupIds: ['app'] })
  const before = await describe(client)
  expect(before.groups[0]).toMatchObject({ groupState: 'Stable', groupEpoch: assigned.memberEpoch })
  client.close()
  await broker.restart()
  const again = await broker.connect()
  await findCoordinator(again)
  const after = await describe(again)
  expect(after.groups[0]?.members).toEqual(before.groups[0]?.members)
  expect((await beat(again, assigned.memberEpoch)).memberEpoch).toBe(assigned.memberEpoch)
  expect(await describe(again)).toEqual(before)
  again.close()
})

test('topics that can not be made are named with the reason', async () => {
  const client = await started()
  const odd = { ...COUNTS, topicConfigs: [{ key: 'cleanup.policy', value: 'odd' }] }
  const subtopologies = [{ subtopologyId: '0', sourceTopics: ['lines'], stateChangelogTopics: [odd] }]
  await beat(client, 0, { ...JOIN, topology: { epoch: 0, subtopologies } })
  let detail = ''
  while (!detail.includes('failed')) detail = (await beat(client, 2)).status?.[0]?.statusDetail ?? ''
  expect(detail).toBe(
    'Internal topics are missing: app-counts-changelog; Creation failed: app-counts-changelog ' +
      '(Invalid value odd for configuration cleanup.policy: String must be one of: compact, delete).',
  )
  client.close()
})

test("a group's own configs count at its next heartbeat", async () => {
  const client = await started()
  const configs = [{ name: 'streams.heartbeat.interval.ms', configOperation: 0, value: '7000' }]
  const resources = [{ resourceType: GROUP_RESOURCE, resourceName: 'app', configs }]
  const { responses } = await client.request(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources,
  })
  expect(responses[0]?.errorCode).toBe(0)
  expect((await beat(client, 0, JOIN)).heartbeatIntervalMs).toBe(7000)
  client.close()
})

test("without the protocol 'streams' such groups are refused", async () => {
  broker = await TestBroker.start({ 'group.coordinator.rebalance.protocols': 'classic,consumer' })
  const client = await broker.connect()
  expect((await beat(client, 0, JOIN)).errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION)
  client.close()
})
