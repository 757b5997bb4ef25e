import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstJsonValue, JsonSyntaxError } from '../../../src/tools/shared/json-syntax.ts'

/** What Jackson says in Kafka 4.3's kafka-reassign-partitions.sh, and at which line:column; places within are shortened in the same way. */
const complaints: [text: string, complaint: string, place: string][] = [
  ['{', 'Unexpected end-of-input: expected close marker for Object (start marker at [1:1])', '1:2'],
  [
    'x',
    "Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:1',
  ],
  [
    '{"a":}',
    "Unexpected character ('}' (code 125)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:6',
  ],
  ['{"a"', 'Unexpected end-of-input within/between Object entries', '1:5'],
  ['{"a":1', 'Unexpected end-of-input: expected close marker for Object (start marker at [1:1])', '1:7'],
  ['{"a":1,', 'Unexpected end-of-input within/between Object entries', '1:8'],
  ['{a:1}', "Unexpected character ('a' (code 97)): was expecting double-quote to start field name", '1:2'],
  ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", '1:6'],
  ['{"a":1 "b":2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", '1:8'],
  ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", '1:4'],
  ['["abc', 'Unexpected end-of-input: was expecting closing quote for a string value', '1:6'],
  [
    '{"a":tru}',
    "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:6',
  ],
  ['{"a":01}', 'Invalid numeric value: Leading zeroes not allowed', '1:7'],
  ['{"a":1.}', "Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit", '1:7'],
  [
    '{"a":-}',
    "Unexpected character ('}' (code 125)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
    '1:7',
  ],
  ["{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", '1:2'],
  ['{"a":"\\q"}', "Unrecognized character escape 'q' (code 113)", '1:8'],
  ['{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", '1:8'],
  [
    '[1,]',
    "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:4',
  ],
  ['{"a":[}', "Unexpected close marker '}': expected ']' (for Array starting at [1:6])", '1:7'],
  ['}', "Unexpected close marker '}': no open Object to close", '1:1'],
  [']', "Unexpected close marker ']': no open Array to close", '1:1'],
  [
    ',',
    "Unexpected character (',' (code 44)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:1',
  ],
  [
    '{"version":1,\n "partitions":[{"topic":"x" "partition":0}]}',
    "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
    '2:29',
  ],
  [
    '{"a":"b\n"}',
    'Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value',
    '1:8',
  ],
  [
    '{"a":nul',
    "Unrecognized token 'nul': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:6',
  ],
  ['{,', "Unexpected character (',' (code 44)): was expecting double-quote to start field name", '1:2'],
  [
    '[,',
    "Unexpected character (',' (code 44)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    '1:2',
  ],
  ['{"a":1]', "Unexpected close marker ']': expected '}' (for Object starting at [1:1])", '1:7'],
  ['["a"}', "Unexpected close marker '}': expected ']' (for Array starting at [1:1])", '1:5'],
  [
    '{"a":+1}',
    "Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
    '1:7',
  ],
  ['12x', "Unexpected character ('x' (code 120)): Expected space separating root-level values", '1:3'],
  ['{"abc', 'Unexpected end-of-input in field name', '1:6'],
]

const short = (message: string): string =>
  message.replace(
    /\[Source: REDACTED \(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled\); line: (\d+), column: (\d+)\]/g,
    '[$1:$2]',
  )

describe('JSON as Jackson reads it', () => {
  it.each(complaints)('refuses %j', (text, complaint, place) => {
    let message = ''
    try {
      firstJsonValue(text)
    } catch (error) {
      message = (error as Error).message
    }
    expect(short(message)).toBe(`${complaint}\n at [${place}]`)
  })

  it('is nothing in a text of blanks', () => {
    expect(firstJsonValue(' \n')).toBeUndefined()
  })

  it('is every JSON, whatever follows it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\n}', ' {', ' x'), (value, follows) => {
        const rest = typeof value === 'number' ? '' : follows
        const text = JSON.stringify(value)
        expect(firstJsonValue(` ${text}${rest}`)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('reads any text or says why not', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '1', '-0.5e3', '0', 'true', 'null', ' ', '\\', '"']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => {
        const text = parts.join('')
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          // Then it may begin with a value, or not.
        }
        try {
          const value = firstJsonValue(text)
          if (expected !== undefined) expect(value).toEqual(expected)
        } catch (error) {
          if (!(error instanceof JsonSyntaxError)) throw error
          expect(expected).toBeUndefined()
        }
      }),
      { numRuns: 2000 },
    )
  })
})
