import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatRequestTopology,
} from '../../../protocol/generated/88-streams-group-heartbeat.ts'
import type { Logger } from '../../logger.ts'
import type { TopicDescriber } from '../consumer/consumer-context.ts'
import { metadataHash } from '../consumer/metadata-hash.ts'
import { type ConfiguredTopology, configureTopology } from './configured-topology.ts'
import { reconcileTasks } from './reconcile.ts'
import { type Status, StatusCode } from './status.ts'
import type { StreamsGroupConfig } from './streams-context.ts'
import type { StreamsGroup } from './streams-group.ts'
import { type StreamsMember, sameStreamsAssignment, sameStreamsMetadata } from './streams-member.ts'
import { type StreamsGroupRecord, StreamsRecordMaker } from './streams-records.ts'
import { computeTaskTargets, STANDBY_REPLICAS } from './target-tasks.ts'
import { EMPTY_TASKS, type TaskIds, type Tasks, taskSet } from './tasks.ts'
import { StreamsTopology, topologyValue } from './topology.ts'

export interface StreamsUpdateEnvironment {
  readonly topics: TopicDescriber
  readonly config: StreamsGroupConfig
  readonly logger: Logger
  readonly nowMs: number
  /** Starts the group's initial rebalance delay unless it runs. */
  startInitialDelay(): void
  /** True while it runs. */
  isInitialDelay(): boolean
}

export interface StreamsChange {
  readonly group: StreamsGroup
  /** The member as it is; a new one if it isn't there yet. */
  readonly before: StreamsMember
  /** The same with what it says of itself now. */
  readonly after: StreamsMember
  readonly request: StreamsGroupHeartbeatRequest
}

export interface StreamsUpdate {
  readonly member: StreamsMember
  readonly records: readonly StreamsGroupRecord[]
  readonly status: readonly Status[]
}

/** @returns partitions of a topic; undefined when there is no such topic */
export function partitionCounter(topics: TopicDescriber): (topic: string) => number | undefined {
  return (topic) => {
    const topicId = topics.topicId(topic)
    return topicId === undefined ? undefined : topics.partitionCount(topicId)
  }
}

/**
 * What a heartbeat of a member changes: its metadata, the group's topology and what that makes of the topics there are,
 * the group's epoch, the targets when they are behind it, and the member's own way to its target.
 *
 * @throws KafkaError INVALID_REQUEST, STREAMS_INVALID_TOPOLOGY, FENCED_MEMBER_EPOCH
 */
export function updateStreamsMember(environment: StreamsUpdateEnvironment, change: StreamsChange): StreamsUpdate {
  const { group, before, after, request } = change
  const make = new StreamsRecordMaker(group.groupId)
  const records: StreamsGroupRecord[] = []
  const status: Status[] = []
  const metadataChanged = !sameStreamsMetadata(before, after)
  if (metadataChanged) records.push(make.member(after))
  const topology = nextTopology(group, request.topology, records, make)
  if (group.topology !== null && after.topologyEpoch < group.topology.epoch) {
    const epochs = `${after.topologyEpoch} is behind the group's topology epoch ${group.topology.epoch}`
    status.push({ statusCode: StatusCode.STALE_TOPOLOGY, statusDetail: `The member's topology epoch ${epochs}.` })
  }
  const configured = nextConfigured(environment, group, topology)
  if (configured.topology.problem === null) checkTasks(configured.topology, request)
  const epoch = nextEpoch(environment, group, { topology, configured, mustBump: metadataChanged }, make)
  records.push(...epoch.records)
  const members = [...group.members.values()].filter(({ memberId }) => memberId !== after.memberId)
  members.push(after)
  const target = nextTargets(environment, group, {
    members,
    epoch: epoch.value,
    topology: configured.topology,
    assignmentConfigs: epoch.assignmentConfigs,
  })
  records.push(...target.records)
  if (target.delayed !== null) status.push(target.delayed)
  const member = reconcileTasks(after, {
    targetEpoch: target.epoch,
    target: target.tasksOf(after.memberId),
    owned: ownedTasks(request),
    processes: group.processes,
  })
  if (!sameStreamsAssignment(member, after)) records.push(make.current(member.memberId, member))
  const { problem } = configured.topology
  if (problem !== null) status.push({ statusCode: problem.status, statusDetail: problem.message })
  return { member, records, status }
}

/** null unless the heartbeat names all kinds of tasks. */
export function ownedTasks(request: StreamsGroupHeartbeatRequest): Tasks | null {
  const { activeTasks, standbyTasks, warmupTasks } = request
  if (activeTasks === null || standbyTasks === null || warmupTasks === null) return null
  return { active: taskSet(activeTasks), standby: taskSet(standbyTasks), warmup: taskSet(warmupTasks) }
}

/** The first member brings the group's topology; 4.3 takes no other after that. */
function nextTopology(
  group: StreamsGroup,
  requested: StreamsGroupHeartbeatRequestTopology | null,
  records: StreamsGroupRecord[],
  make: StreamsRecordMaker,
): StreamsTopology {
  if (requested === null) {
    if (group.topology !== null) return group.topology
    const message = 'The topology is null and the group topology is also null.'
    throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, message)
  }
  if (requested.epoch < 0) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, 'Topology epoch must be non-negative.')
  const value = topologyValue(requested)
  const topology = new StreamsTopology(value)
  if (topology.subtopologies.size < value.subtopologies.length) {
    throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, 'The topology has two subtopologies of the same id.')
  }
  if (group.topology === null) {
    records.push(make.topology(value))
    return topology
  }
  if (group.topology.epoch > topology.epoch || group.topology.equals(topology)) return group.topology
  throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Topology updates are not supported yet.')
}

interface Configured {
  readonly topology: ConfiguredTopology
  readonly metadataHash: bigint
  readonly hashChanged: boolean
}

/** Looks at the topics again when they may have changed. */
function nextConfigured(
  { topics, logger }: StreamsUpdateEnvironment,
  group: StreamsGroup,
  topology: StreamsTopology,
): Configured {
  const isNew = group.topology === null
  const existing = group.configuredTopology
  if (!isNew && existing !== null && !group.metadataChanged) {
    return { topology: existing, metadataHash: group.metadataHash, hashChanged: false }
  }
  const hash = metadataHash(topics, topology.requiredTopics)
  const hashChanged = hash !== group.metadataHash
  if (!isNew && existing !== null && !hashChanged) return { topology: existing, metadataHash: hash, hashChanged }
  const configured = configureTopology(topology, partitionCounter(topics))
  logger.info(
    { groupId: group.groupId, topologyEpoch: topology.epoch, problem: configured.problem?.message },
    'topology configured',
  )
  group.configuredTopology = configured
  return { topology: configured, metadataHash: hash, hashChanged }
}

function checkTasks({ subtopologies }: ConfiguredTopology, request: StreamsGroupHeartbeatRequest): void {
  const { activeTasks, standbyTasks, warmupTasks } = request
  const named: TaskIds[] = [...(activeTasks ?? []), ...(standbyTasks ?? []), ...(warmupTasks ?? [])]
  for (const { subtopologyId, partitions } of named) {
    const subtopology = subtopologies?.get(subtopologyId)
    if (subtopology === undefined) {
      const message = `Subtopology ${subtopologyId} does not exist in the topology.`
      throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
    }
    const { numberOfTasks } = subtopology
    const wrong = partitions.find((partition) => partition < 0 || partition >= numberOfTasks)
    if (wrong === undefined) continue
    const count = `Number of tasks for this subtopology: ${numberOfTasks}`
    const message = `Task ${wrong} for subtopology ${subtopologyId} is invalid. ${count}`
    throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
  }
}

/** Bumps the epoch for whatever can change the assignment. */
function nextEpoch(
  { config, logger }: StreamsUpdateEnvironment,
  group: StreamsGroup,
  change: { topology: StreamsTopology; configured: Configured; mustBump: boolean },
  make: StreamsRecordMaker,
) {
  const { groupId, groupEpoch } = group
  const { topology, configured } = change
  const assignmentConfigs = new Map([[STANDBY_REPLICAS, String(config.numStandbyReplicas)]])
  const validatedTopologyEpoch = configured.topology.problem === null ? topology.epoch : -1
  const isBumped =
    change.mustBump ||
    configured.hashChanged ||
    validatedTopologyEpoch !== group.validatedTopologyEpoch ||
    !sameConfigs(assignmentConfigs, group.assignmentConfigs)
  if (!isBumped) return { value: groupEpoch, assignmentConfigs, records: [] }
  const epoch = groupEpoch + 1
  const { metadataHash } = configured
  group.metadataChanged = false
  logger.info({ groupId, groupEpoch: epoch, validatedTopologyEpoch }, 'group epoch bumped')
  const record = make.epoch({ epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs })
  return { value: epoch, assignmentConfigs, records: [record] }
}

function sameConfigs(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}

interface NextTargets {
  readonly epoch: number
  readonly records: readonly StreamsGroupRecord[]
  /** Why there are no new ones although there should be. */
  readonly delayed: Status | null
  tasksOf(memberId: string): Tasks
}

/**
 * The targets, computed anew when the epoch is ahead: not while the first members of a group gather, and not too soon after the
 * last time (KIP-1263).
 */
export function nextTargets(
  environment: StreamsUpdateEnvironment,
  group: StreamsGroup,
  next: {
    members: readonly StreamsMember[]
    epoch: number
    topology: ConfiguredTopology
    assignmentConfigs: ReadonlyMap<string, string>
  },
): NextTargets {
  const { config, logger, nowMs } = environment
  const { groupId, assignmentEpoch, assignmentTimestampMs } = group
  if (group.members.size === 0 && config.initialRebalanceDelayMs > 0) environment.startInitialDelay()
  const current = { epoch: assignmentEpoch, records: [], delayed: null, tasksOf: (id: string) => group.target(id) }
  if (environment.isInitialDelay()) {
    return { ...current, delayed: delayedBy('initial rebalance delay'), tasksOf: () => EMPTY_TASKS }
  }
  if (next.epoch <= assignmentEpoch) return current
  const sinceMs = nowMs - assignmentTimestampMs
  if (assignmentTimestampMs !== 0 && sinceMs < config.assignmentIntervalMs) {
    // A clock that was set back must not hold assignments up.
    if (sinceMs >= 0) return { ...current, delayed: delayedBy('assignment interval') }
  }
  const { members, topology, assignmentConfigs } = next
  const result = computeTaskTargets({ group, members, topology, epoch: next.epoch, assignmentConfigs, nowMs })
  logger.info({ groupId, groupEpoch: next.epoch, members: members.length }, 'target assignment computed')
  if (result.shortOfStandbys.length > 0) {
    const tasks = result.shortOfStandbys.map(({ subtopologyId, partition }) => `${subtopologyId}_${partition}`)
    logger.warn({ groupId, tasks }, 'there are not enough processes for all standby replicas')
  }
  const { targets, records } = result
  return { epoch: next.epoch, records, delayed: null, tasksOf: (id) => targets.get(id) ?? EMPTY_TASKS }
}

function delayedBy(what: string): Status {
  const statusDetail = `Assignment delayed due to the configured ${what}.`
  return { statusCode: StatusCode.ASSIGNMENT_DELAYED, statusDetail }
}
