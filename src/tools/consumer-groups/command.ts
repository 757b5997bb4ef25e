import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage } from '../../cli/run-command.ts'
import { helpOrVersion, usageExit } from '../../cli/usage.ts'
import type { Admin } from '../../client/types.ts'
import { type Connect, commandProperties, connectWith, NoSuchFileError } from '../shared/connect.ts'
import { checkOptions } from './check.ts'
import { type GroupContext, printToolError, wrappedError } from './context.ts'
import { spec } from './options.ts'
import { UsageArgumentError } from './topic-partitions.ts'

export { spec }

/** One action on an open client. Actions are loaded when they are asked for. */
export const act = async (context: GroupContext): Promise<void> => {
  const { options } = context
  if (options.has('list')) await (await import('./list.ts')).listGroups(context)
  else if (options.has('describe')) await (await import('./describe.ts')).describeGroups(context)
  else if (options.has('delete')) await (await import('./delete.ts')).deleteGroups(context)
  else if (options.has('reset-offsets')) await (await import('./reset.ts')).resetOffsets(context)
  else await (await import('./delete.ts')).deleteOffsets(context)
}

/** --timeout bounds requests, as the Java tool gives it to every call. */
const withTimeout = async (options: OptionSet, io: Io): Promise<Map<string, string>> => {
  const properties = await commandProperties(options, io).catch((error: unknown) => {
    throw error instanceof NoSuchFileError ? wrappedError(error) : error
  })
  const timeoutMs = options.long('timeout') ?? 5000n
  const requestTimeoutMs = BigInt(properties.get('request.timeout.ms') ?? '30000')
  properties.set('default.api.timeout.ms', String(timeoutMs))
  properties.set('request.timeout.ms', String(requestTimeoutMs < timeoutMs ? requestTimeoutMs : timeoutMs))
  return properties
}

const runAction = async (options: OptionSet, io: Io, connect: Connect): Promise<void> => {
  let admin: Admin | undefined
  try {
    if (options.has('validate-regex')) {
      ;(await import('./validate-regex.ts')).validateRegex(io, options.text('validate-regex')!)
      return
    }
    admin = await connect(await withTimeout(options, io), io)
    await act({ admin, options, io })
  } catch (error) {
    if (error instanceof CommandExit) throw error
    if (error instanceof UsageArgumentError) usageExit(spec, error.message)
    printToolError(io, `Executing consumer group command failed due to ${errorMessage(error)}`)
    for (const hint of errorHints(error)) println(io.err, hint)
    debugStack(io, error)
  } finally {
    await admin?.close()
  }
}

/** `kafka-consumer-groups.sh` with these arguments; resolves with the exit code, which is 0 even when the action failed. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOptions(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  checkOptions(options, io)
  await runAction(options, io, connect)
  return 0
}
