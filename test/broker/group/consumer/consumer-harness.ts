import { consumerGroupHeartbeat } from '../../../../src/broker/apis/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../../../../src/broker/apis/69-consumer-group-describe.ts'
import type { ConsumerGroup } from '../../../../src/broker/group/consumer/consumer-group.ts'
import { GroupShard } from '../../../../src/broker/group/shard.ts'
import type { Draft } from '../../../../src/protocol/codec.ts'
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../../src/protocol/generated/68-consumer-group-heartbeat.ts'
import { GroupHarness, TOPIC_IDS } from '../harness.ts'

/** Partitions as requests hold them, from { orders: [0, 1] }. */
export function owned(partitions: { readonly [topic: string]: readonly number[] }) {
  return Object.entries(partitions).map(([topic, each]) => ({ topicId: TOPIC_IDS[topic]!, partitions: each }))
}

/** The reverse of `owned`; null when the response has no assignment. */
export function assigned(response: ConsumerGroupHeartbeatResponse): { [topic: string]: number[] } | null {
  if (response.assignment === null) return null
  const name = (topicId: string) => Object.keys(TOPIC_IDS).find((each) => TOPIC_IDS[each] === topicId)!
  return Object.fromEntries(
    response.assignment.topicPartitions.map(({ topicId, partitions }) => [name(topicId), partitions]),
  )
}

/** A coordinator with members of the consumer protocol. */
export class ConsumerHarness extends GroupHarness {
  static override async started(): Promise<ConsumerHarness> {
    const harness = new ConsumerHarness()
    await harness.coordinator.load(0, [])
    return harness
  }

  beat(
    memberId: string,
    memberEpoch: number,
    draft: Draft<ConsumerGroupHeartbeatRequest> = {},
    version = 1,
  ): Promise<ConsumerGroupHeartbeatResponse> {
    return this.call(consumerGroupHeartbeat, version, {
      groupId: 'g',
      memberId,
      memberEpoch,
      rebalanceTimeoutMs: -1,
      ...draft,
    })
  }

  joinConsumer(memberId: string, topics: readonly string[], draft: Draft<ConsumerGroupHeartbeatRequest> = {}) {
    return this.beat(memberId, 0, {
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: topics,
      topicPartitions: [],
      ...draft,
    })
  }

  joinRegex(memberId: string, subscribedTopicRegex: string) {
    return this.joinConsumer(memberId, [], { subscribedTopicNames: null, subscribedTopicRegex })
  }

  async describeConsumer(groupId = 'g') {
    return (await this.call(consumerGroupDescribe, 1, { groupIds: [groupId] })).groups[0]!
  }

  /** What a restarted coordinator finds in the log. */
  replayed(): ReadonlyMap<string, ConsumerGroup> {
    const shard = new GroupShard(0, this.context())
    for (const record of this.log) shard.replay(record)
    shard.finishReplay()
    return shard.consumerGroups
  }
}
