import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlanLine, readCsv, writeCsv } from '../../../src/tools/consumer-groups/csv.ts'

const line = (group: string, topic: string, partition: number, offset: number): PlanLine => ({
  group,
  topic,
  partition,
  offset,
})

/** What Kafka 4.3's kafka-consumer-groups.sh says of such a file. */
const refused: [text: string, groups: string[], message: string][] = [
  [
    'a,0,1\nt,0,x',
    ['g'],
    'databind.exc.InvalidFormatException: Cannot deserialize value of type `long` from String "x": not a valid `long` value\n' +
      ' at [Source: (StringReader); line: 1, column: 5] (through reference chain: org.apache.kafka.tools.consumer.group.CsvUtils$CsvRecordNoGroup["offset"])',
  ],
  [
    't,0,x',
    ['g'],
    'databind.exc.InvalidFormatException: Cannot deserialize value of type `int` from String "x": not a valid `int` value\n' +
      ' at [Source: (StringReader); line: 1, column: 5] (through reference chain: org.apache.kafka.tools.consumer.group.CsvUtils$CsvRecordWithGroup["partition"])',
  ],
  [
    'a,0,1\na,0,1,2',
    ['g'],
    'dataformat.csv.CsvReadException: Too many entries: expected at most 3 (value #3 (1 chars) "2")\n' +
      ' at [Source: (StringReader); line: 1, column: 7]',
  ],
  [
    'a,0,1\n"a,0,1',
    ['g'],
    'core.JsonParseException: Missing closing quote for value\n at [Source: (StringReader); line: 1, column: 7]',
  ],
  [
    'a,0,1\n"a"b,0,1',
    ['g'],
    "core.JsonParseException: Unexpected character ('b' (code 98)): Expected column separator character (',' (code 44)) or end-of-line\n" +
      ' at [Source: (StringReader); line: 1, column: 5]',
  ],
  [
    '',
    ['g'],
    'databind.exc.MismatchedInputException: No content to map due to end-of-input\n' +
      ' at [Source: (StringReader); line: UNKNOWN, column: UNKNOWN]',
  ],
]

describe('plans as CSV', () => {
  it('read what was written', () => {
    const group = fc.string({ minLength: 1 }).filter((text) => !/[\r\n]/.test(text) && text.trim() !== '')
    const plan = fc.array(fc.tuple(group, group, fc.nat(), fc.nat()), { minLength: 1 })
    fc.assert(
      fc.property(plan, (rows) => {
        const lines = rows.map((row) => line(...row))
        expect(readCsv(writeCsv(lines), ['one', 'two'])).toEqual(lines)
        const alone = lines.map((one) => ({ ...one, group: undefined }))
        expect(readCsv(writeCsv(alone), ['one'])).toEqual(lines.map((one) => ({ ...one, group: 'one' })))
      }),
    )
  })

  it('have the group in each line where the first can not be read without', () => {
    expect(readCsv('g,t,1\n', ['g'])).toEqual([line('g', 't', 1, 0)])
    expect(readCsv('g,t,1,5\n', ['g'])).toEqual([line('g', 't', 1, 5)])
    expect(readCsv('t,1,5\n', ['g'])).toEqual([line('g', 't', 1, 5)])
    expect(readCsv('t,1,5\n', ['g', 'h'])).toEqual([line('t', '1', 5, 0)])
  })

  it('may lack cells, have one comma more, and end in any way', () => {
    expect(readCsv('t\nt,\nt, 1 ,\r\nt,1,2,\n\n', ['g'])).toEqual([
      line('g', 't', 0, 0),
      line('g', 't', 0, 0),
      line('g', 't', 1, 0),
      line('g', 't', 1, 2),
    ])
    expect(readCsv('\n\n', ['g'])).toEqual([])
  })

  it.each(refused)('refuse %j of %j in the words of Kafka', (text, groups, message) => {
    expect(() => readCsv(text, groups)).toThrow(
      expect.objectContaining({
        message: `com.fasterxml.jackson.${message}`,
        detail: `It is line ${text.split('\n').length} of the file: ${text.split('\n').at(-1)}`,
      }),
    )
  })
})
