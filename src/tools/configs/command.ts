import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { OptionError, type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage, printError } from '../../cli/run-command.ts'
import { helpOrVersion } from '../../cli/usage.ts'
import type { Admin, ConfigResourceType } from '../../client/types.ts'
import { type Connect, commandProperties, connectWith } from '../shared/connect.ts'
import { TopicNameError } from '../shared/topic-name.ts'
import { alterConfigs } from './alter.ts'
import { ConfigArgumentError, checkAddresses, checkOptions, entityNames, entityTypes } from './check.ts'
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

const act = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const types = entityTypes(options)
  const names = entityNames(options)
  const isAlter = options.has('alter')
  if (isAlter && names.length !== types.length) {
    throw new ConfigArgumentError('An entity name must be specified for every entity type')
  }
  if (options.has('dry-run') && !isAlter) throw new ConfigArgumentError('--dry-run goes with --alter')
  const entityType = types[0]!
  const type = resourceTypes[entityType]
  if (type === undefined) {
    const quotas = await import('./quotas.ts')
    await (isAlter ? quotas.alterQuotas : quotas.describeQuotas)(admin, options, io, types, names)
  } else if (isAlter) await alterConfigs(admin, options, io, entityType, type, names[0]!)
  else await describeConfigs(admin, options, io, entityType, type, names[0])
}

const isBare = (error: unknown): boolean =>
  error instanceof ConfigArgumentError ||
  error instanceof OptionError ||
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
    await checkAddresses(options)
    admin = await connect(await commandProperties(options, io, options.text('bootstrap-controller')), io)
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
