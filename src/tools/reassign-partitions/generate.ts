import { println } from '../../cli/io.ts'
import { javaList, parseJavaInt } from '../shared/java.ts'
import { assignmentOfTopics, logDirsOf, type ReassignContext, readOptionFile } from './context.ts'
import { placeReplicas, type UsableBroker } from './place.ts'
import { duplicates, type PlannedPartition, parseTopics, planJson } from './plan-json.ts'

const usableBrokers = async ({ admin, options }: ReassignContext, ids: readonly number[]): Promise<UsableBroker[]> => {
  const isRackAware = !options.has('disable-rack-aware')
  const { nodes } = await admin.describeCluster()
  const brokers = nodes
    .filter(({ id }) => ids.includes(id))
    .map(({ id, rack }) => ({ id, rack: isRackAware ? rack : null }))
  const rackless = brokers.filter(({ rack }) => rack === null).length
  if (isRackAware && rackless !== 0 && rackless !== brokers.length) {
    throw new Error(
      'Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.',
    )
  }
  return brokers
}

const propose = (current: readonly PlannedPartition[], brokers: readonly UsableBroker[]): PlannedPartition[] => {
  const topics = new Map<string, PlannedPartition[]>()
  for (const one of current) {
    topics.set(one.partition.topic, [...(topics.get(one.partition.topic) ?? []), one])
  }
  return [...topics].flatMap(([topic, list]) =>
    placeReplicas(brokers, list.length, list[0]!.replicas.length).map((replicas, partition) => ({
      partition: { topic, partition },
      replicas,
    })),
  )
}

/** `--generate`: shows the assignment there is and one that uses the brokers named. */
export const generate = async (context: ReassignContext): Promise<void> => {
  const { options, io } = context
  const text = readOptionFile(context, 'topics-to-move-json-file')
  const brokers = options.text('broker-list')!.split(',').map(parseJavaInt)
  const repeatedBrokers = duplicates(brokers)
  if (repeatedBrokers.length > 0) {
    throw new Error(`Broker list contains duplicate entries: ${javaList(repeatedBrokers)}`)
  }
  const topics = parseTopics(text)
  const repeatedTopics = duplicates(topics)
  if (repeatedTopics.length > 0) {
    throw new Error(`List of topics to reassign contains duplicate entries: ${javaList(repeatedTopics)}`)
  }
  const current = await assignmentOfTopics(context, topics)
  const dirs = await logDirsOf(context, current)
  const proposed = propose(current, await usableBrokers(context, brokers))
  println(io.out, `Current partition replica assignment\n${planJson(current, dirs)}\n`)
  println(io.out, `Proposed partition reassignment configuration\n${planJson(proposed)}`)
}
