/**
 * DescribeShareGroupOffsets: the start offsets of share groups (KIP-932); v0-1. v1 adds the lag (KIP-1226). Without topics all
 * that a group has state of are described. Topics the client may not see get an error when named, and are left out otherwise.
 */
import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, errorInfo } from '../../protocol/errors.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
  type DescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup as RequestGroup,
  type DescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup as ResponseGroup,
} from '../../protocol/generated/90-describe-share-group-offsets.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { shareProtocolIsOn } from './share-protocol.ts'

export const describeShareGroupOffsets = defineApi<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(
  {
    request: DescribeShareGroupOffsetsRequest,
    response: DescribeShareGroupOffsetsResponse,
    min: 0,
    max: 1,
    handle: (context, request) => ({ groups: request.groups.map((group) => describe(context, group)) }),
    failure: ({ groups }, errorCode, errorMessage) => ({
      groups: groups.map(({ groupId }) => ({ groupId, errorCode, errorMessage })),
    }),
  },
)

function describe(context: RequestContext, group: RequestGroup): Draft<ResponseGroup> {
  const { groupId } = group
  const refused = (errorCode: number) => ({ groupId, errorCode, errorMessage: errorInfo(errorCode).message })
  if (!shareProtocolIsOn(context)) return refused(ErrorCode.UNSUPPORTED_VERSION)
  const { authorizer, groups } = context.services
  if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, groupId)) {
    return { groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, errorMessage: null }
  }
  const isAllowed = (name = ''): boolean => authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)
  if (group.topics === null) {
    const all = groups.shareGroups.describeOffsets(group)
    return { ...all, topics: (all.topics ?? []).filter(({ topicName }) => isAllowed(topicName)) }
  }
  const hidden = group.topics.filter(({ topicName }) => !isAllowed(topicName))
  const described = groups.shareGroups.describeOffsets({
    ...group,
    topics: group.topics.filter((topic) => !hidden.includes(topic)),
  })
  if (described.errorCode) return described
  const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
  const errorMessage = errorInfo(errorCode).message
  const failed = hidden.map(({ topicName, partitions }) => ({
    topicName,
    topicId: ZERO_UUID,
    partitions: partitions.map((partitionIndex) => ({ partitionIndex, startOffset: -1n, errorCode, errorMessage })),
  }))
  return { ...described, topics: [...failed, ...(described.topics ?? [])] }
}
