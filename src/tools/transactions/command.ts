import type { ArgparseValues } from '../../cli/argparse.ts'
import type { Io } from '../../cli/io.ts'
import { resolveBootstrap, sessionProperties } from '../../cli/session.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { type Connect, connectWith, loadProperties, type Properties } from '../shared/connect.ts'
import { failBecause, type TransactionsContext } from './context.ts'
import { parser, spec } from './options.ts'

export { spec }

const properties = async (values: ArgparseValues, io: Io): Promise<Properties> => {
  const file = values.text('command-config')
  const loaded: Properties =
    file === undefined
      ? new Map()
      : await loadProperties(file).catch((error: unknown) =>
          failBecause('Failed to load admin client properties', error),
        )
  const given = values.text('bootstrap-server')
  const ofProfile = await sessionProperties(io, given)
  return new Map([...ofProfile, ...loaded, ['bootstrap.servers', await resolveBootstrap(io, given)]])
}

const act = async (context: TransactionsContext): Promise<void> => {
  switch (context.values.command) {
    case 'list':
      return (await import('./describe.ts')).list(context)
    case 'describe':
      return (await import('./describe.ts')).describe(context)
    case 'describe-producers':
      return (await import('./describe.ts')).describeProducers(context)
    case 'abort':
      return (await import('./abort.ts')).abort(context)
    case 'find-hanging':
      return (await import('./find-hanging.ts')).findHanging(context)
    default:
      return (await import('./abort.ts')).forceTerminate(context)
  }
}

/** `kafka-transactions.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  const admin = await connect(await properties(values, io), io)
  try {
    await act({ admin, values, io })
    return 0
  } finally {
    await admin.close()
  }
}
