import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { printError } from '../../cli/run-command.ts'
import { BrokerConfig } from '../../config/broker-config.ts'
import { loadFormat } from '../../embedded/storage-format.ts'
import { readServerProperties } from '../server/properties.ts'
import { parseSubcommand } from './argparse.ts'
import { commands, spec } from './options.ts'

export { spec }

const act = async (name: string, values: ReadonlyMap<string, readonly string[]>, io: Io): Promise<number> => {
  const config = (): BrokerConfig => BrokerConfig.fromProperties(readServerProperties(values.get('config')![0]!))
  switch (name) {
    case 'info':
      return (await import('./info.ts')).info(config(), io)
    case 'format':
      return (await import('./format.ts')).format(config(), values, io)
    case 'version-mapping':
      return (await import('./features.ts')).versionMapping(values.get('release-version')?.[0], io)
    case 'feature-dependencies':
      return (await import('./features.ts')).featureDependencies(values.get('feature') ?? [], io)
    default:
      println(io.out, (await loadFormat()).randomUuid())
      return 0
  }
}

/** `kafka-storage.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const parsed = parseSubcommand(spec.script, 'The Kafka storage tool.', commands, args)
  if ('help' in parsed) {
    io.out.write(parsed.help)
    return 0
  }
  try {
    return await act(parsed.command.name, parsed.values, io)
  } catch (error) {
    if (error instanceof CommandExit) throw error
    printError(io, error)
    return 1
  }
}
