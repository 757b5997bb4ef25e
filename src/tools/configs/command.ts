import { CommandExit, NotYetSupportedError } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { OptionError, type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage, printError } from '../../cli/run-command.ts'
import { helpOrVersion } from '../../cli/usage.ts'
import type { Admin, ConfigResourceType } from '../../client/types.ts'
import { type Connect, commandProperties, connectWith } from '../shared/connect.ts'
import { TopicNameError } from '../shared/topic-name.ts'
import { alterConfigs } from './alter.ts'
import { ConfigArgumentError, checkOptions, entityNames, entityTypes } from './check.ts'
import { describeConfigs } from './describe.ts'
import { spec } from './options.ts'

export { spec }

const resourceTypes: Record<string, ConfigResourceType> = {
  topics: 'topic',
  brokers: 'broker',
  'broker-loggers': 'broker-logger',
  groups: 'group',
  'client-metrics': 'client-metrics',
}

const refuseLater = (options: OptionSet, types: readonly string[]): void => {
  if (options.has('bootstrap-controller')) {
    throw new NotYetSupportedError(
      '--bootstrap-controller comes with a later version of kt: connect to a broker with --bootstrap-server.',
    )
  }
  const quotas = types.find((type) => resourceTypes[type] === undefined)
  if (quotas !== undefined) {
    throw new NotYetSupportedError(
      `Configs of ${quotas} (quotas and SCRAM credentials) come with a later version of kt; nothing was changed.`,
    )
  }
}

const act = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const [entityType] = entityTypes(options)
  const names = entityNames(options)
  if (options.has('alter') && names.length !== 1) {
    throw new ConfigArgumentError('An entity name must be specified for every entity type')
  }
  const type = resourceTypes[entityType!]!
  if (options.has('alter')) await alterConfigs(admin, options, io, entityType!, type, names[0]!)
  else await describeConfigs(admin, options, io, entityType!, type, names[0])
}

const isBare = (error: unknown): boolean =>
  error instanceof ConfigArgumentError ||
  error instanceof OptionError ||
  error instanceof NotYetSupportedError ||
  error instanceof TopicNameError ||
  (error as { errorName?: string }).errorName === 'UNSUPPORTED_VERSION' ||
  (error as { reason?: string }).reason === 'unsupported-version'

/** `kafka-configs.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  let admin: Admin | undefined
  try {
    const options = parseOptions(spec, args)
    const answered = helpOrVersion(spec, options, args, io)
    if (answered !== undefined) return answered
    checkOptions(options, io)
    refuseLater(options, entityTypes(options))
    admin = await connect(await commandProperties(options, io), io)
    await act(admin, options, io)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    if (isBare(error)) printError(io, error)
    else {
      println(io.err, `Error while executing config command with args '${args.join(' ')}'`)
      for (const line of [errorMessage(error), ...errorHints(error)]) println(io.err, line)
      debugStack(io, error)
    }
    return 1
  } finally {
    await admin?.close()
  }
}
