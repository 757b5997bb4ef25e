import { randomUuid } from '../../base/random-uuid.ts'
import type { ArgparseValues } from '../../cli/argparse.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { plainly } from '../../cli/run-command.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { outputFormat } from '../shared/structured.ts'
import { parser, spec } from './options.ts'

export { spec }

/** The file of `--config`; what reads it is loaded by the sub-commands that have one. */
const configOf = async (values: ArgparseValues): Promise<BrokerConfig> => {
  const [{ BrokerConfig }, { readServerProperties }] = await Promise.all([
    import('../../config/broker-config.ts'),
    import('../server/properties.ts'),
  ])
  return BrokerConfig.fromProperties(readServerProperties(values.text('config')!))
}

const act = async (values: ArgparseValues, io: Io): Promise<number> => {
  switch (values.command) {
    case 'info':
      return (await import('./info.ts')).info(await configOf(values), io, outputFormat(values, io))
    case 'format':
      return (await import('./format.ts')).format(await configOf(values), values, io)
    case 'version-mapping':
      return (await import('./features.ts')).versionMapping(
        values.text('release-version'),
        io,
        outputFormat(values, io),
      )
    case 'feature-dependencies':
      return (await import('./features.ts')).featureDependencies(values.list('feature'), io, outputFormat(values, io))
    default:
      println(io.out, randomUuid())
      return 0
  }
}

/** `kafka-storage.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  return plainly(io, () => act(values, io))
}
