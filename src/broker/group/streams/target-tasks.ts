import type { ConfiguredTopology } from './configured-topology.ts'
import type { TaskId } from './process-load.ts'
import { assignSticky } from './sticky-assignor.ts'
import type { StreamsGroup } from './streams-group.ts'
import type { StreamsMember } from './streams-member.ts'
import { type StreamsGroupRecord, StreamsRecordMaker } from './streams-records.ts'
import { EMPTY_TASKS, sameTasks, type Tasks } from './tasks.ts'

/** The only config that assignments depend on, by its name in the group's record. */
export const STANDBY_REPLICAS = 'num.standby.replicas'

export interface TargetInput {
  readonly group: StreamsGroup
  /** All members, as they will be. */
  readonly members: readonly StreamsMember[]
  readonly topology: ConfiguredTopology
  readonly epoch: number
  readonly assignmentConfigs: ReadonlyMap<string, string>
  readonly nowMs: number
}

export interface TargetResult {
  readonly targets: ReadonlyMap<string, Tasks>
  readonly records: readonly StreamsGroupRecord[]
  /** Tasks that have fewer standbys than asked for. */
  readonly shortOfStandbys: readonly TaskId[]
}

/** Computes the targets of a group's epoch; nobody gets anything while the topology's topics aren't all there. */
export function computeTaskTargets(input: TargetInput): TargetResult {
  const { group, members, epoch, nowMs } = input
  const { targets, shortOfStandbys } = assign(input)
  const make = new StreamsRecordMaker(group.groupId)
  const records: StreamsGroupRecord[] = []
  for (const { memberId } of members) {
    const target = targets.get(memberId) ?? EMPTY_TASKS
    const old = group.targets.get(memberId)
    if (old === undefined || !sameTasks(old, target)) records.push(make.memberTarget(memberId, target))
  }
  records.push(make.target(epoch, nowMs))
  return { targets, records, shortOfStandbys }
}

function assign({ group, members, topology, assignmentConfigs }: TargetInput): Omit<TargetResult, 'records'> {
  if (topology.problem !== null || topology.subtopologies === null) return { targets: new Map(), shortOfStandbys: [] }
  return assignSticky({
    members: members.map(({ memberId, processId }) => ({ memberId, processId, tasks: group.target(memberId) })),
    subtopologies: [...topology.subtopologies].map(([id, { numberOfTasks, stateChangelogTopics }]) => {
      return { id, numberOfTasks, isStateful: stateChangelogTopics.length > 0 }
    }),
    numStandbyReplicas: Number(assignmentConfigs.get(STANDBY_REPLICAS) ?? 0),
  })
}
