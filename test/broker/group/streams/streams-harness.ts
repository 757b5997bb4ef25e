import { streamsGroupHeartbeat } from '../../../../src/broker/apis/88-streams-group-heartbeat.ts'
import { streamsGroupDescribe } from '../../../../src/broker/apis/89-streams-group-describe.ts'
import { GroupShard } from '../../../../src/broker/group/shard.ts'
import type { InternalTopic } from '../../../../src/broker/group/streams/configured-topology.ts'
import type { StreamsGroup } from '../../../../src/broker/group/streams/streams-group.ts'
import type { Draft } from '../../../../src/protocol/codec.ts'
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatRequestSubtopology,
  StreamsGroupHeartbeatResponse,
} from '../../../../src/protocol/generated/88-streams-group-heartbeat.ts'
import { GroupHarness } from '../harness.ts'

export type TaskMap = { readonly [subtopologyId: string]: readonly number[] }
type Beat = Draft<StreamsGroupHeartbeatRequest>

const listed = (tasks: TaskMap) =>
  Object.entries(tasks).map(([subtopologyId, partitions]) => ({ subtopologyId, partitions: [...partitions] }))

/** All kinds of tasks as requests hold them, from { '0': [0, 1] }. */
export function owned(active: TaskMap, standby: TaskMap = {}): Beat {
  return { activeTasks: listed(active), standbyTasks: listed(standby), warmupTasks: [] }
}

/** The reverse of `owned` for active tasks; null when the response has none. */
export function active(response: StreamsGroupHeartbeatResponse): TaskMap | null {
  return mapOf(response.activeTasks)
}

export function standby(response: StreamsGroupHeartbeatResponse): TaskMap | null {
  return mapOf(response.standbyTasks)
}

function mapOf(tasks: StreamsGroupHeartbeatResponse['activeTasks']): TaskMap | null {
  return tasks && Object.fromEntries(tasks.map(({ subtopologyId, partitions }) => [subtopologyId, partitions]))
}

/** A topology of subtopologies '0', '1' …; by default one that reads orders. */
export function topology(
  subtopologies: readonly Draft<StreamsGroupHeartbeatRequestSubtopology>[] = [{ sourceTopics: ['orders'] }],
  epoch = 0,
): Beat['topology'] {
  return { epoch, subtopologies: subtopologies.map((each, i) => ({ subtopologyId: String(i), ...each })) }
}

/** A coordinator with members of the streams protocol. */
export class StreamsHarness extends GroupHarness {
  /** Topics that were to be made, in order. */
  readonly created: InternalTopic[] = []

  static override async started(): Promise<StreamsHarness> {
    const harness = new StreamsHarness()
    harness.streamsTopics.create = (topics) => void harness.created.push(...topics)
    await harness.coordinator.load(0, [])
    return harness
  }

  beat(memberId: string, memberEpoch: number, draft: Beat = {}, groupId = 'g'): Promise<StreamsGroupHeartbeatResponse> {
    const request = { groupId, memberId, memberEpoch, endpointInformationEpoch: -1, ...draft }
    return this.call(streamsGroupHeartbeat, 0, request)
  }

  /** Joins as a process of its own. */
  joinStreams(memberId: string, draft: Beat = {}, groupId = 'g'): Promise<StreamsGroupHeartbeatResponse> {
    return this.beat(
      memberId,
      0,
      { rebalanceTimeoutMs: 60_000, topology: topology(), processId: `process-${memberId}`, ...owned({}), ...draft },
      groupId,
    )
  }

  async describeStreams(groupId = 'g') {
    const request = { groupIds: [groupId], includeAuthorizedOperations: true }
    return (await this.call(streamsGroupDescribe, 0, request)).groups[0]!
  }

  /** What a restarted coordinator finds in the log. */
  replayed(): ReadonlyMap<string, StreamsGroup> {
    const shard = new GroupShard(0, this.context())
    for (const record of this.log) shard.replay(record)
    shard.finishReplay()
    return shard.streamsGroups
  }

  /** A topic comes to be, or gets more partitions. */
  setTopic(name: string, partitions: number): void {
    this.topics.set(name, partitions)
    this.coordinator.onTopicChanged(name)
  }
}
