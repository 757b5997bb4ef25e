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

/** A line that Kafka's reader of CSV (Jackson's) refuses, in its words. */
class CsvError extends Error {
  override name = 'CsvError'
  detail = ''

  /** @param where of the text, from 0; undefined: nothing is there */
  constructor(exceptionClass: string, message: string, where: number | undefined, field = '') {
    const at = where === undefined ? 'line: UNKNOWN, column: UNKNOWN' : `line: 1, column: ${where + 1}`
    super(`com.fasterxml.jackson.${exceptionClass}: ${message}\n at [Source: (StringReader); ${at}]${field}`)
  }
}

interface Cell {
  text: string
  start: number
}

const splitLine = (line: string): Cell[] => {
  if (line === '') {
    throw new CsvError('databind.exc.MismatchedInputException', 'No content to map due to end-of-input', undefined)
  }
  const cells: Cell[] = []
  const pattern = /(?:"((?:[^"]|"")*)"\s*|([^,"][^,]*)?)(,|$|(?<other>.))/y
  for (let start = 0; ; start = pattern.lastIndex) {
    const match = pattern.exec(line)!
    const { other } = match.groups!
    if (other === '"') throw new CsvError('core.JsonParseException', 'Missing closing quote for value', line.length)
    if (other !== undefined) {
      const found = `Unexpected character ('${other}' (code ${other.charCodeAt(0)}))`
      const wanted = "Expected column separator character (',' (code 44)) or end-of-line"
      throw new CsvError('core.JsonParseException', `${found}: ${wanted}`, pattern.lastIndex)
    }
    cells.push({ text: match[1]?.replaceAll('""', '"') ?? match[2] ?? '', start })
    if (match[3] === '') return cells
  }
}

type Reader = (line: string) => PlanLine

/** @param group of all lines; undefined: each begins with its own */
const lineReader = (group: string | undefined): Reader => {
  const width = group === undefined ? 4 : 3
  const record = `org.apache.kafka.tools.consumer.group.CsvUtils$CsvRecord${group === undefined ? 'With' : 'No'}Group`
  const number = (cell: Cell | undefined, name: 'partition' | 'offset'): number => {
    const { text, start } = cell ?? { text: '', start: 0 }
    const digits = text.trim()
    if (digits === '') return 0
    const bits = name === 'partition' ? 32 : 64
    const type = name === 'partition' ? 'int' : 'long'
    const fail = (exceptionClass: string, message: string): never => {
      throw new CsvError(exceptionClass, message, start, ` (through reference chain: ${record}["${name}"])`)
    }
    if (!/^[+-]?\d+$/.test(digits)) {
      const message = `Cannot deserialize value of type \`${type}\` from String "${digits}": not a valid \`${type}\` value`
      return fail('databind.exc.InvalidFormatException', message)
    }
    const value = BigInt(digits.replace('+', ''))
    if (BigInt.asIntN(bits, value) !== value) {
      const end = 2n ** BigInt(bits - 1)
      const message = `Numeric value (${digits}) out of range of ${type} (${-end} - ${end - 1n})`
      return fail('databind.JsonMappingException', message)
    }
    return Number(value)
  }
  return (line) => {
    const cells = splitLine(line)
    const extra = cells[width]
    // One comma more than needed may end a line.
    if (extra !== undefined && (extra.text !== '' || cells.length > width + 1)) {
      const value = `value #${width} (${extra.text.length} chars) "${extra.text}"`
      const message = `Too many entries: expected at most ${width} (${value})`
      throw new CsvError('dataformat.csv.CsvReadException', message, extra.start)
    }
    const [owner, topic, partition, offset] = group === undefined ? cells : [{ text: group }, ...cells]
    return {
      group: owner?.text ?? '',
      topic: topic?.text ?? '',
      partition: number(partition as Cell | undefined, 'partition'),
      offset: number(offset as Cell | undefined, 'offset'),
    }
  }
}

/**
 * Reads a plan. The column of the group is left out where one group is on the command line and the first line can be read so.
 * @throws CsvError for a line that doesn't fit
 */
export const readCsv = (text: string, groups: readonly string[]): PlanLine[] => {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  // As Java splits: what is empty at the end is gone, but a text without any line is an empty one.
  while (text !== '' && lines.at(-1) === '') lines.pop()
  const [group] = groups
  const isLeftOut = (): boolean => {
    try {
      lines.slice(0, 1).forEach(lineReader(group))
      return true
    } catch {
      return false
    }
  }
  const read = lineReader(groups.length === 1 && isLeftOut() ? group : undefined)
  return lines.map((line, i) => {
    try {
      return read(line)
    } catch (error) {
      // Jackson is given one line at a time, and calls each of them the first.
      if (error instanceof CsvError) error.detail = `It is line ${i + 1} of the file: ${line}`
      throw error
    }
  })
}
