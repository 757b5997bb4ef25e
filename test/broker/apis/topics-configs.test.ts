import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../src/protocol/generated/20-delete-topics.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../../src/protocol/generated/32-describe-configs.ts'
import { AlterConfigsRequest, AlterConfigsResponse } from '../../../src/protocol/generated/33-alter-configs.ts'
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../../src/protocol/generated/37-create-partitions.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../src/protocol/generated/44-incremental-alter-configs.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../../src/protocol/generated/75-describe-topic-partitions.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  broker = await TestBroker.start()
  client = await broker.connect()
})
afterAll(async () => {
  client.close()
  await broker.stop()
})

async function create(topic: object, version = 7, validateOnly = false) {
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, version, {
    topics: [{ numPartitions: -1, replicationFactor: -1, ...topic }],
    validateOnly,
  })
  return answer.topics[0]!
}

async function partitionsOf(name: string): Promise<number> {
  const answer = await client.request(MetadataRequest, MetadataResponse, 13, {
    topics: [{ name }],
    allowAutoTopicCreation: false,
  })
  return answer.topics[0]!.errorCode === 0 ? answer.topics[0]!.partitions.length : -1
}

describe('CreateTopics', () => {
  it('creates with defaults, at every version', async () => {
    for (let version = 4; version <= 7; version++) {
      expect((await create({ name: `v${version}` }, version)).errorCode).toBe(0)
      expect(await partitionsOf(`v${version}`)).toBe(1)
    }
  })

  it.each([
    [{ name: '' }, 'INVALID_TOPIC_EXCEPTION', 'Topic name is invalid: the empty string is not allowed'],
    [
      { name: 'a b' },
      'INVALID_TOPIC_EXCEPTION',
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    [
      { name: 'p', numPartitions: 0 },
      'INVALID_PARTITIONS',
      'Number of partitions was set to an invalid non-positive value.',
    ],
    [{ name: 'r', replicationFactor: 2 }, 'INVALID_REPLICATION_FACTOR', /only 1 broker\(s\) are registered/],
    [{ name: 'c', configs: [{ name: 'nope', value: '1' }] }, 'INVALID_CONFIG', 'Unknown topic config name: nope'],
    [
      { name: 'd', configs: [{ name: 'retention.ms', value: 'soon' }] },
      'INVALID_CONFIG',
      'Invalid value soon for configuration retention.ms: Not a number of type LONG',
    ],
    [
      { name: 'e', assignments: [{ partitionIndex: 0, brokerIds: [1, 1] }] },
      'INVALID_REPLICA_ASSIGNMENT',
      /broker 1 more than once/,
    ],
    [
      { name: 'f', assignments: [{ partitionIndex: 0, brokerIds: [9] }] },
      'INVALID_REPLICA_ASSIGNMENT',
      /includes broker 9, but no such broker/,
    ],
    [
      { name: 'g', assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
      'INVALID_REPLICA_ASSIGNMENT',
      'partitions should be a consecutive 0-based integer sequence',
    ],
  ] as const)('refuses %j', async (topic, errorName, message) => {
    const answer = await create(topic)
    expect(answer.errorCode).toBe(ErrorCode[errorName])
    if (typeof message === 'string') expect(answer.errorMessage).toBe(message)
    else expect(answer.errorMessage).toMatch(message)
  })

  it('refuses what exists and what would collide', async () => {
    await create({ name: 'my.topic' })
    expect(await create({ name: 'my.topic' })).toMatchObject({
      errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
      errorMessage: "Topic 'my.topic' already exists.",
    })
    expect(await create({ name: 'my_topic' })).toMatchObject({
      errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
      errorMessage: "Topic 'my_topic' collides with existing topic: my.topic",
    })
  })

  it('creates nothing when only asked to validate, and once when asked twice at a time', async () => {
    expect((await create({ name: 'later' }, 7, true)).errorCode).toBe(0)
    expect(await partitionsOf('later')).toBe(-1)
    const both = await Promise.all([broker.connect(), broker.connect()])
    const codes = await Promise.all(
      both.map(async (one) => {
        const topics = [{ name: 'race', numPartitions: 1, replicationFactor: 1 }]
        return (await one.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })).topics[0]!.errorCode
      }),
    )
    expect(codes.sort((a, b) => a - b)).toEqual([0, ErrorCode.TOPIC_ALREADY_EXISTS])
    for (const one of both) one.close()
  })
})

describe('CreatePartitions and DeleteTopics', () => {
  const grow = async (name: string, count: number) => {
    const answer = await client.request(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
      topics: [{ name, count, assignments: null }],
    })
    return answer.results[0]!
  }

  it('grow and never shrink', async () => {
    await create({ name: 'grows', numPartitions: 2 })
    expect((await grow('grows', 4)).errorCode).toBe(0)
    expect(await partitionsOf('grows')).toBe(4)
    expect(await grow('grows', 4)).toMatchObject({
      errorCode: ErrorCode.INVALID_PARTITIONS,
      errorMessage: 'Topic already has 4 partition(s).',
    })
    expect((await grow('grows', 2)).errorMessage).toBe(
      'The topic grows currently has 4 partition(s); 2 would not be an increase.',
    )
    expect((await grow('absent', 2)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  it('delete by name and by id', async () => {
    const { topicId } = await create({ name: 'gone-1' })
    await create({ name: 'gone-2' })
    const remove = async (topic: object) =>
      (await client.request(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [topic] })).responses[0]!
    expect(await remove({ name: null, topicId })).toMatchObject({ errorCode: 0, name: 'gone-1' })
    expect(await remove({ name: 'gone-2' })).toMatchObject({ errorCode: 0 })
    expect((await remove({ name: 'gone-2' })).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await remove({ name: null, topicId })).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    expect((await create({ name: 'gone-1' })).errorCode).toBe(0)
  })
})

describe('Metadata', () => {
  it('creates a topic asked for, if allowed', async () => {
    const ask = async (name: string, allowAutoTopicCreation: boolean) => {
      const answer = await client.request(MetadataRequest, MetadataResponse, 12, {
        topics: [{ name }],
        allowAutoTopicCreation,
      })
      return answer.topics[0]!.errorCode
    }
    expect(await ask('auto', false)).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(await ask('auto', true)).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    await vi.waitFor(async () => expect(await ask('auto', false)).toBe(0))
    expect(await ask('no/good', true)).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  })

  it('looks at ids alone where any topic is named by one', async () => {
    const { topicId } = await create({ name: 'by-id' })
    const answer = await client.request(MetadataRequest, MetadataResponse, 12, {
      topics: [{ name: 'no-such' }, { name: null, topicId }],
    })
    expect(answer.topics.map(({ name }) => name)).toEqual(['by-id'])
  })

  it('wants the cursor of DescribeTopicPartitions among the topics', async () => {
    await create({ name: 'cursor-a' })
    const answer = await client.request(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, 0, {
      topics: [{ name: 'cursor-a' }],
      cursor: { topicName: 'cursor', partitionIndex: 0 },
    })
    expect(answer.topics).toMatchObject([{ name: 'cursor-a', errorCode: ErrorCode.INVALID_REQUEST, partitions: [] }])
  })

  it('pages DescribeTopicPartitions', async () => {
    await create({ name: 'page-a', numPartitions: 3 })
    await create({ name: 'page-b', numPartitions: 2 })
    const seen: string[] = []
    let cursor = null
    do {
      const page: DescribeTopicPartitionsResponse = await client.request(
        DescribeTopicPartitionsRequest,
        DescribeTopicPartitionsResponse,
        0,
        {
          topics: [{ name: 'page-b' }, { name: 'page-a' }],
          responsePartitionLimit: 2,
          cursor,
        },
      )
      for (const topic of page.topics) for (const p of topic.partitions) seen.push(`${topic.name}-${p.partitionIndex}`)
      cursor = page.nextCursor
    } while (cursor)
    expect(seen).toEqual(['page-a-0', 'page-a-1', 'page-a-2', 'page-b-0', 'page-b-1'])
  })
})

describe('configs', () => {
  const TOPIC = 2
  const alter = async (resourceName: string, configs: object[], resourceType = TOPIC) => {
    const answer = await client.request(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
      resources: [{ resourceType, resourceName, configs }],
    })
    return answer.responses[0]!
  }
  const describeOne = async (resourceName: string, key: string, resourceType = TOPIC) => {
    const answer = await client.request(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
      resources: [{ resourceType, resourceName, configurationKeys: [key] }],
      includeSynonyms: true,
    })
    return answer.results[0]!.configs[0]!
  }

  it('set, append, subtract, delete', async () => {
    await create({ name: 'cfg' })
    expect((await alter('cfg', [{ name: 'retention.ms', configOperation: 0, value: '60000' }])).errorCode).toBe(0)
    expect(await describeOne('cfg', 'retention.ms')).toMatchObject({ value: '60000', configSource: 1 })
    await alter('cfg', [{ name: 'cleanup.policy', configOperation: 2, value: 'compact' }])
    expect((await describeOne('cfg', 'cleanup.policy')).value).toBe('delete,compact')
    await alter('cfg', [{ name: 'cleanup.policy', configOperation: 3, value: 'delete' }])
    expect((await describeOne('cfg', 'cleanup.policy')).value).toBe('compact')
    await alter('cfg', [{ name: 'retention.ms', configOperation: 1, value: null }])
    expect(await describeOne('cfg', 'retention.ms')).toMatchObject({ value: '604800000', configSource: 5 })
  })

  it('refuse as Kafka does', async () => {
    await create({ name: 'cfg2' })
    expect((await alter('cfg2', [{ name: 'nope', configOperation: 0, value: '1' }])).errorMessage).toBe(
      'Unknown topic config name: nope',
    )
    expect((await alter('absent', [{ name: 'retention.ms', configOperation: 0, value: '1' }])).errorMessage).toBe(
      "The topic 'absent' does not exist.",
    )
    expect((await alter('cfg2', [{ name: 'retention.ms', configOperation: 2, value: '1' }])).errorMessage).toBe(
      "Can't APPEND to key retention.ms because its type is not LIST.",
    )
    expect((await alter('1', [{ name: 'process.roles', configOperation: 0, value: 'broker' }], 4)).errorMessage).toBe(
      'Cannot update these configs dynamically: [process.roles]',
    )
  })

  it('survive a restart, and so do topics', async () => {
    await create({ name: 'kept', numPartitions: 2 })
    await alter('kept', [{ name: 'segment.ms', configOperation: 0, value: '12345' }])
    await alter('', [{ name: 'log.retention.ms', configOperation: 0, value: '77000' }], 4)
    client.close()
    await broker.restart()
    client = await broker.connect()
    expect(await partitionsOf('kept')).toBe(2)
    expect((await describeOne('kept', 'segment.ms')).value).toBe('12345')
    expect(await describeOne('kept', 'retention.ms')).toMatchObject({ value: '77000', configSource: 3 })
  })

  it('are replaced as a whole by the old AlterConfigs', async () => {
    await create({ name: 'old', configs: [{ name: 'segment.ms', value: '1' }] })
    const answer = await client.request(AlterConfigsRequest, AlterConfigsResponse, 2, {
      resources: [{ resourceType: TOPIC, resourceName: 'old', configs: [{ name: 'retention.ms', value: '5' }] }],
    })
    expect(answer.responses[0]!.errorCode).toBe(0)
    expect((await describeOne('old', 'segment.ms')).configSource).toBe(5)
    expect((await describeOne('old', 'retention.ms')).value).toBe('5')
  })
})
