import { beforeEach, expect, it } from 'vitest'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import * as consumerGroups from '../../src/tools/consumer-groups/command.ts'
import * as tokens from '../../src/tools/delegation-tokens/command.ts'
import * as leaderElection from '../../src/tools/leader-election/command.ts'
import * as logDirs from '../../src/tools/log-dirs/command.ts'
import * as reassign from '../../src/tools/reassign-partitions/command.ts'
import { namedSchemas } from '../../src/tools/schema/documents.ts'
import * as streamsGroups from '../../src/tools/streams-groups/command.ts'
import * as transactions from '../../src/tools/transactions/command.ts'
import { FakeAdmin, node, topic } from './fake-admin.ts'
import { runTool } from './run-tool.ts'

const schemas = new Map(namedSchemas().map(({ name, schema }) => [name, schema]))
let admin: FakeAdmin
beforeEach(() => {
  admin = new FakeAdmin()
})

interface ErrorText {
  error: { kind: string; name: string | null; message: string; failures: object[] }
}

/** Rows that fit the schema, and the error document when there is one. */
const documentOf = async (tool: Parameters<typeof runTool>[0], name: string, command: string) => {
  const { code, out, err } = await runTool(tool, admin, `${command} --output json`)
  const rows = schemas.get(name)!.parse(JSON.parse(out.join('\n'))) as object[]
  const errors = err.length === 0 ? undefined : (schemas.get('error')!.parse(JSON.parse(err.join('\n'))) as ErrorText)
  return { code, rows, error: errors?.error }
}

it('delegation tokens', async () => {
  const principal = { type: 'User', name: 'a' }
  admin.describeDelegationTokens = () =>
    Promise.resolve([
      {
        tokenId: 't',
        hmac: Buffer.from('h'),
        owner: principal,
        requester: principal,
        renewers: [],
        issueTimestampMs: 1,
        expiryTimestampMs: 2,
        maxTimestampMs: 3,
      },
    ])
  const { rows } = await documentOf(tokens, 'delegation-tokens-describe', '--describe --command-config /dev/null')
  expect(rows).toMatchObject([{ tokenId: 't', hmac: 'aA==', owner: 'User:a', renewers: [], expiryTimestampMs: 2 }])
})

it('transactions that hang', async () => {
  admin.topics.set('a', topic('a', [{}]))
  admin.producers.set('a-0', [
    {
      producerId: 7n,
      producerEpoch: 0,
      lastSequence: 3,
      lastTimestamp: 1000,
      coordinatorEpoch: null,
      currentTransactionStartOffset: 5,
    },
  ])
  const { rows } = await documentOf(transactions, 'transactions-find-hanging', 'find-hanging --topic a')
  expect(rows).toMatchObject([{ topic: 'a', partition: 0, producerId: 7, startOffset: 5, lastTimestampMs: 1000 }])
})

it('reassignments under way', async () => {
  const reassignment = { replicas: [1, 2], addingReplicas: [2], removingReplicas: [] }
  admin.listPartitionReassignments = () => Promise.resolve(new Map([['a-b-0', reassignment]]))
  const { rows } = await documentOf(reassign, 'reassign-partitions-list', '--list')
  expect(rows).toEqual([{ topic: 'a-b', partition: 0, ...reassignment }])
})

it('offsets of streams groups, moved and deleted', async () => {
  admin.topics.set('a', topic('a', [{}]))
  admin.committed.set('s', new Map([['a-0', { offset: 5, leaderEpoch: null, metadata: '' }]]))
  admin.streamsGroups.set('s', {
    ...{ groupId: 's', state: 'Empty', coordinator: node(1), groupEpoch: 5, assignmentEpoch: 4, topologyEpoch: 1 },
    subtopologies: [{ subtopologyId: '0', sourceTopics: ['a'], repartitionSourceTopics: [], stateChangelogTopics: [] }],
    members: [],
  })
  const reset = '--reset-offsets --group s --all-input-topics --to-earliest --dry-run'
  const plan = await documentOf(streamsGroups, 'streams-groups-reset-offsets', reset)
  expect(plan).toMatchObject({ code: 0, rows: [{ group: 's', topic: 'a', partition: 0 }] })
  expect(await documentOf(streamsGroups, 'streams-groups-reset-offsets', `${reset} --export`)).toEqual(plan)
  admin.deleteConsumerGroupOffsets = (_group, partitions) =>
    Promise.resolve(new Map(partitions.map((tp) => [tp, { ok: true, value: undefined }] as const)))
  const deleted = '--delete-offsets --group s --input-topic a --input-topic nope'
  const { code, rows, error } = await documentOf(streamsGroups, 'streams-groups-delete-offsets', deleted)
  expect([code, error?.failures.length]).toEqual([1, 1])
  expect(rows).toMatchObject([
    { topic: 'a', partition: 0, error: null },
    { topic: 'nope', partition: null, error: { name: 'UNKNOWN_TOPIC_OR_PARTITION' } },
  ])
})

it('an election that failed for some', async () => {
  admin.electLeaders = () =>
    Promise.resolve(
      new Map([
        ['a-0', { ok: true, value: undefined }],
        ['a-1', { ok: false, error: new KafkaError(ErrorCode.ELECTION_NOT_NEEDED) }],
        ['a-2', { ok: false, error: new KafkaError(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE) }],
      ] as const),
    )
  const command = '--election-type preferred --all-topic-partitions'
  const { code, rows, error } = await documentOf(leaderElection, 'leader-election', command)
  expect(rows).toMatchObject([
    { partition: 0, isElected: true, error: null },
    { partition: 1, isElected: false, error: null },
    { partition: 2, isElected: false, error: { name: 'PREFERRED_LEADER_NOT_AVAILABLE' } },
  ])
  expect([code, error?.failures]).toMatchObject([1, [{ topic: 'a', partition: 2 }]])
})

it('a log directory that is offline', async () => {
  const offline = { errorClass: 'x', errorCode: ErrorCode.KAFKA_STORAGE_ERROR, totalBytes: -1n, usableBytes: -1n }
  admin.logDirs.set(1, [{ path: '/d', replicas: [], ...offline }])
  const { code, rows, error } = await documentOf(logDirs, 'log-dirs-describe', '--describe --broker-list 1')
  expect(rows).toMatchObject([{ nodeId: 1, logDir: '/d', error: { name: 'KAFKA_STORAGE_ERROR' }, totalBytes: null }])
  expect([code, error?.failures]).toMatchObject([1, [{ nodeId: 1, logDir: '/d' }]])
})

it('groups of which some could not be deleted: 0 for Kafka, 1 for programs', async () => {
  admin.deleteConsumerGroups = () =>
    Promise.resolve(
      new Map([
        ['a', { ok: true, value: undefined }],
        ['b', { ok: false, error: new KafkaError(ErrorCode.NON_EMPTY_GROUP) }],
      ] as const),
    )
  const command = '--delete --group a --group b'
  expect((await runTool(consumerGroups, admin, command)).code).toBe(0)
  const { code, rows, error } = await documentOf(consumerGroups, 'consumer-groups-delete', command)
  expect(rows).toMatchObject([
    { group: 'a', error: null },
    { group: 'b', error: { kind: 'broker' } },
  ])
  expect([code, error?.failures]).toMatchObject([1, [{ group: 'b', name: 'NON_EMPTY_GROUP' }]])
})
