/**
 * StreamsGroupHeartbeat: joins a streams group, keeps a member in it, tells it its tasks, and leaves (KIP-1071); v0.
 *
 * - UNSUPPORTED_VERSION while the feature streams.version is 0 or group.coordinator.rebalance.protocols lacks 'streams'.
 * - Needs READ on the group and DESCRIBE on each topic of the topology. Topics that the group needs and that are missing are
 *   made in the background, which needs CREATE on the cluster or on each of them; the status says what is in the way.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  StreamsGroupHeartbeatRequest,
  type StreamsGroupHeartbeatRequestTopology,
  StreamsGroupHeartbeatResponse,
} from '../../protocol/generated/88-streams-group-heartbeat.ts'
import { AclOperation, CLUSTER_NAME, ResourceType } from '../authorizer/authorizer.ts'
import { isInternalTopic, topicNameProblem } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { InternalTopic } from '../group/streams/configured-topology.ts'
import { StatusCode } from '../group/streams/status.ts'
import { groupClient, streamsProtocolIsOn } from './group-client.ts'

type Response = Draft<StreamsGroupHeartbeatResponse>

/** Failures shown in a status before it says how many more there are. */
const MAX_FAILURES = 3

export const streamsGroupHeartbeat = defineApi<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>({
  request: StreamsGroupHeartbeatRequest,
  response: StreamsGroupHeartbeatResponse,
  min: 0,
  max: 0,
  async handle(context, request) {
    const { services } = context
    const { groupId, topology } = request
    if (!streamsProtocolIsOn(services)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION }
    if (!services.authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
    }
    const refused = topology === null ? undefined : refuseTopics(context, topicsOf(topology))
    if (refused !== undefined) return refused
    const { response, missingTopics } = await services.groups.streamsGroupHeartbeat(groupClient(context), request)
    if (missingTopics.length > 0) makeTopics(context, missingTopics, response)
    return response
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})

function topicsOf({ subtopologies }: StreamsGroupHeartbeatRequestTopology): string[] {
  const names = subtopologies.flatMap((each) => [
    ...each.sourceTopics,
    ...each.repartitionSinkTopics,
    ...each.repartitionSourceTopics.map(({ name }) => name),
    ...each.stateChangelogTopics.map(({ name }) => name),
  ])
  return [...new Set(names)]
}

function refuseTopics(context: RequestContext, names: readonly string[]): Response | undefined {
  const errorCode = ErrorCode.STREAMS_INVALID_TOPOLOGY
  const internal = names.filter(isInternalTopic).join(',')
  if (internal !== '') {
    const errorMessage = `Use of Kafka internal topics ${internal} in a Kafka Streams topology is prohibited.`
    return { errorCode, errorMessage }
  }
  const invalid = names.filter((name) => topicNameProblem(name) !== undefined).join(',')
  if (invalid !== '') return { errorCode, errorMessage: `Topic names ${invalid} are not valid topic names.` }
  const { authorizer } = context.services
  const mayDescribe = (name: string) => authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)
  return names.every(mayDescribe) ? undefined : { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
}

function makeTopics(context: RequestContext, topics: readonly InternalTopic[], response: Response): void {
  const { services } = context
  const unauthorized = withoutCreate(context, topics)
  if (unauthorized.length > 0) {
    addDetail(response, `Unauthorized to CREATE on topics ${unauthorized.join(', ')}.`)
    return
  }
  services.streamsTopics.create(topics, (response.heartbeatIntervalMs ?? 0) * 2)
  const failures = topics.flatMap(({ name }) => {
    const message = services.streamsTopics.failure(name)
    return message === undefined ? [] : [`${name} (${message})`]
  })
  if (failures.length === 0) return
  const more = failures.length > MAX_FAILURES ? ` and ${failures.length - MAX_FAILURES} more` : ''
  addDetail(response, `Creation failed: ${failures.slice(0, MAX_FAILURES).join(', ')}${more}.`)
}

/** The topics that the sender may not create. */
function withoutCreate(context: RequestContext, topics: readonly InternalTopic[]): string[] {
  const { authorizer } = context.services
  if (authorizer.allows(context, AclOperation.CREATE, ResourceType.CLUSTER, CLUSTER_NAME, true)) return []
  const names = topics.map(({ name }) => name)
  return names.filter((name) => !authorizer.allows(context, AclOperation.CREATE, ResourceType.TOPIC, name))
}

/** Adds to what the answer says of missing topics. */
function addDetail(response: Response, detail: string): void {
  response.status = (response.status ?? []).map((status) =>
    status.statusCode === StatusCode.MISSING_INTERNAL_TOPICS
      ? { ...status, statusDetail: `${status.statusDetail}; ${detail}` }
      : status,
  )
}
