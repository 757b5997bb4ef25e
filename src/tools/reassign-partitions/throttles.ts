import { println } from '../../cli/io.ts'
import type { AlterConfigOp, ConfigResource, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { hashOrder, stringHash } from '../shared/java-hash.ts'
import { unwrapAll } from '../shared/results.ts'
import type { ReassignContext } from './context.ts'
import type { PlannedPartition } from './plan-json.ts'

const LEADER_RATE = 'leader.replication.throttled.rate'
const FOLLOWER_RATE = 'follower.replication.throttled.rate'
const LOG_DIR_RATE = 'replica.alter.log.dirs.io.max.bytes.per.second'
const LEADER_REPLICAS = 'leader.replication.throttled.replicas'
const FOLLOWER_REPLICAS = 'follower.replication.throttled.replicas'

/** Brokers a partition leaves or stays on, and those it comes to. */
export interface Move {
  partition: TopicPartition
  sources: Set<number>
  destinations: Set<number>
}

/** A partition on the move, as the cluster reports it. */
export interface Reassignment {
  partition: TopicPartition
  replicas: number[]
  addingReplicas: number[]
}

/** What is under way and what is about to be, by partition; the new plan wins. */
export const plannedMoves = (
  underWay: readonly Reassignment[],
  proposed: readonly PlannedPartition[],
  current: readonly PlannedPartition[],
): Move[] => {
  const moves = new Map<string, Move>()
  for (const { partition, replicas, addingReplicas } of underWay) {
    const sources = new Set(replicas.filter((id) => !addingReplicas.includes(id)))
    moves.set(topicPartitionKey(partition), { partition, sources, destinations: new Set(addingReplicas) })
  }
  const now = new Map(current.map(({ partition, replicas }) => [topicPartitionKey(partition), replicas]))
  for (const { partition, replicas } of proposed) {
    const key = topicPartitionKey(partition)
    const sources = moves.get(key)?.sources ?? new Set(now.get(key))
    const destinations = new Set(replicas.filter((id) => !sources.has(id)))
    moves.set(key, { partition, sources, destinations })
  }
  return [...moves.values()]
}

/** `partition:broker` of one topic, sorted as text. */
const components = (moves: readonly Move[], side: 'sources' | 'destinations'): string => {
  const texts = moves.flatMap((move) => [...move[side]].map((broker) => `${move.partition.partition}:${broker}`))
  return [...new Set(texts)].sort().join(',')
}

const set = (name: string, value: string): AlterConfigOp => ({ name, op: 'set', value })
const unset = (name: string): AlterConfigOp => ({ name, op: 'delete', value: null })

const alter = async (
  { admin }: ReassignContext,
  type: 'topic' | 'broker',
  changes: ReadonlyMap<string, AlterConfigOp[]>,
): Promise<void> => {
  const byResource = new Map(
    [...changes].map(([name, ops]): [ConfigResource, AlterConfigOp[]] => [{ type, name }, ops]),
  )
  if (byResource.size > 0) unwrapAll(await admin.incrementalAlterConfigs(byResource))
}

/** Limits the moves between brokers to so many bytes a second. */
export const throttleMoves = async (context: ReassignContext, moves: readonly Move[], rate: bigint): Promise<void> => {
  const topics = new Map<string, AlterConfigOp[]>()
  for (const topic of new Set(moves.map(({ partition }) => partition.topic))) {
    const own = moves.filter(({ partition }) => partition.topic === topic)
    topics.set(topic, [
      set(LEADER_REPLICAS, components(own, 'sources')),
      set(FOLLOWER_REPLICAS, components(own, 'destinations')),
    ])
  }
  await alter(context, 'topic', topics)
  const brokers = new Set(moves.flatMap(({ sources, destinations }) => [...sources, ...destinations]))
  const rates = [set(LEADER_RATE, String(rate)), set(FOLLOWER_RATE, String(rate))]
  await alter(context, 'broker', new Map([...brokers].sort((a, b) => a - b).map((id) => [String(id), rates])))
  println(context.io.out, `The inter-broker throttle limit was set to ${rate} B/s`)
}

/** Limits the moves between directories of brokers to so many bytes a second. */
export const throttleLogDirs = async (
  context: ReassignContext,
  brokers: ReadonlySet<number>,
  rate: bigint,
): Promise<void> => {
  const ops = [set(LOG_DIR_RATE, String(rate))]
  await alter(context, 'broker', new Map([...brokers].map((id) => [String(id), ops])))
  println(context.io.out, `The replica-alter-dir throttle limit was set to ${rate} B/s`)
}

/** Lifts all throttles of the brokers and topics of a plan. */
export const clearThrottles = async (
  context: ReassignContext,
  partitions: readonly PlannedPartition[],
): Promise<void> => {
  const { admin, io, options } = context
  // A controller doesn't tell of brokers.
  const live = options.has('bootstrap-controller') ? [] : (await admin.describeCluster()).nodes.map(({ id }) => id)
  const ids = hashOrder([...new Set([...live, ...partitions.flatMap(({ replicas }) => replicas)])], (id) => id)
  println(io.out, `Clearing broker-level throttles on broker${ids.length === 1 ? '' : 's'} ${ids}`)
  const brokerOps = [LEADER_RATE, FOLLOWER_RATE, LOG_DIR_RATE].map(unset)
  await alter(context, 'broker', new Map(ids.map((id) => [String(id), brokerOps])))
  const topics = hashOrder([...new Set(partitions.map(({ partition }) => partition.topic))], stringHash)
  println(io.out, `Clearing topic-level throttles on topic${topics.length === 1 ? '' : 's'} ${topics}`)
  const topicOps = [LEADER_REPLICAS, FOLLOWER_REPLICAS].map(unset)
  await alter(context, 'topic', new Map(topics.map((topic) => [topic, topicOps])))
}
