import type { Assignment, EpochAssignment } from './assignment.ts'
import { EMPTY_ASSIGNMENT } from './assignment.ts'
import { type ConsumerMember, isReconciledTo } from './consumer-member.ts'

/** States by the names that the APIs show. */
export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

/** The topics a regular expression stood for when it was last resolved. */
export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>
  /** Offset in the metadata log that was known then. */
  readonly version: number
  readonly timestampMs: number
}

/** The owners of partitions: who has them, or has not said yet that it let go of them. */
class PartitionOwners {
  readonly #owners = new Map<string, Map<number, string>>()

  get(topicId: string, partition: number): string | undefined {
    return this.#owners.get(topicId)?.get(partition)
  }

  add(memberId: string, assignment: EpochAssignment): void {
    for (const [topicId, partitions] of assignment) {
      const owners = this.#owners.get(topicId) ?? new Map<number, string>()
      this.#owners.set(topicId, owners)
      for (const partition of partitions.keys()) owners.set(partition, memberId)
    }
  }

  remove(memberId: string, assignment: EpochAssignment): void {
    for (const [topicId, partitions] of assignment) {
      const owners = this.#owners.get(topicId)
      if (owners === undefined) continue
      for (const partition of partitions.keys()) if (owners.get(partition) === memberId) owners.delete(partition)
      if (owners.size === 0) this.#owners.delete(topicId)
    }
  }
}

/**
 * A consumer group (KIP-848) as its records say it is. Only replay.ts changes it, record by record, so what a running
 * coordinator has and what a restarted one finds are the same.
 */
export class ConsumerGroup {
  readonly groupId: string
  readonly members = new Map<string, ConsumerMember>()
  readonly targets = new Map<string, Assignment>()
  readonly regexes = new Map<string, ResolvedRegex>()
  /** Grows whenever members or topics change; a new group starts at 1 and its first member makes it 2. */
  groupEpoch = 1
  /** Hash of the metadata of all topics the group reads. */
  metadataHash = 0n
  /** The group epoch that the targets were computed for. */
  assignmentEpoch = 0
  /** When they were computed; 0 when that isn't known. */
  assignmentTimestampMs = 0
  /** The log has a record of the topics' metadata, as Kafka wrote them before 4.1. */
  hasPartitionMetadata = false
  /** The topics' metadata changed: what the members' next heartbeat has to look at. Not in the log. */
  metadataChanged = true
  readonly #owners = new PartitionOwners()
  readonly #staticMembers = new Map<string, string>()
  #subscribedTopics: ReadonlySet<string> | undefined

  constructor(groupId: string) {
    this.groupId = groupId
  }

  get state(): ConsumerGroupState {
    if (this.members.size === 0) return 'Empty'
    if (this.groupEpoch > this.assignmentEpoch) return 'Assigning'
    for (const member of this.members.values()) {
      if (!isReconciledTo(member, this.assignmentEpoch)) return 'Reconciling'
    }
    return 'Stable'
  }

  /** The id of the member that has the partition or must still give it up; undefined when it is free. */
  owner(topicId: string, partition: number): string | undefined {
    return this.#owners.get(topicId, partition)
  }

  staticMember(instanceId: string | null): ConsumerMember | undefined {
    const memberId = instanceId === null ? undefined : this.#staticMembers.get(instanceId)
    return memberId === undefined ? undefined : this.members.get(memberId)
  }

  /** A member's target; that of the static member it replaces if it has none of its own. */
  target(memberId: string, instanceId: string | null): Assignment {
    const replaced = this.staticMember(instanceId)
    return this.targets.get(replaced?.memberId ?? memberId) ?? EMPTY_ASSIGNMENT
  }

  /** How many members subscribe to a regular expression. */
  regexSubscribers(regex: string): number {
    let count = 0
    for (const member of this.members.values()) if (member.subscribedTopicRegex === regex) count++
    return count
  }

  /** True while some member reads the topic, by name or by regular expression. */
  isSubscribedTo(topic: string): boolean {
    this.#subscribedTopics ??= subscribedTopics(this.members.values(), this.regexes)
    return this.#subscribedTopics.has(topic)
  }

  get subscribedTopics(): ReadonlySet<string> {
    this.#subscribedTopics ??= subscribedTopics(this.members.values(), this.regexes)
    return this.#subscribedTopics
  }

  get allMembersAreClassic(): boolean {
    for (const member of this.members.values()) if (member.classic === null) return false
    return true
  }

  /** True when some protocol is supported by all members of the classic protocol, the candidate included. */
  supportsClassicProtocols(protocolType: string, names: readonly string[]): boolean {
    if (protocolType !== 'consumer' || names.length === 0) return false
    return names.some((name) => {
      for (const { classic } of this.members.values()) {
        if (classic !== null && !classic.supportedProtocols.some((protocol) => protocol.name === name)) return false
      }
      return true
    })
  }

  /** For replay.ts alone. */
  setMember(member: ConsumerMember): void {
    const old = this.members.get(member.memberId)
    if (old !== undefined) this.#forget(old)
    this.members.set(member.memberId, member)
    this.#owners.add(member.memberId, member.assigned)
    this.#owners.add(member.memberId, member.pendingRevocation)
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.memberId)
    this.#subscribedTopics = undefined
  }

  /** For replay.ts alone. */
  removeMember(memberId: string): void {
    const member = this.members.get(memberId)
    if (member === undefined) return
    this.#forget(member)
    this.members.delete(memberId)
    this.#subscribedTopics = undefined
  }

  /** For replay.ts alone. */
  setRegex(regex: string, resolved: ResolvedRegex | null): void {
    if (resolved === null) this.regexes.delete(regex)
    else this.regexes.set(regex, resolved)
    this.#subscribedTopics = undefined
  }

  #forget(member: ConsumerMember): void {
    this.#owners.remove(member.memberId, member.assigned)
    this.#owners.remove(member.memberId, member.pendingRevocation)
    const { instanceId, memberId } = member
    if (instanceId !== null && this.#staticMembers.get(instanceId) === memberId) this.#staticMembers.delete(instanceId)
  }
}

/** The names of the topics members read: those they name and those their resolved regular expressions stand for. */
export function subscribedTopics(
  members: Iterable<ConsumerMember>,
  regexes: ReadonlyMap<string, ResolvedRegex>,
): ReadonlySet<string> {
  const topics = new Set<string>()
  const seen = new Set<string>()
  for (const member of members) {
    for (const name of member.subscribedTopicNames) topics.add(name)
    const regex = member.subscribedTopicRegex
    if (regex === '' || seen.has(regex)) continue
    seen.add(regex)
    for (const name of regexes.get(regex)?.topics ?? []) topics.add(name)
  }
  return topics
}

/** The names of the topics one member reads; a regular expression that isn't resolved yet stands for none. */
export function topicsOfMember(
  member: ConsumerMember,
  regexes: ReadonlyMap<string, ResolvedRegex>,
): ReadonlySet<string> {
  const resolved = regexes.get(member.subscribedTopicRegex)?.topics
  if (member.subscribedTopicRegex === '' || resolved === undefined) return member.subscribedTopicNames
  return member.subscribedTopicNames.size === 0 ? resolved : new Set([...member.subscribedTopicNames, ...resolved])
}
