import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'

/** Kafka's ToolsUtils.prettyPrintTable: columns as wide as their longest cell, each with a tab after it. */
export const printPrettyTable = (io: Io, headers: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = headers.map((header, i) => Math.max(header.length, ...rows.map((row) => row[i]!.length)))
  for (const row of [headers, ...rows]) println(io.out, row.map((cell, i) => `${cell.padEnd(widths[i]!)}\t`).join(''))
}
