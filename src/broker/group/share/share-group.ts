import { type Assignment, EMPTY_ASSIGNMENT } from '../consumer/assignment.ts'
import type { ShareMember } from './share-member.ts'

/** Partitions of a topic that have state, or are about to. */
export interface TopicState {
  readonly name: string
  readonly partitions: ReadonlySet<number>
  /** When the record that says so was applied: what takes too long is tried again. */
  readonly timestampMs: number
}

/** Topics by id. */
export type TopicStates = ReadonlyMap<string, TopicState>

/** What share partitions of a group have state in __share_group_state. */
export interface StatePartitions {
  readonly initializing: TopicStates
  readonly initialized: TopicStates
  /** Names of topics whose state is being deleted, by id. */
  readonly deleting: ReadonlyMap<string, string>
}

export const NO_STATE: StatePartitions = { initializing: new Map(), initialized: new Map(), deleting: new Map() }

/** A share group (KIP-932) as its records say it is. Only replay.ts changes it, record by record. */
export class ShareGroup {
  readonly groupId: string
  readonly members = new Map<string, ShareMember>()
  readonly targets = new Map<string, Assignment>()
  /** Grows whenever members or topics change; a new group starts at 1 and its first member makes it 2. */
  groupEpoch = 1
  metadataHash = 0n
  /** The group epoch that the targets were computed for. */
  assignmentEpoch = 0
  assignmentTimestampMs = 0
  /** undefined when there is no such record. */
  state: StatePartitions | undefined
  /** The log has a record of the group itself. */
  isPersisted = false
  /** The topics' metadata changed: what the members' next heartbeat has to look at. Not in the log. */
  metadataChanged = true

  constructor(groupId: string) {
    this.groupId = groupId
  }

  get stateName(): 'Empty' | 'Stable' {
    return this.members.size === 0 ? 'Empty' : 'Stable'
  }

  target(memberId: string): Assignment {
    return this.targets.get(memberId) ?? EMPTY_ASSIGNMENT
  }

  /** Names of the topics its members read. */
  get subscribedTopics(): ReadonlySet<string> {
    return subscribedTopics(this.members.values())
  }
}

/** Names of the topics members read. */
export function subscribedTopics(members: Iterable<ShareMember>): Set<string> {
  const names = new Set<string>()
  for (const member of members) for (const name of member.subscribedTopicNames) names.add(name)
  return names
}

/** Both with the partitions of both. */
export function combine(a: TopicStates, b: TopicStates): Map<string, TopicState> {
  const combined = new Map(a)
  for (const [topicId, { name, partitions, timestampMs }] of b) {
    const all = new Set([...(combined.get(topicId)?.partitions ?? []), ...partitions])
    combined.set(topicId, { name, partitions: all, timestampMs })
  }
  return combined
}

/** `a` less the partitions of `b`; topics without any left are gone. */
export function subtract(a: TopicStates, b: ReadonlyMap<string, ReadonlySet<number>>): Map<string, TopicState> {
  const rest = new Map<string, TopicState>()
  for (const [topicId, state] of a) {
    const gone = b.get(topicId)
    const partitions =
      gone === undefined ? state.partitions : new Set([...state.partitions].filter((p) => !gone.has(p)))
    if (partitions.size > 0) rest.set(topicId, { ...state, partitions })
  }
  return rest
}

/** The partitions alone. */
export function partitionsOf(states: TopicStates): Map<string, ReadonlySet<number>> {
  return new Map([...states].map(([topicId, { partitions }]) => [topicId, partitions]))
}
