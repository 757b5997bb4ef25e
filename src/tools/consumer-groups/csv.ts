import type { TopicPartition } from '../../client/types.ts'

/** One line of a plan: an offset for a partition of a group; the group is left out when there is only one. */
export interface PlanLine extends TopicPartition {
  group: string | undefined
  offset: number
}

/** The longest text Kafka's writer leaves without quotes. */
const maxUnquotedLength = 24

const writeText = (text: string): string =>
  text.length > maxUnquotedLength || /[\0-,\\]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

/** A plan as CSV lines, as `--export` prints and `--from-file` reads it. */
export const writeCsv = (lines: readonly PlanLine[]): string =>
  lines
    .map(({ group, topic, partition, offset }) => {
      const texts = group === undefined ? [topic] : [group, topic]
      return `${[...texts.map(writeText), partition, offset].join(',')}\n`
    })
    .join('')

const splitLine = (line: string): string[] => {
  const cells: string[] = []
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(,|$)/y
  for (;;) {
    const match = pattern.exec(line)
    if (match === null) throw new Error(`Malformed CSV line: ${line}`)
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim())
    if (match[3] === '') return cells
  }
}

const number = (text: string | undefined, line: string): number => {
  if (text === undefined || text === '') return 0
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`Malformed CSV line, "${text}" is no number: ${line}`)
  return Number(text)
}

/**
 * Reads a plan. With one group on the command line and no more than three columns, the group's column is left out.
 * @throws Error for a line that doesn't fit
 */
export const readCsv = (text: string, groups: readonly string[]): PlanLine[] => {
  const lines = text.split(/\r?\n/)
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop()
  const isSingle = groups.length === 1 && (lines[0] === undefined || splitLine(lines[0]).length <= 3)
  return lines.map((line) => {
    const cells = splitLine(line)
    if (cells.length > (isSingle ? 3 : 4)) throw new Error(`Too many columns in CSV line: ${line}`)
    const group = isSingle ? groups[0]! : (cells.shift() ?? '')
    return { group, topic: cells[0] ?? '', partition: number(cells[1], line), offset: number(cells[2], line) }
  })
}
