import { SimpleDateFormat } from '../../base/simple-date-format.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { OptionError, type OptionSet } from '../../cli/joptsimple.ts'
import { parseKeyValues } from '../../cli/usage.ts'
import { clientProperties, type Properties } from '../shared/connect.ts'

/** What both measurements of consumers are to do. */
export interface PerfOptions {
  recordCount: number
  timeoutMs: number
  intervalMs: number
  dates: (timeMs: number) => string
  isDetailed: boolean
  shouldPrintMetrics: boolean
}

/** The notices Kafka's tools print for old names of options. */
export const warnOfDeprecated = (options: OptionSet, io: Io): void => {
  if (options.has('messages')) println(io.out, 'Warning: --messages is deprecated. Use --num-records instead.')
  if (options.has('consumer.config')) {
    println(io.out, 'Warning: --consumer.config is deprecated. Use --command-config instead.')
  }
}

const intervalOf = (options: OptionSet): number => {
  const text = options.texts('reporting-interval')[0] ?? ''
  if (!/^\d+$/.test(text)) {
    throw new OptionError(`Value [${text}] did not match regex [^\\d+$]`)
  }
  return Number(options.long('reporting-interval'))
}

const dateFormatter = (pattern: string): ((timeMs: number) => string) => {
  const dates = new SimpleDateFormat(pattern)
  return (timeMs) => dates.format(timeMs)
}

/** Reads the options both measurements have. */
export const perfOptions = (options: OptionSet): PerfOptions => ({
  recordCount: Number(options.has('messages') ? options.long('messages') : options.long('num-records')),
  timeoutMs: Number(options.long('timeout')),
  intervalMs: intervalOf(options),
  dates: dateFormatter(options.text('date-format') ?? ''),
  isDetailed: options.has('show-detailed-stats'),
  shouldPrintMetrics: options.has('print-metrics'),
})

/** The consumer's properties: the file, --command-property over it, and what the command decides over both. */
export const perfProperties = async (
  options: OptionSet,
  io: Io,
  decided: Readonly<Record<string, string>>,
  clientId: string,
): Promise<Properties> => {
  const file = options.text(options.has('consumer.config') ? 'consumer.config' : 'command-config')
  const fromFile = await clientProperties(io, file, options.text('bootstrap-server'))
  const given = parseKeyValues(options.texts('command-property'))
  const properties: Properties = new Map([...fromFile, ...given, ...Object.entries(decided)])
  if (!properties.has('client.id')) properties.set('client.id', clientId)
  return properties
}
