import { println } from '../../cli/io.ts'
import { errorMessage } from '../../cli/run-command.ts'
import type { Result, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { type OutputFormat, outputFormat, printStructured } from '../shared/structured.ts'
import { assignmentOf, logDirsOf, type ReassignContext, readOptionFile } from './context.ts'
import { TerseError } from './errors.ts'
import { findMoves, isActive, moveText, startMoves } from './log-dir-moves.ts'
import { byPartition, type Plan, type PlannedPartition, parseExecutablePlan, parsePlan, planJson } from './plan-json.ts'
import { clearThrottles, plannedMoves, type Reassignment, throttleLogDirs, throttleMoves } from './throttles.ts'
import { moveRow, partitionRows } from './verify-rows.ts'

interface UnderWay extends Reassignment {
  removingReplicas: number[]
}

const underWay = async ({ admin }: ReassignContext): Promise<UnderWay[]> =>
  [...(await admin.listPartitionReassignments())]
    .map(([key, one]) => {
      const dash = key.lastIndexOf('-')
      return { partition: { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }, ...one }
    })
    .sort((a, b) => byPartition(a.partition, b.partition))

const names = (partitions: readonly TopicPartition[]): string =>
  [...partitions].sort(byPartition).map(topicPartitionKey).join(',')

const failures = (results: ReadonlyMap<TopicPartition, Result<void>>): string[] =>
  [...results]
    .sort(([a], [b]) => byPartition(a, b))
    .flatMap(([tp, result]) => (result.ok ? [] : [`${topicPartitionKey(tp)}: ${errorMessage(result.error)}`]))

/** `--list`. */
export const list = async (context: ReassignContext): Promise<void> => {
  const { io, options } = context
  const found = await underWay(context)
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows = found.map(({ partition, replicas, addingReplicas, removingReplicas }) => ({
      ...partition,
      replicas,
      addingReplicas,
      removingReplicas,
    }))
    const columns = ['topic', 'partition', 'replicas', 'addingReplicas', 'removingReplicas']
    return printStructured(io, format, rows, columns)
  }
  if (found.length === 0) return println(io.out, 'No partition reassignments found.')
  println(io.out, 'Current partition reassignments:')
  for (const { partition, replicas, addingReplicas, removingReplicas } of found) {
    const adding = addingReplicas.length === 0 ? '' : ` adding: ${addingReplicas}.`
    const removing = removingReplicas.length === 0 ? '' : ` removing: ${removingReplicas}.`
    println(io.out, `${topicPartitionKey(partition)}: replicas: ${replicas}.${adding}${removing}`)
  }
}

const requireBrokers = async ({ admin }: ReassignContext, wanted: readonly PlannedPartition[]): Promise<void> => {
  const live = new Set((await admin.describeCluster()).nodes.map(({ id }) => id))
  const unknown = wanted.flatMap(({ replicas }) => replicas).find((id) => !live.has(id))
  if (unknown !== undefined) throw new Error(`Unknown broker id ${unknown}`)
}

const EXISTING =
  'Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a new partition assignment in addition to the existing one. The --additional flag can also be used to change the throttle by resubmitting the current reassignment.'

/** `--execute`. */
export const execute = async (context: ReassignContext): Promise<void> => {
  const { admin, options, io } = context
  const plan = parseExecutablePlan(readOptionFile(context, 'reassignment-json-file'))
  const present = await underWay(context)
  if (present.length > 0 && !options.has('additional')) throw new TerseError(EXISTING)
  await requireBrokers(context, plan.partitions)
  const partitions = plan.partitions.map(({ partition }) => partition)
  const current = await assignmentOf(context, partitions)
  const before = planJson(current, await logDirsOf(context, current))
  println(io.out, `Current partition replica assignment\n\n${before}\n`)
  println(io.out, 'Save this to use as the --reassignment-json-file option during rollback')
  const [throttle, dirThrottle] = [options.long('throttle')!, options.long('replica-alter-log-dirs-throttle')!]
  if (throttle >= 0n || dirThrottle >= 0n) {
    println(
      io.out,
      'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.',
    )
  }
  if (throttle >= 0n) await throttleMoves(context, plannedMoves(present, plan.partitions, current), throttle)
  if (dirThrottle >= 0n) {
    await throttleLogDirs(context, new Set([...plan.logDirs.keys()].map(({ broker }) => broker)), dirThrottle)
  }
  const results = await admin.alterPartitionReassignments(
    new Map(plan.partitions.map(({ partition, replicas }) => [partition, replicas])),
    { allowReplicationFactorChange: !options.has('disallow-replication-factor-change') },
  )
  const failed = failures(results)
  if (failed.length > 0) throw new TerseError(`Error reassigning partition(s):\n${failed.join('\n')}`)
  const plural = partitions.length === 1 ? '' : 's'
  println(io.out, `Successfully started partition reassignment${plural} for ${names(partitions)}`)
  if (plan.logDirs.size > 0) await startMoves(context, plan.logDirs)
}

const stateTexts = async (context: ReassignContext, present: readonly UnderWay[]) => {
  const moving = new Set(present.map(({ partition }) => topicPartitionKey(partition)))
  return async (wanted: readonly PlannedPartition[]): Promise<string[]> => {
    const still = wanted.filter(({ partition }) => !moving.has(topicPartitionKey(partition)))
    const topics = [...new Set(still.map(({ partition }) => partition.topic))]
    const described = topics.length === 0 ? new Map() : await context.admin.describeTopics(topics)
    const unique = new Map(wanted.map((one) => [topicPartitionKey(one.partition), one]))
    return [...unique.values()]
      .sort((a, b) => byPartition(a.partition, b.partition))
      .map(({ partition, replicas }) => {
        const key = topicPartitionKey(partition)
        if (moving.has(key)) return `Reassignment of partition ${key} is still in progress.`
        const result = described.get(partition.topic)!
        const isMissing = !result.ok && result.error instanceof KafkaError
        if (!result.ok && !(isMissing && result.error.name === 'UNKNOWN_TOPIC_OR_PARTITION')) throw result.error
        const partitions = result.ok ? result.value.partitions : []
        const now: number[] = (partitions[partition.partition]?.replicas ?? []).map(({ id }: { id: number }) => id)
        return String(now) === String(replicas)
          ? `Reassignment of partition ${key} is completed.`
          : `There is no active reassignment of partition ${key}, but replica set is ${now} rather than ${replicas}.`
      })
  }
}

/** `--verify` for programs: a row for each partition and for each replica that was to change its directory. */
const verifyAs = async (
  context: ReassignContext,
  format: OutputFormat,
  plan: Plan,
  present: readonly UnderWay[],
): Promise<void> => {
  const { io, options } = context
  const moves = await findMoves(context, plan.logDirs)
  const rows = [...(await partitionRows(context, plan.partitions, present)), ...moves.map(moveRow)]
  const isOver = present.length === 0 && !moves.some(isActive)
  if (isOver && !options.has('preserve-throttles')) await clearThrottles(context, plan.partitions)
  const columns = [
    'kind',
    'topic',
    'partition',
    'state',
    'replicas',
    'targetReplicas',
    'nodeId',
    'logDir',
    'targetLogDir',
  ]
  await printStructured(io, format, rows, columns)
}

/** `--verify`. */
export const verify = async (context: ReassignContext): Promise<void> => {
  const { options, io } = context
  const plan = parsePlan(readOptionFile(context, 'reassignment-json-file'))
  const present = await underWay(context)
  const format = outputFormat(options, io)
  if (format !== undefined) return verifyAs(context, format, plan, present)
  const texts = await (await stateTexts(context, present))(plan.partitions)
  println(io.out, ['Status of partition reassignment:', ...texts].join('\n'))
  const moves = await findMoves(context, plan.logDirs)
  println(io.out, moves.map(moveText).join('\n'))
  const isOver = present.length === 0 && !moves.some(isActive)
  if (isOver && !options.has('preserve-throttles')) await clearThrottles(context, plan.partitions)
}

/** `--cancel`. */
export const cancel = async (context: ReassignContext): Promise<void> => {
  const { admin, options, io } = context
  const plan = parsePlan(readOptionFile(context, 'reassignment-json-file'))
  const wanted = new Set(plan.partitions.map(({ partition }) => topicPartitionKey(partition)))
  const active = (await underWay(context))
    .filter(({ addingReplicas, removingReplicas }) => addingReplicas.length > 0 || removingReplicas.length > 0)
    .map(({ partition }) => partition)
    .filter((partition) => wanted.has(topicPartitionKey(partition)))
  if (active.length > 0) {
    await confirmDestructive(io, options, `Cancel the reassignment of ${names(active)}?`)
    const failed = failures(await admin.alterPartitionReassignments(new Map(active.map((tp) => [tp, null]))))
    if (failed.length > 0) {
      const plural = failed.length === 1 ? '' : 's'
      throw new TerseError(`Error cancelling partition reassignment${plural} for:\n${failed.join('\n')}`)
    }
    const plural = active.length === 1 ? '' : 's'
    println(io.out, `Successfully cancelled partition reassignment${plural} for: ${names(active)}`)
  } else println(io.out, 'None of the specified partition reassignments are active.')
  const moving = (await findMoves(context, plan.logDirs)).filter(isActive)
  // Kafka's tool ends this sentence without a line break.
  if (moving.length === 0) io.out.write('None of the specified partition moves are active.')
  else await startMoves(context, new Map(moving.map(({ replica, current }) => [replica, current!])))
  if (!options.has('preserve-throttles')) await clearThrottles(context, plan.partitions)
}
