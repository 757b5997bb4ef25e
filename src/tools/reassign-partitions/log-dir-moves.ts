import { println } from '../../cli/io.ts'
import type { Replica, ReplicaLogDirs } from '../../client/replica-types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { ReassignContext } from './context.ts'
import { TerseError } from './errors.ts'
import { byReplica, replicaText } from './plan-json.ts'

const PAUSE_MS = 100

/** Where a replica is, where it goes, and where it should go. */
export interface LogDirMove extends ReplicaLogDirs {
  replica: Replica
  target: string
}

/** Looks up how the moves of a plan stand. */
export const findMoves = async (
  { admin }: ReassignContext,
  targets: ReadonlyMap<Replica, string>,
): Promise<LogDirMove[]> => {
  if (targets.size === 0) return []
  const found = await admin.describeReplicaLogDirs([...targets.keys()])
  return [...targets]
    .map(([replica, target]) => ({ replica, target, ...(found.get(replica) ?? { current: null, future: null }) }))
    .sort((a, b) => byReplica(a.replica, b.replica))
}

/** Is it on its way? */
export const isActive = ({ current, future }: LogDirMove): boolean => current !== null && future !== null

/** One sentence on a move, as `--verify` prints it. */
export const moveText = ({ replica, target, current, future }: LogDirMove): string => {
  const { broker } = replica
  const partition = topicPartitionKey(replica)
  if (current === null) {
    return `Partition ${partition} is not found in any live log dir on broker ${broker}. There is likely an offline log directory on the broker.`
  }
  if (future !== null) {
    return future === target
      ? `Reassignment of replica ${replicaText(replica)} is still in progress.`
      : `Partition ${partition} on broker ${broker} is being moved to log dir ${future} instead of ${target}.`
  }
  return current === target
    ? `Reassignment of replica ${replicaText(replica)} completed successfully.`
    : `Partition ${partition} on broker ${broker} is not being moved from log dir ${current} to ${target}.`
}

const startOnce = async ({ admin }: ReassignContext, pending: Map<Replica, string>): Promise<Replica[]> => {
  const started: Replica[] = []
  for (const [replica, result] of await admin.alterReplicaLogDirs(pending)) {
    if (result.ok) started.push(replica)
    else if (!(result.error instanceof KafkaError) || result.error.name !== 'REPLICA_NOT_AVAILABLE') {
      throw new Error(`Failed to alter dir for ${replicaText(replica)}`, { cause: result.error })
    }
  }
  return started.sort(byReplica)
}

/** Starts moves between directories; a replica that isn't there yet is waited for. */
export const startMoves = async (context: ReassignContext, targets: ReadonlyMap<Replica, string>): Promise<void> => {
  const { io, options } = context
  const deadlineMs = Date.now() + Number(options.long('timeout') ?? 10_000n)
  const pending = new Map(targets)
  for (;;) {
    for (const replica of await startOnce(context, pending)) {
      const path = pending.get(replica)
      println(
        io.out,
        `Successfully started moving log directory to ${path} for replica ${topicPartitionKey(replica)} with broker ${replica.broker} `,
      )
      pending.delete(replica)
    }
    if (pending.size === 0) return
    if (Date.now() >= deadlineMs) {
      const names = [...pending.keys()].sort(byReplica).map(replicaText).join(',')
      const plural = pending.size === 1 ? '' : 's'
      throw new TerseError(`Timed out before log directory move${plural} could be started for: ${names}`)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
