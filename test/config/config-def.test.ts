import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigDef, type ConfigType, parseType, valueText } from '../../src/config/config-def.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { parseJavaDuration } from '../../src/config/java-duration.ts'
import { javaDoubleText, parseJavaDouble, parseJavaInteger } from '../../src/config/java-number.ts'
import { refusalOf } from './oracle.ts'

describe('types', () => {
  it.each<[ConfigType, string, unknown, string]>([
    ['BOOLEAN', ' True ', true, 'true'],
    ['INT', ' +7 ', 7, '7'],
    ['SHORT', '-32768', -32768, '-32768'],
    ['LONG', '9223372036854775807', 9223372036854775807n, '9223372036854775807'],
    ['DOUBLE', '5', 5, '5.0'],
    ['DOUBLE', '1e-5', 1e-5, '1.0E-5'],
    ['LIST', ' a , b,c ', ['a', 'b', 'c'], 'a,b,c'],
    ['LIST', '', [], ''],
    ['STRING', ' x ', 'x', 'x'],
    ['CLASS', 'org.apache.kafka.X', 'org.apache.kafka.X', 'org.apache.kafka.X'],
  ])('%s reads %j', (type, text, value, canonical) => {
    const parsed = parseType('c', text, type)
    expect(parsed).toEqual(value)
    expect(valueText(parsed, type)).toBe(canonical)
  })

  it.each<[ConfigType, string, string]>([
    ['INT', '2147483648', 'Invalid value 2147483648 for configuration c: Not a number of type INT'],
    ['SHORT', '32768', 'Invalid value 32768 for configuration c: Not a number of type SHORT'],
    ['LONG', '1_0', 'Invalid value 1_0 for configuration c: Not a number of type LONG'],
    ['BOOLEAN', 'yes', 'Invalid value yes for configuration c: Expected value to be either true or false'],
    [
      'CLASS',
      'com.example.X',
      'Invalid value com.example.X for configuration c: Class com.example.X could not be found.',
    ],
  ])('%s refuses %j', (type, text, message) => {
    expect(refusalOf(() => parseType('c', text, type))).toBe(`ConfigException: ${message}`)
  })
})

describe('ConfigDef', () => {
  const def = new ConfigDef([
    { name: 'a', type: 'INT', default: '1', check: { range: ['0', '9'] } },
    { name: 'b', type: 'LIST', check: { list: [], empty: false } },
    { name: 'c', type: 'STRING', default: null, internal: true },
    { name: 'p', type: 'PASSWORD', default: null, check: { oneOf: ['x'] } },
  ])

  it('fills in defaults and drops duplicates of checked lists', () => {
    expect([...def.parse({ b: 'x,y,x', unknown: '1' })]).toEqual([
      ['a', 1],
      ['b', ['x', 'y']],
      ['c', null],
      ['p', null],
    ])
  })

  it.each([
    [{}, 'Missing required configuration "b" which has no default value.'],
    [{ b: '' }, "Configuration 'b' must not be empty. Valid values include: any non-empty value"],
    [{ b: 'x,' }, "Configuration 'b' values must not be empty."],
    [{ b: 'x', a: '10' }, 'Invalid value 10 for configuration a: Value must be no more than 9'],
  ])('refuses %j', (texts, message) => {
    expect(() => def.parse(texts)).toThrow(new ConfigError(message))
  })

  it('does not list internal configs', () => {
    expect(def.names()).toEqual(['a', 'b', 'p'])
  })
})

describe("Java's numbers and durations", () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [1.5e10, '1.5E10'],
    [Number.MAX_VALUE, '1.7976931348623157E308'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('prints %d as %s', (value, text) => {
    expect(javaDoubleText(value)).toBe(text)
  })

  it('reads back every double it prints', () => {
    fc.assert(fc.property(fc.double(), (value) => Object.is(parseJavaDouble(javaDoubleText(value)), value)))
  })

  it('reads exactly the integers that fit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), (value) => {
        const fits = value >= -(2n ** 63n) && value < 2n ** 63n
        return parseJavaInteger(String(value), 64) === (fits ? value : null)
      }),
    )
  })

  it.each([
    ['PT1H', 3_600_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['-PT1M', -60_000],
    ['PT-0.5S', -500],
    ['pt5s', 5000],
    ['P', null],
    ['PT', null],
    ['P1M', null],
    ['1H', null],
  ])('reads duration %s', (text, valueMs) => {
    expect(parseJavaDuration(text)).toBe(valueMs)
  })
})
