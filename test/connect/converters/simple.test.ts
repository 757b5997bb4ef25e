import { describe, expect, it } from 'vitest'
import type { Converter, HeaderConverter } from '../../../src/connect/api/plugin.ts'
import { converterPlugins } from '../../../src/connect/converters/plugins.ts'
import * as schemas from '../../../src/connect/data/schema.ts'

function converter(name: string, props: Record<string, string> = {}): Converter {
  const plugin = converterPlugins.find((each) => each.type === 'converter' && each.className.endsWith(`.${name}`))
  const made = plugin!.make() as Converter
  made.configure(props, false)
  return made
}

const write = (
  made: Converter,
  ...[schema, value]: Parameters<Converter['fromConnectData']> extends [unknown, unknown, ...infer R] ? R : never
) => made.fromConnectData('t', [], schema, value)
const read = (made: Converter, bytes: Buffer | null) => made.toConnectData('t', [], bytes)

describe('StringConverter', () => {
  it('writes the text of any value', () => {
    expect(write(converter('StringConverter'), null, 'Grüße')).toEqual(Buffer.from('Grüße'))
    expect(write(converter('StringConverter'), schemas.INT32_SCHEMA, 5)).toEqual(Buffer.from('5'))
    expect(write(converter('StringConverter'), schemas.FLOAT64_SCHEMA, 5)).toEqual(Buffer.from('5.0'))
    expect(write(converter('StringConverter'), schemas.OPTIONAL_STRING_SCHEMA, null)).toBeNull()
  })

  it.each([
    ['UTF-8', '4772c3bce282ac'],
    ['ISO-8859-1', '4772fc3f'],
    ['US-ASCII', '47723f3f'],
    ['windows-1252', '4772fc80'],
    ['UTF-16', 'feff0047007200fc20ac'],
    ['UTF-16LE', '47007200fc00ac20'],
  ])('converter.encoding=%s', (encoding, hex) => {
    const made = converter('StringConverter', { 'converter.encoding': encoding })
    const bytes = write(made, null, 'Grü€')!
    expect(bytes.toString('hex')).toBe(hex)
    expect(read(made, bytes)).toEqual({
      schema: schemas.OPTIONAL_STRING_SCHEMA,
      value: { 'ISO-8859-1': 'Grü?', 'US-ASCII': 'Gr??' }[encoding] ?? 'Grü€',
    })
  })

  it('refuses an encoding it has not', () => {
    expect(() => converter('StringConverter', { 'converter.encoding': 'Klingon' })).toThrow('Klingon')
  })
})

describe('numbers, booleans, bytes', () => {
  it.each([
    ['ShortConverter', schemas.OPTIONAL_INT16_SCHEMA, -2, 'fffe'],
    ['IntegerConverter', schemas.OPTIONAL_INT32_SCHEMA, 258, '00000102'],
    ['LongConverter', schemas.OPTIONAL_INT64_SCHEMA, 2n ** 53n + 1n, '0020000000000001'],
    ['FloatConverter', schemas.OPTIONAL_FLOAT32_SCHEMA, 1.5, '3fc00000'],
    ['DoubleConverter', schemas.OPTIONAL_FLOAT64_SCHEMA, 1.5, '3ff8000000000000'],
    ['BooleanConverter', schemas.OPTIONAL_BOOLEAN_SCHEMA, true, '01'],
    ['ByteArrayConverter', schemas.OPTIONAL_BYTES_SCHEMA, Buffer.of(1, 2), '0102'],
  ])('%s', (name, schema, value, hex) => {
    const made = converter(name)
    expect(write(made, schema, value)!.toString('hex')).toBe(hex)
    expect(read(made, Buffer.from(hex, 'hex'))).toEqual({ schema, value })
    expect(write(made, schema, null)).toBeNull()
    expect(read(made, null)).toEqual({ schema, value: null })
  })

  it.each(['Short', 'Integer', 'Long', 'Float', 'Double', 'Boolean'])('%sConverter refuses what is none', (name) => {
    expect(() => write(converter(`${name}Converter`), null, 'text')).toThrow('java.lang.String')
    expect(() => read(converter(`${name}Converter`), Buffer.alloc(3))).toThrow('Failed to deserialize')
  })

  it('ByteArrayConverter takes bytes only', () => {
    expect(() => write(converter('ByteArrayConverter'), schemas.STRING_SCHEMA, 'a')).toThrow(
      'Invalid schema type for ByteArrayConverter: STRING',
    )
  })
})

describe('SimpleHeaderConverter', () => {
  const made = converterPlugins
    .find(({ className }) => className.endsWith('SimpleHeaderConverter'))!
    .make() as HeaderConverter

  it('writes text and guesses what it means', () => {
    expect(made.fromConnectHeader('t', 'h', schemas.INT32_SCHEMA, 5)).toEqual(Buffer.from('5'))
    expect(made.toConnectHeader('t', 'h', Buffer.from('5'))).toEqual({ schema: schemas.INT8_SCHEMA, value: 5 })
    expect(made.toConnectHeader('t', 'h', null)).toEqual({ schema: null, value: null })
    expect(made.fromConnectHeader('t', 'h', null, null)).toBeNull()
  })
})
