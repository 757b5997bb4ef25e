/** Puts nothing, or a replacement, into fields that aren't everybody's business (org.apache.kafka.connect.transforms.MaskField). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { distinctList, nonEmptyString, PluginConfig } from '../config/plugin-config.ts'
import { Decimal } from '../data/decimal.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import { Struct } from '../data/struct.ts'
import * as side from './side.ts'

const PURPOSE = 'mask fields'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'fields',
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The fields.',
    validator: distinctList({ allowsEmpty: false }),
  },
  {
    name: 'replacement',
    type: 'STRING',
    defaultValue: null,
    importance: 'LOW',
    documentation: 'What numbers and texts become; without it 0 and the empty text.',
    validator: nonEmptyString,
  },
  side.REPLACE_NULL,
]

type Value = Exclude<ConnectValue, null>

/** @returns the value that says nothing, of the same type */
function empty(value: Value): ConnectValue {
  switch (typeof value) {
    case 'boolean':
      return false
    case 'number':
      return 0
    case 'bigint':
      return 0n
    case 'string':
      return ''
    default:
      break
  }
  if (value instanceof Decimal) return new Decimal(0n, 0)
  if (value instanceof Date) return new Date(0)
  if (Array.isArray(value)) return []
  if (value instanceof Map) return new Map()
  throw new DataError(`Cannot mask value of type: ${javaClassText(value)}`)
}

function replaced(schema: Schema | null, value: Value, replacement: string): ConnectValue {
  if (typeof value === 'string') return replacement
  const isDecimal = value instanceof Decimal
  if (typeof value !== 'number' && typeof value !== 'bigint' && !isDecimal) {
    throw new DataError(`Cannot mask value of type ${javaClassText(value)} with custom replacement.`)
  }
  const number = Decimal.parse(replacement)
  if (number === null) {
    throw new DataError(`Unable to convert ${replacement} (class java.lang.String) to ${isDecimal ? '' : 'a '}number`)
  }
  if (isDecimal) return number
  if (typeof value === 'bigint') return number.toLong()
  const integer = (bits: number) => Number(BigInt.asIntN(bits, number.toLong()))
  switch (schema?.type) {
    case 'INT8':
      return integer(8)
    case 'INT16':
      return integer(16)
    case 'INT32':
      return integer(32)
    case 'FLOAT32':
      return Math.fround(number.toNumber())
    default:
      return number.toNumber()
  }
}

class MaskField extends side.SidedTransformation {
  private fields: ReadonlySet<string> = new Set()
  private replacement: string | null = null
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.fields = new Set(config.list('fields'))
    this.replacement = config.text('replacement')
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (schema === null) {
      const masked = new Map(side.requireMap(value, PURPOSE))
      for (const field of this.fields) masked.set(field, this.masked(null, masked.get(field) ?? null))
      return this.side.replace(record, null, masked)
    }
    const struct = side.requireStruct(value, PURPOSE)
    const masked = new Struct(struct.schema)
    for (const field of struct.schema.fields) {
      const original = side.fieldValue(struct, field, this.replacesNull)
      masked.put(field, this.fields.has(field.name) ? this.masked(field.schema, original) : original)
    }
    return this.side.replace(record, schema, masked)
  }

  private masked(schema: Schema | null, value: ConnectValue): ConnectValue {
    if (value === null) return null
    return this.replacement === null ? empty(value) : replaced(schema, value, this.replacement)
  }
}

export const maskFieldTransformations = side.bothSides('MaskField', CONFIGS, (part) => new MaskField(part))
