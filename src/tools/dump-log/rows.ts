import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { usageExit } from '../../cli/usage.ts'
import { outputFormat, type Row, type Value } from '../shared/structured.ts'
import { spec } from './options.ts'

/** The Io of a dump. With `row`, what is found goes there instead of being printed in Kafka's format. */
export interface DumpIo extends Io {
  row?: (row: Row) => void
}

/** Numbers below 0 stand for nothing in batches and records. */
export const present = (value: number): number | null => (value < 0 ? null : value)

/** The text of a decoder that writes JSON, as the value it is. */
export const jsonValue = (text: string): Value => {
  try {
    return JSON.parse(text) as Value
  } catch {
    return text
  }
}

/**
 * Makes the Io that `--output` asks for. A dump may be longer than memory, so that it is a stream: a JSON object a line, or YAML
 * documents one after the other.
 */
export const dumpIo = async (options: OptionSet, io: Io): Promise<DumpIo> => {
  const format = outputFormat(options, io)
  if (format === undefined || (format === 'table' && !options.has('output'))) return io
  if (format === 'table') return usageExit(spec, 'A dump is a stream, not a table: --output has to be json or yaml.')
  const out = io.document ?? io.out
  if (format === 'json') return { ...io, row: (row) => out.write(`${JSON.stringify(row)}\n`) }
  const { stringify } = await import('../../cli/yaml.ts')
  return { ...io, row: (row) => out.write(`---\n${stringify(row)}`) }
}
