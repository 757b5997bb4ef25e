/** Numbers in Kafka's own form: big endian, of fixed length (org.apache.kafka.connect.converters.NumberConverter). */
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import * as schemas from '../data/schema.ts'
import { isOfType } from '../data/struct.ts'
import { bothConverters, CONVERTER_TYPE, DataConverter } from './data-converter.ts'

interface NumberForm {
  /** As error texts call it. */
  readonly typeName: string
  readonly schema: Schema
  readonly sizeBytes: number
  /** Who complains of a wrong size. */
  readonly reader: string
  write(bytes: Buffer, value: number | bigint): void
  read(bytes: Buffer): number | bigint
}

class NumberConverter extends DataConverter {
  private readonly form: NumberForm

  constructor(form: NumberForm) {
    super()
    this.form = form
  }

  configure(): void {}

  write(schema: Schema | null, value: ConnectValue): Buffer | null {
    if (value === null) return null
    const number = this.numberOf(schema, value)
    if (number === null) {
      throw new DataError(`Failed to serialize to ${this.form.typeName} (was ${javaClassText(value, schema)}): `)
    }
    const bytes = Buffer.alloc(this.form.sizeBytes)
    this.form.write(bytes, number)
    return bytes
  }

  /** @returns null for what is no number of this form */
  private numberOf(schema: Schema | null, value: ConnectValue): number | bigint | null {
    const { type } = this.form.schema
    if (schema !== null && schema.type !== type) return null
    // Without a schema a whole number is a bigint, whatever it is to become.
    const number = typeof value === 'bigint' && type !== 'INT64' ? Number(value) : value
    return isOfType(type, number) ? (number as number | bigint) : null
  }

  read(bytes: Buffer | null): SchemaAndValue {
    const { schema, sizeBytes, typeName } = this.form
    if (bytes === null) return { schema, value: null }
    if (bytes.length === sizeBytes) return { schema, value: this.form.read(bytes) }
    const cause = new Error(`Size of data received by ${this.form.reader} is not ${sizeBytes}`)
    throw new DataError(`Failed to deserialize ${typeName}: `, { cause })
  }
}

const FORMS: readonly NumberForm[] = [
  {
    typeName: 'short',
    schema: schemas.OPTIONAL_INT16_SCHEMA,
    sizeBytes: 2,
    reader: 'ShortDeserializer',
    write: (bytes, value) => bytes.writeInt16BE(value as number),
    read: (bytes) => bytes.readInt16BE(),
  },
  {
    typeName: 'integer',
    schema: schemas.OPTIONAL_INT32_SCHEMA,
    sizeBytes: 4,
    reader: 'IntegerDeserializer',
    write: (bytes, value) => bytes.writeInt32BE(value as number),
    read: (bytes) => bytes.readInt32BE(),
  },
  {
    typeName: 'long',
    schema: schemas.OPTIONAL_INT64_SCHEMA,
    sizeBytes: 8,
    reader: 'LongDeserializer',
    write: (bytes, value) => bytes.writeBigInt64BE(value as bigint),
    read: (bytes) => bytes.readBigInt64BE(),
  },
  {
    typeName: 'float',
    schema: schemas.OPTIONAL_FLOAT32_SCHEMA,
    sizeBytes: 4,
    reader: 'Deserializer',
    write: (bytes, value) => bytes.writeFloatBE(value as number),
    read: (bytes) => bytes.readFloatBE(),
  },
  {
    typeName: 'double',
    schema: schemas.OPTIONAL_FLOAT64_SCHEMA,
    sizeBytes: 8,
    reader: 'Deserializer',
    write: (bytes, value) => bytes.writeDoubleBE(value as number),
    read: (bytes) => bytes.readDoubleBE(),
  },
]

export const numberConverters = FORMS.flatMap((form) => {
  const name = `${form.typeName[0]!.toUpperCase()}${form.typeName.slice(1)}Converter`
  return bothConverters(
    `org.apache.kafka.connect.converters.${name}`,
    [CONVERTER_TYPE],
    () => new NumberConverter(form),
  )
})
