import type { ConfiguredTopology } from './configured-topology.ts'
import { isReconciledTo, type StreamsMember } from './streams-member.ts'
import { TaskProcesses } from './task-processes.ts'
import { EMPTY_TASKS, type Tasks } from './tasks.ts'
import type { StreamsTopology } from './topology.ts'

/** States by the names that the APIs show. */
export type StreamsGroupState = 'Empty' | 'NotReady' | 'Assigning' | 'Reconciling' | 'Stable'

/**
 * A streams group (KIP-1071) as its records say it is. Only streams-replay.ts changes it, record by record, so what a running
 * coordinator has and what a restarted one finds are the same; what comes last is in memory alone.
 */
export class StreamsGroup {
  readonly groupId: string
  readonly members = new Map<string, StreamsMember>()
  readonly targets = new Map<string, Tasks>()
  /** Grows whenever members, topology, topics or configs change; a new group starts at 1 and its first member makes it 2. */
  groupEpoch = 1
  /** Hash of the metadata of all topics the topology needs. */
  metadataHash = 0n
  /** Epoch of the topology whose topics are all there; -1 when some aren't. */
  validatedTopologyEpoch = 0
  /** The configs of the current group epoch. */
  assignmentConfigs: ReadonlyMap<string, string> = new Map()
  topology: StreamsTopology | null = null
  /** The group epoch that the targets were computed for. */
  assignmentEpoch = 1
  /** When they were computed; 0 when that isn't known. */
  assignmentTimestampMs = 0

  /** The topology held against the topics there are; null when that is still to be done. */
  configuredTopology: ConfiguredTopology | null = null
  /** The topics' metadata changed: what the members' next heartbeat has to look at. */
  metadataChanged = true
  /** Grows whenever a member with an endpoint gets other tasks: the others are to be told. */
  endpointInformationEpoch = 0
  /** The member that asked all others to stop, until the group is empty. */
  shutdownRequestedBy: string | null = null
  #processes: TaskProcesses | undefined

  constructor(groupId: string) {
    this.groupId = groupId
  }

  get state(): StreamsGroupState {
    if (this.members.size === 0) return 'Empty'
    if (this.topology?.epoch !== this.validatedTopologyEpoch) return 'NotReady'
    if (this.groupEpoch > this.assignmentEpoch) return 'Assigning'
    for (const member of this.members.values()) {
      if (!isReconciledTo(member, this.assignmentEpoch)) return 'Reconciling'
    }
    return 'Stable'
  }

  target(memberId: string): Tasks {
    return this.targets.get(memberId) ?? EMPTY_TASKS
  }

  /** Which processes have which tasks. */
  get processes(): TaskProcesses {
    this.#processes ??= new TaskProcesses(this.members.values())
    return this.#processes
  }

  /** True while there are members and the topology reads the topic. */
  isSubscribedTo(topic: string): boolean {
    return this.members.size > 0 && this.topology?.reader(topic) !== undefined
  }

  /** True when the topology needs the topic, in whatever way. */
  requires(topic: string): boolean {
    return this.topology?.requiredTopics.has(topic) === true
  }

  /** For streams-replay.ts alone. */
  setMember(member: StreamsMember): void {
    this.members.set(member.memberId, member)
    this.#processes = undefined
  }

  /** For streams-replay.ts alone. */
  removeMember(memberId: string): void {
    this.members.delete(memberId)
    this.#processes = undefined
    if (this.members.size === 0) this.shutdownRequestedBy = null
  }
}
