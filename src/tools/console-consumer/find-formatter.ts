import type { Io } from '../../cli/io.ts'
import { usageExit } from '../../cli/usage.ts'
import { DefaultFormatter } from './default-formatter.ts'
import { type Formatter, noOpFormatter } from './formatter.ts'
import { spec } from './options.ts'

const packageName = 'org.apache.kafka.tools.consumer.'

/**
 * The formatter that stands for a Java class.
 * @throws CommandExit with the usage text for a class kt doesn't have
 */
export const findFormatter = async (
  className: string,
  properties: ReadonlyMap<string, string>,
  io: Io,
): Promise<Formatter> => {
  const name = className.startsWith(packageName) ? className.slice(packageName.length) : ''
  // LoggingMessageFormatter also writes to a log, which the Java tool's own settings discard.
  if (name === 'DefaultMessageFormatter' || name === 'LoggingMessageFormatter')
    return new DefaultFormatter(properties, io)
  if (name === 'NoOpMessageFormatter') return noOpFormatter
  if (name.endsWith('MessageFormatter')) {
    const { coordinatorFormatter } = await import('./coordinator-formatter.ts')
    const found = coordinatorFormatter(name)
    if (found !== undefined) return found
  }
  return usageExit(spec, className)
}
