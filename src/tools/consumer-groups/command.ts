import type { Io } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { helpOrVersion } from '../../cli/usage.ts'
import { usingAdmin } from '../shared/admin-command.ts'
import { type Connect, commandProperties, connectWith, NoSuchFileError } from '../shared/connect.ts'
import { runGroupAction } from '../shared/group-command.ts'
import { checkOptions } from './check.ts'
import { type GroupContext, wrappedError } from './context.ts'
import { spec } from './options.ts'

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

const work = async (options: OptionSet, io: Io, connect: Connect): Promise<void> => {
  if (options.has('validate-regex')) {
    ;(await import('./validate-regex.ts')).validateRegex(io, options.text('validate-regex')!)
    return
  }
  await usingAdmin(connect(await withTimeout(options, io), io), (admin) => act({ admin, options, io }))
}

/** `kafka-consumer-groups.sh` with these arguments; resolves with the exit code, which is 0 even when the action failed. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOptions(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  checkOptions(options, io)
  await runGroupAction(spec, 'consumer group', io, () => work(options, io, connect))
  return 0
}
