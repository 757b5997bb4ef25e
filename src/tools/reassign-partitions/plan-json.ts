import type { Replica } from '../../client/replica-types.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { javaList } from '../shared/java.ts'
import {
  asList,
  asObject,
  asText,
  type Fields,
  listField,
  numberField,
  stringField,
  wholeNumber,
} from '../shared/json-file.ts'
import { firstJsonValue } from '../shared/json-syntax.ts'

const ANY_LOG_DIR = 'any'

/** One partition of a plan. */
export interface PlannedPartition {
  partition: TopicPartition
  replicas: number[]
}

export interface Plan {
  partitions: PlannedPartition[]
  /** Replicas that are to go to a certain directory. */
  logDirs: Map<Replica, string>
}

const checkVersion = (object: Fields): void => {
  const version = Object.hasOwn(object, 'version') ? numberField(object, 'version', 'Integer') : 1
  if (version !== 1) throw new Error(`Not supported version field value ${version}`)
}

/**
 * Reads the topics of `--topics-to-move-json-file`.
 * @throws Error with Kafka's message
 */
export const parseTopics = (text: string): string[] => {
  const invalid = 'The input string is not a valid JSON'
  if (text === '') throw new Error(invalid)
  let parsed: unknown
  try {
    parsed = firstJsonValue(text)
  } catch (error) {
    throw new Error(invalid, { cause: error })
  }
  const object = asObject(parsed)
  checkVersion(object)
  if (!Object.hasOwn(object, 'topics')) return []
  return asList(object.topics).map((one) => stringField(asObject(one), 'topic'))
}

const parseText = (text: string): unknown => {
  if (text === '') throw new Error("The input string shouldn't be empty\n at [Source: UNKNOWN; byte offset: #UNKNOWN]")
  return firstJsonValue(text)
}

/**
 * Reads the plan of `--reassignment-json-file`.
 * @throws Error with Kafka's message
 */
export const parsePlan = (text: string): Plan => {
  const object = asObject(parseText(text))
  checkVersion(object)
  const plan: Plan = { partitions: [], logDirs: new Map() }
  for (const one of Object.hasOwn(object, 'partitions') ? asList(object.partitions) : []) {
    const fields = asObject(one)
    const topic = stringField(fields, 'topic')
    const partition = numberField(fields, 'partition', 'Integer')
    const replicas = listField(fields, 'replicas').map((id) => wholeNumber(id, 'Integer'))
    const dirs = Object.hasOwn(fields, 'log_dirs')
      ? asList(fields.log_dirs).map(asText)
      : replicas.map(() => ANY_LOG_DIR)
    if (dirs.length !== replicas.length) {
      throw new Error(
        `Size of replicas list ${javaList(replicas)} is different from size of log dirs list ${javaList(dirs)} for partition ${topic}-${partition}`,
      )
    }
    plan.partitions.push({ partition: { topic, partition }, replicas })
    replicas.forEach((broker, i) => {
      if (dirs[i] !== ANY_LOG_DIR) plan.logDirs.set({ topic, partition, broker }, dirs[i]!)
    })
  }
  return plan
}

/** What comes up more than once. */
export const duplicates = <T>(items: readonly T[]): T[] => [
  ...new Set(items.filter((item, i) => items.indexOf(item) !== i)),
]

/**
 * Reads a plan that is to be carried out.
 * @throws Error with Kafka's message when it can't be
 */
export const parseExecutablePlan = (text: string): Plan => {
  const plan = parsePlan(text)
  const { partitions } = plan
  if (partitions.length === 0) throw new Error('Partition reassignment list cannot be empty')
  if (partitions.some(({ replicas }) => replicas.length === 0)) {
    throw new Error('Partition replica list cannot be empty')
  }
  const repeated = duplicates(partitions.map(({ partition }) => topicPartitionKey(partition)))
  if (repeated.length > 0) {
    throw new Error(`Partition reassignment contains duplicate topic partitions: ${repeated.join(',')}`)
  }
  const doubled = partitions.flatMap(({ partition, replicas }) => {
    const twice = duplicates(replicas)
    return twice.length === 0
      ? []
      : [`${topicPartitionKey(partition)} contains multiple entries for ${twice.join(',')}`]
  })
  if (doubled.length > 0) {
    throw new Error(`Partition replica lists may not contain duplicate entries: ${doubled.join('. ')}`)
  }
  return plan
}

/** Topics in order, partitions in order. */
export const byPartition = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1

/** Brokers in order, then topics and partitions. */
export const byReplica = (a: Replica, b: Replica): number => a.broker - b.broker || byPartition(a, b)

/** A replica as Kafka prints it: `topic-0-1`. */
export const replicaText = (replica: Replica): string => `${topicPartitionKey(replica)}-${replica.broker}`

/** A plan as the JSON that `--reassignment-json-file` reads. */
export const planJson = (
  partitions: readonly PlannedPartition[],
  logDirs: ReadonlyMap<string, string> = new Map(),
): string =>
  JSON.stringify({
    version: 1,
    partitions: [...partitions]
      .sort((a, b) => byPartition(a.partition, b.partition))
      .map(({ partition: { topic, partition }, replicas }) => ({
        topic,
        partition,
        replicas,
        log_dirs: replicas.map((broker) => logDirs.get(replicaText({ topic, partition, broker })) ?? ANY_LOG_DIR),
      })),
  })
