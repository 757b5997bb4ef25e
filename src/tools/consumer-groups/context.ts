import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { FailedThing } from '../../cli/machine.ts'
import { errorHints, javaText } from '../../cli/run-command.ts'
import type { Admin, TopicPartition } from '../../client/types.ts'

/** What every action of the command works with. */
export interface GroupContext {
  admin: Admin
  options: OptionSet
  io: Io
}

/**
 * Kafka's printError: an empty line, then the message, on standard output. For programs it is a failure.
 * @param thing what it is about; the message speaks for the whole command without it
 * @param error what lies behind, where it is known
 */
export const printToolError = (
  io: Io,
  message: string,
  thing?: FailedThing,
  error: unknown = new Error(message),
): void => {
  println(io.out, `\nError: ${message}`)
  io.failed?.(error, thing)
}

/** What an error says beyond Kafka's words, for the one that wraps it. */
const hintsOf = (error: unknown): { detail: string } => ({ detail: errorHints(error).join('\n') })

/** An error as Java shows it once wrapped by a future: class and message. */
export const wrappedError = (error: unknown): Error =>
  Object.assign(new Error(javaText(error), { cause: error }), hintsOf(error))

/** An error as Java shows it once wrapped by a future and a RuntimeException. */
export const doublyWrappedError = (error: unknown): Error =>
  Object.assign(
    new Error(`java.util.concurrent.ExecutionException: ${javaText(error)}`, { cause: error }),
    hintsOf(error),
  )

/** Classic and KIP-848 groups whose members are consumers. */
const consumerGroups = { types: ['classic', 'consumer'], protocolTypes: ['', 'consumer'] }

/** Names of all consumer groups. */
export const listConsumerGroups = async (admin: Admin): Promise<string[]> => {
  try {
    return (await admin.listGroups(consumerGroups)).map((group) => group.groupId)
  } catch (error) {
    throw doublyWrappedError(error)
  }
}

/** The groups `--group` names, or all with `--all-groups`. */
export const chosenGroups = async ({ admin, options }: GroupContext): Promise<string[]> =>
  options.has('all-groups') ? listConsumerGroups(admin) : [...new Set(options.texts('group'))]

/** Topics in order, partitions in order. */
export const byTopicAndPartition = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1
