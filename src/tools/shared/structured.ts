import { errorFields } from '../../cli/error-document.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { FailedThing } from '../../cli/machine.ts'

export type OutputFormat = 'json' | 'yaml' | 'table'

/** A cell or a nested value of structured output. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value }
export type Row = { [key: string]: Value }

/**
 * Reads `--output`, else KT_OUTPUT.
 * @returns undefined when Kafka's own format is wanted
 * @throws CommandExit for an unknown format
 */
export const outputFormat = (options: Pick<OptionSet, 'text'>, { env }: Pick<Io, 'env'>): OutputFormat | undefined => {
  const given = options.text('output')
  const text = given ?? (env.KT_OUTPUT || undefined)
  if (text === undefined || text === 'json' || text === 'yaml' || text === 'table') return text
  const where = given === undefined ? 'KT_OUTPUT' : 'option output'
  const complaint = `Invalid value '${text}' of ${where}: it must be json, yaml or table.`
  throw new CommandExit(1, `${complaint}\n`, `${complaint}\n`, { isUsage: true })
}

const cellText = (value: Value): string => {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.map(cellText).join(',')
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, item]) => `${key}=${cellText(item)}`)
      .join(',')
  }
  return String(value)
}

const drawTable = async (io: Io, rows: readonly Row[], columns: readonly string[]): Promise<string> => {
  const [{ default: Table }, { Chalk }] = await Promise.all([import('cli-table3'), import('chalk')])
  const chalk = new Chalk({ level: io.colour ? 1 : 0 })
  const table = new Table({ head: columns.map((name) => chalk.bold(name)), style: { head: [], border: [] } })
  for (const row of rows) table.push(columns.map((name) => cellText(row[name] ?? null)))
  return `${table.toString()}\n`
}

/**
 * The row of something that failed while others did not: its `error` says why, and the command fails for programs.
 * @param thing what it was, by the names of the other rows
 */
export const failedRow = (io: Pick<Io, 'failed'>, thing: FailedThing, error: unknown): Row => {
  io.failed?.(error, thing)
  return { ...thing, error: errorFields(error) }
}

/**
 * Prints rows as one JSON array, a YAML list or a drawn table; nothing is abbreviated, and the keys are the same in all three.
 * @param columns keys for the table, in order; JSON and YAML have every key of the rows
 */
export const printStructured = async (
  io: Io,
  format: OutputFormat,
  rows: readonly Row[],
  columns: readonly string[],
): Promise<void> => {
  const out = io.document ?? io.out
  if (format === 'json') out.write(`${JSON.stringify(rows, null, 2)}\n`)
  else if (format === 'yaml') out.write((await import('../../cli/yaml.ts')).stringify(rows))
  else io.out.write(await drawTable(io, rows, columns))
}
