import type { Draft } from '../../../src/protocol/codec.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../src/protocol/generated/44-incremental-alter-configs.ts'
import {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../src/protocol/generated/76-share-group-heartbeat.ts'
import { ShareFetchRequest, ShareFetchResponse } from '../../../src/protocol/generated/78-share-fetch.ts'
import {
  ShareAcknowledgeRequest,
  ShareAcknowledgeResponse,
} from '../../../src/protocol/generated/79-share-acknowledge.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../../src/protocol/generated/90-describe-share-group-offsets.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import type { TestBroker, TestClient } from '../in-process.ts'

export interface Topic {
  readonly name: string
  readonly id: string
}

let names = 0

/** A name that no test had before. */
export const newName = (kind: string): string => `${kind}-${++names}`

/** A topic of one partition with `count` records, and a group that reads it from the beginning. */
export async function newTopic(client: TestClient, count: number): Promise<Topic> {
  const name = newName('topic')
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1 }],
  })
  const topic = { name, id: answer.topics[0]!.topicId }
  if (count > 0) await produce(client, topic, count)
  return topic
}

export async function produce(client: TestClient, topic: Topic, count: number): Promise<void> {
  const values = Array.from({ length: count }, (_, i) => ({ value: Buffer.from(`v${i}`), timestamp: Date.now() }))
  await client.request(ProduceRequest, ProduceResponse, 13, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ topicId: topic.id, partitionData: [{ index: 0, records: buildBatch(values) }] }],
  })
}

export async function configureGroup(
  client: TestClient,
  groupId: string,
  configs: Record<string, string>,
): Promise<void> {
  const set = Object.entries({ 'share.auto.offset.reset': 'earliest', ...configs })
  await client.request(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [
      {
        resourceType: 32,
        resourceName: groupId,
        configs: set.map(([name, value]) => ({ name, configOperation: 0, value })),
      },
    ],
  })
}

/** One member of a share group, which says just what it is told to. */
export class Member {
  readonly client: TestClient
  readonly groupId: string
  readonly memberId = newName('member')
  readonly topic: Topic
  memberEpoch = 0
  sessionEpoch = 0

  constructor(client: TestClient, groupId: string, topic: Topic) {
    this.client = client
    this.groupId = groupId
    this.topic = topic
  }

  static async joined(broker: TestBroker, groupId: string, topic: Topic): Promise<Member> {
    const member = new Member(await broker.connect(), groupId, topic)
    await member.client.request(FindCoordinatorRequest, FindCoordinatorResponse, 6, {
      keyType: 0,
      coordinatorKeys: [groupId],
    })
    await member.beat({ subscribedTopicNames: [topic.name] })
    return member
  }

  async beat(more: Draft<ShareGroupHeartbeatRequest> = {}): Promise<ShareGroupHeartbeatResponse> {
    const { groupId, memberId, memberEpoch } = this
    const request = { groupId, memberId, memberEpoch, ...more }
    const answer = await this.client.request(ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, 1, request)
    if (answer.errorCode === 0) this.memberEpoch = answer.memberEpoch
    return answer
  }

  /** ShareFetch of the topic's partition, by default for all there is, without waiting. */
  async fetch(more: Draft<ShareFetchRequest> = {}): Promise<ShareFetchResponse> {
    const { groupId, memberId, topic } = this
    const answer = await this.client.request(ShareFetchRequest, ShareFetchResponse, 2, {
      ...{ groupId, memberId, shareSessionEpoch: this.sessionEpoch, maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 20 },
      ...{ maxRecords: 500, batchSize: 500 },
      topics: [{ topicId: topic.id, partitions: [{ partitionIndex: 0 }] }],
      ...more,
    })
    if (answer.errorCode === 0) this.sessionEpoch++
    return answer
  }

  /** What is acquired by a fetch, as [first, last, delivery count]. */
  async acquire(more: Draft<ShareFetchRequest> = {}): Promise<[number, number, number][]> {
    const answer = await this.fetch(more)
    return (answer.responses[0]?.partitions[0]?.acquiredRecords ?? []).map((range) => [
      Number(range.firstOffset),
      Number(range.lastOffset),
      range.deliveryCount,
    ])
  }

  /** @returns error code and message of the partition, or of the whole request */
  async acknowledge(
    first: number,
    last: number,
    types: number[],
    more: Draft<ShareAcknowledgeRequest> = {},
  ): Promise<[number, string | null]> {
    const { groupId, memberId, topic } = this
    const batch = { firstOffset: BigInt(first), lastOffset: BigInt(last), acknowledgeTypes: types }
    const answer = await this.client.request(ShareAcknowledgeRequest, ShareAcknowledgeResponse, 2, {
      ...{ groupId, memberId, shareSessionEpoch: this.sessionEpoch },
      topics: [{ topicId: topic.id, partitions: [{ partitionIndex: 0, acknowledgementBatches: [batch] }] }],
      ...more,
    })
    if (answer.errorCode !== 0) return [answer.errorCode, answer.errorMessage]
    this.sessionEpoch++
    const { errorCode, errorMessage } = answer.responses[0]!.partitions[0]!
    return [errorCode, errorMessage]
  }
}

/** Start offset and lag of the topic's partition. */
export async function offsetsOf(client: TestClient, groupId: string): Promise<[number, number] | undefined> {
  const answer = await client.request(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, 1, {
    groups: [{ groupId, topics: null }],
  })
  const found = answer.groups[0]!.topics[0]?.partitions[0]
  return found && [Number(found.startOffset), Number(found.lag)]
}
