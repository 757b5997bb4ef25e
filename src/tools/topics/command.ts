import { ZERO_UUID } from '../../base/uuid.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage, printError } from '../../cli/run-command.ts'
import { helpOrVersion } from '../../cli/usage.ts'
import type { Admin, TopicDescription } from '../../client/types.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { showPlan } from '../shared/change-plan.ts'
import { type Connect, commandProperties, connectWith } from '../shared/connect.ts'
import { parseUuid } from '../shared/java.ts'
import { unwrap, unwrapAll } from '../shared/results.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { validateTopicConfigs } from '../shared/topic-configs.ts'
import { includeList } from '../shared/topic-filter.ts'
import { topicArguments } from './arguments.ts'
import { checkOptions } from './check.ts'
import { printDescriptions } from './describe.ts'
import { spec } from './options.ts'

export { spec }

const collisionWarning =
  "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. " +
  'To avoid issues it is best to use either, but not both.'

const create = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const topic = topicArguments(options)
  await validateTopicConfigs(topic.configs)
  if (/[._]/.test(topic.name)) println(io.out, collisionWarning)
  const { replicationFactor, partitions } = topic
  if (replicationFactor !== undefined && (replicationFactor > 32767 || replicationFactor < 1)) {
    throw new Error('The replication factor must be between 1 and 32767 inclusive')
  }
  if (partitions !== undefined && partitions < 1) throw new Error('The partitions must be greater than 0')
  if (topic.name === '') throw new Error("The given topic name '' cannot be represented in a request.")
  const counts =
    topic.replicaAssignment.size > 0
      ? { replicasAssignments: topic.replicaAssignment }
      : { numPartitions: partitions, replicationFactor }
  const results = await admin.createTopics([{ name: topic.name, ...counts, configs: topic.configs }], {
    retryOnQuotaViolation: false,
  })
  const result = results.get(topic.name)
  const exists = result?.ok === false && (result.error as { errorName?: string }).errorName === 'TOPIC_ALREADY_EXISTS'
  if (exists && options.has('if-not-exists')) return
  unwrap(result)
  println(io.out, `Created topic ${topic.name}.`)
}

/** Names of topics, sorted; those `--topic` matches when it is given. */
const matchingTopics = async (admin: Admin, options: OptionSet): Promise<string[]> => {
  const excludeInternal = options.has('exclude-internal')
  const names = (await admin.listTopics({ listInternal: !excludeInternal })).map((topic) => topic.name).sort()
  const filter = options.text('topic')
  if (filter === undefined) return names
  const isWanted = includeList(filter)
  return names.filter((name) => isWanted(name, excludeInternal))
}

const ensureTopicExists = (found: readonly string[], options: OptionSet): void => {
  const topic = options.text('topic')
  if (topic && !options.has('if-exists') && found.length === 0) {
    throw new Error(`Topic '${topic}' does not exist as expected`)
  }
}

const list = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const names = await matchingTopics(admin, options)
  const format = outputFormat(options, io)
  if (format === undefined) println(io.out, names.join('\n'))
  else
    await printStructured(
      io,
      format,
      names.map((topic) => ({ topic })),
      ['topic'],
    )
}

const alter = async (admin: Admin, options: OptionSet): Promise<void> => {
  const topic = topicArguments(options)
  const names = await matchingTopics(admin, options)
  ensureTopicExists(names, options)
  if (names.length === 0) return
  const totalCount = topic.partitions ?? 0
  const counts = new Map<string, { totalCount: number; assignments?: number[][] }>()
  const described = topic.replicaAssignment.size === 0 ? undefined : await admin.describeTopics(names)
  for (const name of names) {
    if (described === undefined) counts.set(name, { totalCount })
    else {
      const first = unwrap(described.get(name)).partitions.length
      const added = [...topic.replicaAssignment].filter(([partition]) => partition >= first)
      counts.set(name, { totalCount, assignments: added.map(([, brokers]) => brokers) })
    }
  }
  unwrapAll(await admin.createPartitions(counts))
}

const describeById = async (admin: Admin, options: OptionSet, id: string): Promise<TopicDescription[]> => {
  const all = await admin.listTopics({ listInternal: !options.has('exclude-internal') })
  if (!all.some((topic) => topic.topicId === id)) {
    if (!options.has('if-exists')) throw new Error(`TopicId '${id}' does not exist as expected`)
    return []
  }
  return unwrapAll(await admin.describeTopicsById([id]))
}

const describe = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const idText = options.text('topic-id')
  const id = idText === undefined ? ZERO_UUID : parseUuid(idText)
  let topics: TopicDescription[]
  if (id !== ZERO_UUID) topics = await describeById(admin, options, id)
  else {
    const names = await matchingTopics(admin, options)
    ensureTopicExists(names, options)
    const partitionSizeLimitPerResponse = options.int('partition-size-limit-per-response') ?? 2000
    topics = names.length === 0 ? [] : unwrapAll(await admin.describeTopics(names, { partitionSizeLimitPerResponse }))
  }
  await printDescriptions(admin, options, io, topics)
}

const deleteTopics = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const names = await matchingTopics(admin, options)
  ensureTopicExists(names, options)
  if (names.length === 0) return
  if (await showPlan(io, options, async () => (await import('./delete-plan.ts')).deletePlan(admin, names))) return
  const what = names.length === 1 ? `topic ${names[0]}` : `${names.length} topics (${names.join(', ')})`
  await confirmDestructive(io, options, `Delete ${what} and all records in it?`)
  unwrapAll(await admin.deleteTopics(names))
}

/** One action on an open client; throws Error whose message is what Kafka's script prints after its prefix. */
export const act = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  if (options.has('create')) await create(admin, options, io)
  else if (options.has('alter')) await alter(admin, options)
  else if (options.has('list')) await list(admin, options, io)
  else if (options.has('describe')) await describe(admin, options, io)
  else await deleteTopics(admin, options, io)
}

const runAction = async (options: OptionSet, io: Io, connect: Connect): Promise<number> => {
  const admin = await connect(await commandProperties(options, io), io)
  try {
    await act(admin, options, io)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    println(io.out, `Error while executing topic command : ${errorMessage(error)}`)
    for (const hint of errorHints(error)) println(io.err, hint)
    debugStack(io, error)
    return 1
  } finally {
    await admin.close()
  }
}

/** `kafka-topics.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  try {
    const options = parseOptions(spec, args)
    const answered = helpOrVersion(spec, options, args, io)
    if (answered !== undefined) return answered
    checkOptions(options, io)
    return await runAction(options, io, connect)
  } catch (error) {
    if (error instanceof CommandExit) throw error
    printError(io, error)
    return 1
  }
}
