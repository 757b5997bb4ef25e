import { ArgparseError, type ArgparseValues } from '../../cli/argparse.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { plainly } from '../../cli/run-command.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { usingAdmin } from '../shared/admin-command.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { type Connect, connectionProperties, connectWith, NoSuchFileError } from '../shared/connect.ts'
import { outputFormat } from '../shared/structured.ts'
import { describeFeatures } from './describe.ts'
import { featureDependencies, versionMapping } from './mapping.ts'
import { parser, spec } from './options.ts'
import { updateFeatures } from './update.ts'

export { spec }

const lineError = (message: string): string => `Command line error: ${message}. Type --help for help.`

/** Kafka's tool says of a missing file its path alone; people get more. */
const propertiesOf: typeof connectionProperties = async (given, io) => {
  try {
    return await connectionProperties(given, io)
  } catch (error) {
    if (!(error instanceof NoSuchFileError)) throw error
    const { message, detail } = error
    throw new CommandExit(1, `${message}\n`, `${message}\n${detail}\n`, { cause: error, nextStep: detail })
  }
}

const act = async (values: ArgparseValues, io: Io, connect: Connect): Promise<void> => {
  if (values.command === 'version-mapping')
    return versionMapping(values.text('release-version'), io, outputFormat(values, io))
  if (values.command === 'feature-dependencies')
    return featureDependencies(values.list('feature'), io, outputFormat(values, io))
  const [server, controller] = [values.text('bootstrap-server'), values.text('bootstrap-controller')]
  if (server === undefined && controller === undefined && !mayOmitBootstrap(io)) {
    throw new CommandExit(1, lineError('You must specify either --bootstrap-controller or --bootstrap-server.'))
  }
  const properties = await propertiesOf({ server, controller, configFile: values.text('command-config') }, io)
  await usingAdmin(connect(properties, io), async (admin) => {
    await (values.command === 'describe' ? describeFeatures : updateFeatures)(admin, values, io)
  })
}

const parse = (args: readonly string[], io: Io): ArgparseValues | number => {
  try {
    return parseCommand(parser, args, io)
  } catch (error) {
    if (!(error instanceof ArgparseError)) throw error
    const text = lineError(error.complaint)
    throw new CommandExit(1, text, text, { isUsage: true, message: error.complaint })
  }
}

/** `kafka-features.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const values = parse(args, io)
  if (typeof values === 'number') return values
  return plainly(io, () => act(values, io, connect))
}
