import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { Replica } from '../../client/replica-types.ts'
import type { Admin } from '../../client/types.ts'
import { type TopicDescription, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { readJsonText } from '../shared/json-file.ts'
import { byPartition, type PlannedPartition, replicaText } from './plan-json.ts'

/** What every action works with. */
export interface ReassignContext {
  admin: Admin
  options: OptionSet
  io: Io
}

/** The text of the JSON file an option names. */
export const readOptionFile = ({ options }: ReassignContext, name: string): string => readJsonText(options.text(name)!)

const describeTopics = async ({ admin }: ReassignContext, topics: string[]): Promise<TopicDescription[]> => {
  const described = topics.length === 0 ? new Map() : await admin.describeTopics([...new Set(topics)])
  return [...described].map(([name, result]) => {
    if (result.ok) return result.value
    const isMissing = result.error instanceof KafkaError && result.error.name === 'UNKNOWN_TOPIC_OR_PARTITION'
    if (!isMissing) throw result.error
    throw new Error(`org.apache.kafka.common.errors.UnknownTopicOrPartitionException: Topic ${name} not found.`, {
      cause: result.error,
    })
  })
}

/** The replicas that all partitions of topics have now. */
export const assignmentOfTopics = async (context: ReassignContext, topics: string[]): Promise<PlannedPartition[]> =>
  (await describeTopics(context, topics)).flatMap(({ name, partitions }) =>
    partitions.map(({ partition, replicas }) => ({
      partition: { topic: name, partition },
      replicas: replicas.map(({ id }) => id),
    })),
  )

/** The replicas that partitions have now; it is an error when one isn't there. */
export const assignmentOf = async (
  context: ReassignContext,
  partitions: readonly TopicPartition[],
): Promise<PlannedPartition[]> => {
  const wanted = new Set(partitions.map(topicPartitionKey))
  const all = await assignmentOfTopics(
    context,
    partitions.map(({ topic }) => topic),
  )
  const found = all.filter(({ partition }) => wanted.has(topicPartitionKey(partition)))
  for (const { partition } of found) wanted.delete(topicPartitionKey(partition))
  if (wanted.size > 0) {
    throw new Error(
      `org.apache.kafka.common.errors.UnknownTopicOrPartitionException: Unable to find partition: ${[...wanted].join(', ')}`,
    )
  }
  return found.sort((a, b) => byPartition(a.partition, b.partition))
}

/** The directories of the replicas of an assignment, by their text. Brokers that are down are left out. */
export const logDirsOf = async (
  { admin }: ReassignContext,
  assignment: readonly PlannedPartition[],
): Promise<Map<string, string>> => {
  const live = new Set((await admin.describeCluster()).nodes.map(({ id }) => id))
  const replicas = assignment.flatMap(({ partition, replicas: brokers }) =>
    brokers.filter((id) => live.has(id)).map((broker): Replica => ({ ...partition, broker })),
  )
  const found = replicas.length === 0 ? new Map() : await admin.describeReplicaLogDirs(replicas)
  const dirs = new Map<string, string>()
  for (const [replica, { current }] of found) if (current !== null) dirs.set(replicaText(replica), current)
  return dirs
}
