import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APIS } from '../../../src/broker/apis/index.ts'
import type { Authorizer } from '../../../src/broker/authorizer/authorizer.ts'
import type { AnyApi } from '../../../src/broker/define-api.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../../src/protocol/generated/08-offset-commit.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/generated/22-init-producer-id.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { TestBroker, type TestClient } from '../in-process.ts'
import { connectAs } from './connect-as.ts'
import { filledRequest, type Names } from './filled-request.ts'

/** APIs that Kafka lets anyone call: SASL, versions, telemetry, and delegation tokens, which go by their owners. */
const OPEN: readonly number[] = [17, 18, 36, 38, 39, 40, 41, 71, 72]

const SECRET = { topic: 'secret-topic', group: 'secret-group', transactionalId: 'secret-txn' }
const ABSENT: Names = {
  topic: 'absent-topic',
  group: 'absent-group',
  transactionalId: 'absent-txn',
  topicId: 'BAAAAAAAAAAAAAAAAAAAAA',
}
const DATA = 'nobody may see this'

let broker: TestBroker
let root: TestClient
let stranger: TestClient
let secret: Names
const asked: string[] = []

beforeAll(async () => {
  broker = await TestBroker.start({
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:root',
  })
  root = await connectAs(broker, 'User:root')
  stranger = await connectAs(broker, 'User:stranger')
  await makeSecrets()
  const services = broker.broker as unknown as { authorizer: Authorizer }
  const { authorizer } = services
  const { allows, allowsAny } = authorizer
  authorizer.allows = (...args) => {
    asked.push(args[3])
    return allows.apply(authorizer, args)
  }
  authorizer.allowsAny = (...args) => {
    asked.push('any')
    return allowsAny.apply(authorizer, args)
  }
})
afterAll(async () => {
  root.close()
  stranger.close()
  await broker.stop()
})

async function makeSecrets(): Promise<void> {
  const { topics } = await root.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: SECRET.topic, numPartitions: 1, replicationFactor: 1 }],
  })
  secret = { ...SECRET, topicId: topics[0]!.topicId }
  const records = buildBatch([{ key: null, value: Buffer.from(DATA), timestamp: 1 }])
  const produced = await root.request(ProduceRequest, ProduceResponse, 12, {
    acks: 1,
    topicData: [{ name: SECRET.topic, partitionData: [{ index: 0, records }] }],
  })
  expect(produced.responses[0]!.partitionResponses[0]!.errorCode).toBe(0)
  for (const [keyType, key] of [SECRET.group, SECRET.transactionalId].entries()) {
    await root.request(FindCoordinatorRequest, FindCoordinatorResponse, 4, { keyType, coordinatorKeys: [key] })
  }
  const committed = await root.request(OffsetCommitRequest, OffsetCommitResponse, 9, {
    groupId: SECRET.group,
    generationIdOrMemberEpoch: -1,
    topics: [{ name: SECRET.topic, partitions: [{ partitionIndex: 0, committedOffset: 1n }] }],
  })
  expect(committed.topics[0]!.partitions[0]!.errorCode).toBe(0)
  const producer = await root.request(InitProducerIdRequest, InitProducerIdResponse, 4, {
    transactionalId: SECRET.transactionalId,
    transactionTimeoutMs: 1000,
    producerId: -1n,
    producerEpoch: -1,
  })
  expect(producer.errorCode).toBe(0)
}

/** The answer as text; undefined when the connection was closed instead. */
async function ask(api: AnyApi, version: number, request: object): Promise<string> {
  try {
    const answer: unknown = await stranger.request(api.request, api.response, version, request)
    return JSON.stringify(answer, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value)
      if (value && typeof value === 'object' && 'type' in value && value.type === 'Buffer') {
        return Buffer.from((value as unknown as { data: number[] }).data).toString('latin1')
      }
      return value
    })
  } catch {
    stranger = await connectAs(broker, 'User:stranger')
    return 'closed'
  }
}

/** Puts all names aside, so that answers about different things can be compared. */
function withoutNames(text: string, names: Names): string {
  // Each telemetry client gets an id of its own, and what follows from it.
  const told = text.replace(/"(clientInstanceId|subscriptionId|pushIntervalMs)":("[^"]+"|-?\d+)/g, '')
  return Object.entries(names).reduce((out, [what, name]: [string, string]) => out.replaceAll(name, `<${what}>`), told)
}

const versions = APIS.flatMap((api) =>
  Array.from({ length: api.max - api.min + 1 }, (_, i): [string, AnyApi, number] => {
    const version = api.min + i
    return [`${api.request.name} v${version}`, api, version]
  }),
)

describe('a principal without rights', () => {
  it.each(versions)('%s: learns of nothing', async (_title, api, version) => {
    asked.length = 0
    const about = filledRequest(api.request.name, version, secret)
    const answer = await ask(api, version, about)
    if (!OPEN.includes(api.request.apiKey)) expect(asked, 'the authorizer was not asked').not.toHaveLength(0)
    expect(answer).not.toContain(DATA)
    // Ids are no secret, as Kafka has it: an answer may tell whether there is one, but not the topic's name.
    const byId = JSON.stringify(about, (_key, value: unknown) => (typeof value === 'bigint' ? 0 : value))
    if (byId.includes(secret.topicId)) {
      const nameless = filledRequest(api.request.name, version, { ...secret, topic: '' })
      expect(await ask(api, version, nameless)).not.toContain(secret.topic)
      return
    }
    const other = await ask(api, version, filledRequest(api.request.name, version, ABSENT))
    expect(withoutNames(answer, secret)).toBe(withoutNames(other, ABSENT))
  })

  it.each(versions)('%s: learns of nothing by asking for everything', async (_title, api, version) => {
    for (const empty of [{}, { topics: null }, { topics: [] }, { groups: [{ groupId: SECRET.group, topics: null }] }]) {
      // Fields that an API doesn't have are left out. Without acks a produce request has no answer.
      const answer = await ask(api, version, { ...empty, acks: 1 })
      expect(answer).not.toContain(SECRET.topic)
      expect(answer).not.toContain(SECRET.transactionalId)
      if (!('groups' in empty)) expect(answer).not.toContain(SECRET.group)
    }
  })

  it('has changed nothing', async () => {
    const { topics } = await root.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [
        { name: SECRET.topic, numPartitions: 1, replicationFactor: 1 },
        { name: ABSENT.topic, numPartitions: 1, replicationFactor: 1 },
      ],
      validateOnly: true,
    })
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.TOPIC_ALREADY_EXISTS, ErrorCode.NONE])
  })
})
