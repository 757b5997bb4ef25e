import { println } from '../../cli/io.ts'
import { errorMessage, javaText } from '../../cli/run-command.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { printToolError, wrappedError } from '../consumer-groups/context.ts'
import { unwrapAll } from '../shared/results.ts'
import type { StreamsGroupContext } from './context.ts'

/** Does Kafka Streams give its own topics such names? */
export const isInternalName = (topic: string): boolean =>
  ['-changelog', '-repartition', '-subscription-registration-topic', '-subscription-response-topic'].some((end) =>
    topic.endsWith(end),
  ) || /^.+-KTABLE-FK-JOIN-SUBSCRIPTION-(?:REGISTRATION|RESPONSE)-\d+-topic$/.test(topic)

/** The internal topics of groups, by group; groups without any are left out. */
export const internalTopicsOf = async (
  { admin, io }: StreamsGroupContext,
  groups: readonly string[],
): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>()
  try {
    for (const { groupId, subtopologies } of unwrapAll(await admin.describeStreamsGroups([...groups]))) {
      const sources = new Set(subtopologies.flatMap(({ sourceTopics }) => sourceTopics))
      const topics = subtopologies
        .flatMap((part) => [...part.repartitionSourceTopics, ...part.stateChangelogTopics])
        .filter((topic) => !sources.has(topic))
      const own = topics.filter((topic) => {
        const isOwn = topic.startsWith(`${groupId}-`) && isInternalName(topic)
        if (!isOwn) {
          printToolError(
            io,
            `The internal topic '${topic}' is not inferred as internal and thus will not be deleted with the group '${groupId}'.`,
          )
        }
        return isOwn
      })
      if (own.length > 0) found.set(groupId, own)
    }
  } catch (error) {
    printToolError(io, `Retrieving internal topics failed due to ${errorMessage(wrappedError(error))}`)
  }
  return found
}

const isUnknownTopic = (error: unknown): boolean =>
  error instanceof KafkaError && error.errorName === 'UNKNOWN_TOPIC_OR_PARTITION'

/** Deletes the internal topics of a group whose offsets were moved; what fails is told. */
export const deleteAfterReset = async (context: StreamsGroupContext, group: string): Promise<void> => {
  const { admin, options, io } = context
  const topics = options.has('delete-all-internal-topics')
    ? ((await internalTopicsOf(context, [group])).get(group) ?? [])
    : options.texts('delete-internal-topic')
  if (topics.length === 0) return
  try {
    unwrapAll(await admin.deleteTopics(topics))
  } catch (error) {
    const start = `Deleting internal topics for group '${group}' failed`
    const why = isUnknownTopic(error)
      ? 'because the topics do not exist.'
      : `due to ${errorMessage(wrappedError(error))}`
    printToolError(io, `${start} ${why}`)
  }
}

/** Deletes the internal topics of groups that were deleted, and says how that went. */
export const deleteWithGroups = async (
  { admin, io }: StreamsGroupContext,
  groups: readonly string[],
  topics: ReadonlyMap<string, string[]>,
): Promise<void> => {
  const affected = groups.filter((group) => topics.has(group))
  const failures = new Map<string, Error>()
  for (const group of affected) {
    for (const [topic, result] of await admin.deleteTopics(topics.get(group)!)) {
      if (result.ok) continue
      println(io.out, `Failed to delete internal topic: ${topic}`)
      if (!failures.has(group)) failures.set(group, result.error)
    }
  }
  if (groups.length === 0 || topics.size === 0) return
  if (failures.size === 0) {
    const names = affected.join("', '")
    println(io.out, `Deletion of associated internal topics of the streams groups ('${names}') was successful.`)
    return
  }
  println(io.out, 'Deletion of some associated internal topics failed:')
  for (const [group, error] of failures) {
    println(io.out, `* Internal topics of the streams group '${group}' could not be deleted due to: ${javaText(error)}`)
  }
}
