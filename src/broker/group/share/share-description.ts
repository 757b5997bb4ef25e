import type { Draft } from '../../../protocol/codec.ts'
import { KafkaError } from '../../../protocol/errors.ts'
import type {
  ShareGroupDescribeResponseDescribedGroup,
  ShareGroupDescribeResponseMember,
} from '../../../protocol/generated/77-share-group-describe.ts'
import { listPartitions } from '../consumer/assignment.ts'
import type { TopicDescriber } from '../consumer/consumer-context.ts'
import type { ShareGroup } from './share-group.ts'
import type { ShareMember } from './share-member.ts'

const ASSIGNOR = 'simple'

/**
 * Describes one share group.
 *
 * @param find the group; a KafkaError it throws becomes the group's error
 */
export function describeShareGroup(
  topics: TopicDescriber,
  find: () => ShareGroup,
  groupId: string,
): Draft<ShareGroupDescribeResponseDescribedGroup> {
  let group: ShareGroup
  try {
    group = find()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { groupId, errorCode: error.code, errorMessage: error.brokerMessage }
  }
  const { stateName: groupState, groupEpoch, assignmentEpoch } = group
  const members = [...group.members.values()].map((member) => describeMember(topics, member))
  return { groupId, groupState, groupEpoch, assignmentEpoch, assignorName: ASSIGNOR, members }
}

function describeMember(topics: TopicDescriber, member: ShareMember): Draft<ShareGroupDescribeResponseMember> {
  const { memberId, rackId, memberEpoch, clientId, clientHost } = member
  const subscribedTopicNames = [...member.subscribedTopicNames].sort()
  // Topics that were deleted are left out.
  const topicPartitions = listPartitions(member.assigned).flatMap(({ topicId, partitions }) => {
    const topicName = topics.topicName(topicId)
    return topicName === undefined ? [] : [{ topicId, topicName, partitions }]
  })
  return { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, assignment: { topicPartitions } }
}
