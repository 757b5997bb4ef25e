import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type {
  Admin,
  ConfigEntry,
  ConfigResource,
  Node,
  PartitionDescription,
  TopicDescription,
} from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { unwrap } from '../shared/results.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'

interface Reassignment {
  replicas: number[]
  addingReplicas: number[]
  removingReplicas: number[]
}

interface Described {
  topic: TopicDescription
  configs: ConfigEntry[]
  reassignments: Map<string, Reassignment>
  liveBrokers: Set<number>
}

const ids = (nodes: readonly Node[]): string => nodes.map((node) => node.id).join(',')

/** Only some answers tell these replicas. */
const idsOrNone = (nodes: readonly Node[] | null): string => (nodes === null ? 'N/A' : ids(nodes))

const reassignmentOf = ({ topic, reassignments }: Described, partition: number): Reassignment | undefined =>
  reassignments.get(`${topic.name}-${partition}`)

const replicationFactor = (partition: PartitionDescription, reassignment: Reassignment | undefined): number => {
  const changing = new Set([...(reassignment?.removingReplicas ?? []), ...(reassignment?.addingReplicas ?? [])])
  const inProgress = partition.replicas.some((node) => changing.has(node.id))
  return inProgress && reassignment !== undefined
    ? reassignment.replicas.length - reassignment.addingReplicas.length
    : partition.replicas.length
}

const minIsr = (configs: readonly ConfigEntry[]): number =>
  Number(configs.find((entry) => entry.name === 'min.insync.replicas')?.value ?? 1)

const isWanted = (options: OptionSet, described: Described, partition: PartitionDescription): boolean => {
  const required = replicationFactor(partition, reassignmentOf(described, partition.partition))
  const isr = partition.isr.length
  const min = minIsr(described.configs)
  return (
    (options.has('under-replicated-partitions') && required - isr > 0) ||
    (options.has('unavailable-partitions') &&
      (partition.leader === null || !described.liveBrokers.has(partition.leader.id))) ||
    (options.has('under-min-isr-partitions') && (partition.leader === null || isr < min)) ||
    (options.has('at-min-isr-partitions') && isr === min)
  )
}

const partitionReports = [
  'unavailable-partitions',
  'under-replicated-partitions',
  'under-min-isr-partitions',
  'at-min-isr-partitions',
]

const partitionLine = (topic: string, p: PartitionDescription, reassignment: Reassignment | undefined): string => {
  const moving =
    reassignment === undefined
      ? ''
      : `\tAdding Replicas: ${reassignment.addingReplicas.join(',')}\tRemoving Replicas: ${reassignment.removingReplicas.join(',')}`
  return (
    `\tTopic: ${topic}\tPartition: ${p.partition}\tLeader: ${p.leader?.id ?? 'none'}` +
    `\tReplicas: ${ids(p.replicas)}\tIsr: ${ids(p.isr)}${moving}` +
    `\tElr: ${idsOrNone(p.elr)}\tLastKnownElr: ${idsOrNone(p.lastKnownElr)}`
  )
}

const overrides = (configs: readonly ConfigEntry[]): ConfigEntry[] =>
  configs.filter((entry) => entry.source !== 'DEFAULT_CONFIG')

const factorOf = (described: Described): number => {
  const first = described.topic.partitions[0]
  return first === undefined ? 0 : replicationFactor(first, reassignmentOf(described, first.partition))
}

const topicLine = (described: Described): string => {
  const { topic, configs } = described
  const factor = factorOf(described)
  const changed = overrides(configs).map((entry) => `${entry.name}=${entry.value}`)
  return (
    `Topic: ${topic.name}\tTopicId: ${topic.topicId}\tPartitionCount: ${topic.partitions.length}` +
    `\tReplicationFactor: ${factor}\tConfigs: ${changed.join(',')}`
  )
}

const printOne = (io: Io, options: OptionSet, described: Described): void => {
  const describeConfigs = !partitionReports.some((name) => options.has(name))
  const onlyOverrides = options.has('topics-with-overrides')
  if (describeConfigs && (!onlyOverrides || overrides(described.configs).length > 0))
    println(io.out, topicLine(described))
  if (onlyOverrides) return
  for (const partition of described.topic.partitions) {
    if (!describeConfigs && !isWanted(options, described, partition)) continue
    println(io.out, partitionLine(described.topic.name, partition, reassignmentOf(described, partition.partition)))
  }
}

const toRow = (options: OptionSet, described: Described): Row => {
  const { topic, configs } = described
  const filtered = partitionReports.some((name) => options.has(name))
  const partitions = topic.partitions.filter((p) => !filtered || isWanted(options, described, p))
  return {
    topic: topic.name,
    topicId: topic.topicId,
    isInternal: topic.internal,
    partitionCount: topic.partitions.length,
    replicationFactor: factorOf(described),
    configs: Object.fromEntries(overrides(configs).map((entry) => [entry.name, entry.value])),
    partitions: partitions.map((p) => ({
      partition: p.partition,
      leader: p.leader?.id ?? null,
      replicas: p.replicas.map((node) => node.id),
      isr: p.isr.map((node) => node.id),
      elr: p.elr?.map((node) => node.id) ?? [],
      lastKnownElr: p.lastKnownElr?.map((node) => node.id) ?? [],
      addingReplicas: reassignmentOf(described, p.partition)?.addingReplicas ?? [],
      removingReplicas: reassignmentOf(described, p.partition)?.removingReplicas ?? [],
    })),
  }
}

/** Does Kafka's script say anything of the topic? */
const isShown = (options: OptionSet, described: Described): boolean => {
  if (options.has('topics-with-overrides')) return overrides(described.configs).length > 0
  const { partitions } = described.topic
  return !partitionReports.some((name) => options.has(name)) || partitions.some((p) => isWanted(options, described, p))
}

/** Partition rows for the drawn table; JSON and YAML nest them under their topic. */
const tableRows = (topics: readonly Row[]): Row[] =>
  topics.flatMap((topic) =>
    (topic.partitions as Row[]).map((partition) => ({ topic: topic.topic ?? null, ...partition })),
  )

const listReassignments = async (admin: Admin): Promise<Map<string, Reassignment>> => {
  try {
    return await admin.listPartitionReassignments()
  } catch (error) {
    const expected = ['UNSUPPORTED_VERSION', 'CLUSTER_AUTHORIZATION_FAILED']
    if (error instanceof KafkaError && expected.includes(error.errorName)) return new Map()
    if ((error as { reason?: string }).reason === 'unsupported-version') return new Map()
    throw error
  }
}

/** Describes topics already found and fetched: configs, live brokers and reassignments are asked for here. */
export const printDescriptions = async (
  admin: Admin,
  options: OptionSet,
  io: Io,
  topics: readonly TopicDescription[],
): Promise<void> => {
  const resources = topics.map((topic): ConfigResource => ({ type: 'topic', name: topic.name }))
  const [configs, cluster, reassignments] = await Promise.all([
    topics.length === 0 ? new Map() : admin.describeConfigs(resources),
    admin.describeCluster(),
    topics.length === 0 ? new Map<string, Reassignment>() : listReassignments(admin),
  ])
  const liveBrokers = new Set(cluster.nodes.map((node) => node.id))
  const described = topics.map((topic, i): Described => {
    const partitions = [...topic.partitions].sort((a, b) => a.partition - b.partition)
    return { topic: { ...topic, partitions }, configs: unwrap(configs.get(resources[i]!)), reassignments, liveBrokers }
  })
  const format = outputFormat(options, io)
  if (format === undefined) for (const one of described) printOne(io, options, one)
  else {
    const rows = described.filter((one) => isShown(options, one)).map((one) => toRow(options, one))
    const columns = ['topic', 'partition', 'leader', 'replicas', 'isr', 'elr', 'lastKnownElr']
    await printStructured(io, format, format === 'table' ? tableRows(rows) : rows, columns)
  }
}
