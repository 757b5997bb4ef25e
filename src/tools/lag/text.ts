import { durationText } from '../shared/duration-text.ts'
import type { Row } from '../shared/structured.ts'
import type { Movement } from './rates.ts'
import { sparkline } from './rates.ts'
import type { LagRow } from './rows.ts'

const dash = (value: number | string | null): string => (value === null ? '-' : String(value))

/** A column of a text table. */
interface Column {
  name: string
  /** Numbers are flush right. */
  right?: boolean
  text(row: LagRow): string
}

const group: Column = { name: 'GROUP', text: (row) => row.group }
const topic: Column = { name: 'TOPIC', text: (row) => dash(row.topic) }
const partition: Column = { name: 'PARTITION', right: true, text: (row) => dash(row.partition) }
const lag: Column = { name: 'LAG', right: true, text: (row) => dash(row.lag) }
const behind: Column = {
  name: 'TIME-BEHIND',
  right: true,
  text: ({ timeBehindMs }) => (timeBehindMs === null ? '-' : durationText(timeBehindMs)),
}
const note: Column = { name: 'NOTE', text: (row) => row.note ?? '' }

const plain = (byPartition: boolean): Column[] => [
  group,
  { name: 'STATE', text: (row) => row.state || '-' },
  topic,
  byPartition ? partition : { name: 'PARTITIONS', right: true, text: (row) => String(row.partitions) },
  { name: 'CURRENT-OFFSET', right: true, text: (row) => dash(row.currentOffset) },
  { name: 'LOG-END-OFFSET', right: true, text: (row) => dash(row.logEndOffset) },
  lag,
  behind,
  note,
]

/** Lines of columns as wide as they need to be; the first is the heading. */
const layOut = (rows: readonly LagRow[], columns: readonly Column[]): string[] => {
  const shown = columns.filter(({ name, text }) => name !== 'NOTE' || rows.some((row) => text(row) !== ''))
  const cells = [shown.map(({ name }) => name), ...rows.map((row) => shown.map(({ text }) => text(row)))]
  const widths = shown.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)))
  return cells.map((line) =>
    line
      .map((cell, i) => (shown[i]!.right ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** The table of one measurement. */
export const tableLines = (rows: readonly LagRow[], byPartition: boolean): string[] => layOut(rows, plain(byPartition))

const rateText = (rate: number | null): string =>
  rate === null ? '-' : rate >= 100 || rate === 0 ? String(Math.round(rate)) : rate.toFixed(1)

const etaText = (etaMs: number | null, lagNow: number | null): string => {
  if (etaMs === null || lagNow === 0) return '-'
  return etaMs === Number.POSITIVE_INFINITY ? '∞' : durationText(Math.max(1000, etaMs))
}

/** The table of a measurement with how it got there. */
export const liveLines = (
  rows: readonly LagRow[],
  byPartition: boolean,
  movementOf: (row: LagRow) => Movement,
  sparkWidth: number,
): string[] => {
  const moves = new Map(rows.map((row) => [row, movementOf(row)]))
  const of = (row: LagRow): Movement => moves.get(row)!
  return layOut(rows, [
    group,
    topic,
    ...(byPartition ? [partition] : []),
    lag,
    { name: 'HISTORY', text: (row) => sparkline(of(row).history, sparkWidth).padEnd(sparkWidth) },
    { name: 'PRODUCED/S', right: true, text: (row) => rateText(of(row).produceRate) },
    { name: 'CONSUMED/S', right: true, text: (row) => rateText(of(row).consumeRate) },
    behind,
    { name: 'ETA', right: true, text: (row) => etaText(of(row).etaMs, row.lag) },
    note,
  ])
}

/** A row for programs. */
export const structuredRow = (row: LagRow): Row => ({
  group: row.group,
  type: row.type,
  state: row.state,
  topic: row.topic,
  ...(row.partition === null ? { partitionCount: row.partitions } : { partition: row.partition }),
  currentOffset: row.currentOffset,
  logEndOffset: row.logEndOffset,
  lag: row.lag,
  timeBehindMs: row.timeBehindMs,
  unknownPartitionCount: row.unknown,
  note: row.note,
})

/** Columns of `--output table`. */
export const structuredColumns = (byPartition: boolean): string[] => [
  ...['group', 'type', 'state', 'topic', byPartition ? 'partition' : 'partitionCount'],
  ...['currentOffset', 'logEndOffset', 'lag', 'timeBehindMs', 'note'],
]

const rounded = (rate: number | null): number | null => (rate === null ? null : Math.round(rate * 100) / 100)

/** A line of `--watch` for programs: a row, the time of its measurement, and how it moves. */
export const jsonLine = (row: LagRow, timeMs: number, { produceRate, consumeRate, etaMs }: Movement): string =>
  JSON.stringify({
    timestampMs: timeMs,
    ...structuredRow(row),
    produceRate: rounded(produceRate),
    consumeRate: rounded(consumeRate),
    etaMs: etaMs === null || etaMs === Number.POSITIVE_INFINITY ? null : Math.round(etaMs),
    isGrowing: etaMs === null ? null : etaMs === Number.POSITIVE_INFINITY,
  })
