import type { Draft } from '../../../protocol/codec.ts'
import { KafkaError } from '../../../protocol/errors.ts'
import type {
  ConsumerGroupDescribeResponseAssignment,
  ConsumerGroupDescribeResponseDescribedGroup,
  ConsumerGroupDescribeResponseMember,
} from '../../../protocol/generated/69-consumer-group-describe.ts'
import { type Assignment, listPartitions, union } from './assignment.ts'
import type { ConsumerGroupContext, TopicDescriber } from './consumer-context.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { assignorName, preferredAssignor } from './target-assignment.ts'

const CLASSIC_MEMBER = 0
const CONSUMER_MEMBER = 1

/**
 * Describes one consumer group.
 *
 * @param find the group; a KafkaError it throws becomes the group's error
 */
export function describeConsumerGroup(
  consumer: ConsumerGroupContext,
  find: () => ConsumerGroup,
  groupId: string,
): Draft<ConsumerGroupDescribeResponseDescribedGroup> {
  let group: ConsumerGroup
  try {
    group = find()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { groupId, errorCode: error.code, errorMessage: error.brokerMessage }
  }
  const defaultAssignor = assignorName(consumer.settings().assignors[0] ?? 'uniform')
  return {
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: preferredAssignor(group.members.values(), defaultAssignor),
    members: [...group.members.values()].map((member) => describeMember(consumer.topics, group, member)),
  }
}

function describeMember(
  topics: TopicDescriber,
  group: ConsumerGroup,
  member: ConsumerMember,
): Draft<ConsumerGroupDescribeResponseMember> {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicRegex } = member
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex,
    // What it has yet to give up it still has.
    assignment: described(topics, union(member.assigned, member.pendingRevocation)),
    targetAssignment: described(topics, group.target(memberId, instanceId)),
    memberType: member.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  }
}

/** Topics that were deleted are left out. */
function described(topics: TopicDescriber, assignment: Assignment): Draft<ConsumerGroupDescribeResponseAssignment> {
  const topicPartitions = listPartitions(assignment).flatMap(({ topicId, partitions }) => {
    const topicName = topics.topicName(topicId)
    return topicName === undefined ? [] : [{ topicId, topicName, partitions }]
  })
  return { topicPartitions }
}
