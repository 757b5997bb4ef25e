import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { OptionError, type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, javaText } from '../../cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../cli/session.ts'
import { forbidTogether, helpOrVersion, usageExit } from '../../cli/usage.ts'
import type { Admin, MemberDescription, OffsetAndMetadata, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { type Connect, clientProperties, connectWith, type Properties } from '../shared/connect.ts'
import { execute } from '../shared/execution.ts'
import { javaList } from '../shared/java.ts'
import { hashOrder, partitionHash, stringHash } from '../shared/java-hash.ts'
import type { Offsets } from '../shared/offsets-at.ts'
import { unwrap, unwrapAll } from '../shared/results.ts'
import { isMissingGroup } from '../shared/typed-groups.ts'
import { isInternalName } from '../streams-groups/internal-topics.ts'
import { offsetsAt, plannedOffsets, type ResetContext } from './offsets.ts'
import { spec } from './options.ts'

export { spec }

const scenarios = ['to', 'to-offset', 'to-datetime', 'by-duration', 'to-earliest', 'to-latest', 'from-file', 'shift-by']

const parse = (args: readonly string[]): OptionSet => {
  try {
    const options = parseOptions(spec, args)
    const isQuestion = options.has('help') || options.has('version')
    if (!isQuestion && !options.has('application-id')) {
      throw new OptionError('Missing required option(s) [application-id]')
    }
    return options
  } catch (error) {
    if (error instanceof OptionError) return usageExit(spec, error.message)
    throw error
  }
}

const checkOptions = (options: OptionSet): void => {
  for (const name of scenarios) {
    const others = scenarios.filter((other) => other !== name)
    forbidTogether(spec, options, name, others)
  }
  forbidTogether(spec, options, 'config-file', ['command-config'])
}

const assignmentText = (partitions: readonly TopicPartition[]): string =>
  `(topicPartitions=${partitions.map(topicPartitionKey).join(',')})`

/** Java's MemberDescription.toString. */
const memberText = (member: MemberDescription): string => {
  const { assignment, targetAssignment, memberEpoch, isClassic } = member
  const target = targetAssignment === null ? 'Optional.empty' : `Optional[${assignmentText(targetAssignment)}]`
  const fields = {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    rackId: null,
    clientId: member.clientId,
    host: member.host,
    assignment: assignmentText(assignment),
    targetAssignment: target,
    memberEpoch,
    upgraded: isClassic === null ? null : !isClassic,
  }
  const texts = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
  return `(${texts.join(', ')})`
}

/** Nobody may be in the group; `--force` throws out who is. */
const removeMembers = async ({ admin, options, io, group }: ResetContext): Promise<void> => {
  const result = (await execute(admin.describeConsumerGroups([group]))).get(group)
  if (result !== undefined && !result.ok && isMissingGroup(result.error)) return
  const { members } = unwrap(result)
  if (members.length === 0) return
  if (!options.has('force')) {
    const text = `Consumer group '${group}' is still active and has following members: ${javaList(members.map(memberText))}. Make sure to stop all running application instances before running the reset tool. You can use option '--force' to remove active members from the group.`
    throw Object.assign(new Error(text), { exceptionClass: 'java.lang.IllegalStateException' })
  }
  println(io.out, `Force deleting all active members in the group: ${group}`)
  await admin.removeGroupMembers(group, members)
}

const report = (io: Io, title: string, missing: readonly string[], start: string): void => {
  if (missing.length === 0) return
  println(io.out, title)
  for (const topic of missing) println(io.out, `${start}${topic}`)
}

const partitionsOf = async ({ admin }: ResetContext, topics: readonly string[]): Promise<TopicPartition[]> => {
  const described = topics.length === 0 ? [] : unwrapAll(await admin.describeTopics([...topics]))
  const partitions = described.flatMap(({ name, partitions: list }) =>
    list.map(({ partition }) => ({ topic: name, partition })),
  )
  return hashOrder(partitions, partitionHash)
}

const commit = async ({ admin, group }: ResetContext, offsets: Offsets): Promise<void> => {
  const commits = new Map<TopicPartition, OffsetAndMetadata>()
  for (const [tp, offset] of offsets) commits.set(tp, { offset, leaderEpoch: null, metadata: '' })
  if (commits.size > 0) unwrapAll(await admin.alterConsumerGroupOffsets(group, commits))
}

/** Moves offsets; the exit code tells whether all topics were there. */
const resetOffsets = async (context: ResetContext, topics: readonly string[]): Promise<number> => {
  const { options, io, group } = context
  const input = options.texts('input-topics')
  if (options.has('intermediate-topics')) {
    println(io.out, 'WARN: `--intermediate-topics` is deprecated and will be removed in a future release')
  }
  const intermediate = options.texts('intermediate-topics')
  if (input.length === 0 && intermediate.length === 0) {
    println(io.out, 'No input or intermediate topics specified. Skipping seek.')
    return 0
  }
  if (input.length > 0) println(io.out, `Reset-offsets for input topics ${javaList(input)}`)
  if (intermediate.length > 0) println(io.out, `Seek-to-end for intermediate topics ${javaList(intermediate)}`)
  const isMissing = (topic: string): boolean => !topics.includes(topic)
  const isThere = (topic: string): boolean => topics.includes(topic)
  report(io, 'Following input topics are not found, skipping them', input.filter(isMissing), 'Topic: ')
  report(io, 'Following intermediate topics are not found, skipping them', intermediate.filter(isMissing), 'Topic:')
  const code = [...input, ...intermediate].some(isMissing) ? 1 : 0
  const found = [...new Set([...input, ...intermediate])].filter(isThere)
  if (found.length === 0) return code
  const inputs = await partitionsOf(context, [...new Set(input)].filter(isThere))
  const ends = await partitionsOf(
    context,
    found.filter((topic) => !input.includes(topic)),
  )
  const offsets: Offsets = new Map()
  if (inputs.length > 0) {
    println(io.out, `Following input topics offsets will be reset to (for consumer group ${group})`)
    const planned = await plannedOffsets(context, inputs)
    for (const tp of inputs) {
      offsets.set(tp, planned.get(tp)!)
      println(io.out, `Topic: ${tp.topic} Partition: ${tp.partition} Offset: ${planned.get(tp)}`)
    }
  }
  if (ends.length > 0) {
    println(io.out, `Following intermediate topics offsets will be reset to end (for consumer group ${group})`)
    for (const { topic } of ends) println(io.out, `Topic: ${topic}`)
    for (const [tp, offset] of await offsetsAt(context, ends, 'latest')) offsets.set(tp, offset)
  }
  if (!options.has('dry-run')) await commit(context, offsets)
  println(io.out, 'Done.')
  return code
}

const deleteInternalTopics = async (context: ResetContext, topics: readonly string[]): Promise<void> => {
  const { admin, options, io, group } = context
  const own = [...options.texts('input-topics'), ...options.texts('intermediate-topics')]
  const inferred = topics.filter(
    (topic) => !own.includes(topic) && topic.startsWith(`${group}-`) && isInternalName(topic),
  )
  const specified = options.texts('internal-topics')
  if (specified.some((topic) => !inferred.includes(topic))) {
    const text =
      'Invalid topic specified in the --internal-topics option. Ensure that the topics specified are all internal topics. Do a dry run without the --internal-topics option to see the list of all internal topics that can be deleted.'
    throw Object.assign(new Error(text), { exceptionClass: 'java.lang.IllegalArgumentException' })
  }
  const chosen = specified.length > 0 ? specified : inferred
  println(io.out, `Deleting ${specified.length > 0 ? 'specified' : 'inferred'} internal topics ${javaList(chosen)}`)
  if (!options.has('dry-run') && chosen.length > 0) {
    await confirmDestructive(io, options, `Delete ${chosen.length} topic(s): ${chosen.join(', ')}?`)
    let isWhole = true
    for (const [topic, result] of await admin.deleteTopics(chosen)) {
      if (result.ok) continue
      isWhole = false
      println(io.err, `ERROR: deleting topic ${topic}`)
      println(io.err, javaText(result.error))
    }
    if (!isWhole) throw new Error('Encountered an error deleting one or more topics')
  }
  println(io.out, 'Done.')
}

const propertiesOf = async (options: OptionSet, io: Io): Promise<Properties> => {
  if (options.has('config-file')) {
    println(
      io.out,
      'Option --config-file has been deprecated and will be removed in a future version. Use --command-config instead.',
    )
  }
  const file = options.text('config-file') ?? options.text('command-config')
  const given = options.text('bootstrap-server')
  const properties = await clientProperties(io, file, given)
  // Kafka's script has this default; with an embedded broker that one is meant.
  const isPlain = !mayOmitBootstrap(io)
  const server = given ?? (isPlain ? 'localhost:9092' : await resolveBootstrap(io, undefined))
  return properties.set('bootstrap.servers', server)
}

/** `kafka-streams-application-reset.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = args.length === 0 ? parseOptions(spec, args) : parse(args)
  if (args.length === 0) usageExit(spec, 'Missing required option(s) [application-id]')
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  checkOptions(options)
  let admin: Admin | undefined
  try {
    admin = await connect(await propertiesOf(options, io), io)
    const context: ResetContext = { admin, options, io, group: options.text('application-id')! }
    await removeMembers(context)
    const listed = await admin.listTopics()
    const topics = hashOrder(
      listed.map(({ name }) => name),
      stringHash,
    )
    if (options.has('dry-run')) {
      const line = '----'
      println(
        io.out,
        `${line}Dry run displays the actions which will be performed when running Streams Reset Tool${line}`,
      )
    }
    const code = await resetOffsets(context, topics)
    await deleteInternalTopics(context, topics)
    return code
  } catch (error) {
    if (error instanceof CommandExit) throw error
    println(io.err, `ERROR: ${javaText(error)}`)
    for (const hint of errorHints(error)) println(io.err, hint)
    debugStack(io, error)
    return 1
  } finally {
    await admin?.close()
  }
}
