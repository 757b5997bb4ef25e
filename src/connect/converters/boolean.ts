/** A byte, 0 or 1 (org.apache.kafka.connect.converters.BooleanConverter). */
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import { OPTIONAL_BOOLEAN_SCHEMA } from '../data/schema.ts'
import { bothConverters, CONVERTER_TYPE, DataConverter } from './data-converter.ts'

const FAILED = 'Failed to deserialize boolean: '

class BooleanConverter extends DataConverter {
  configure(): void {}

  write(schema: Schema | null, value: ConnectValue): Buffer | null {
    if (schema !== null && schema.type !== 'BOOLEAN') {
      throw new DataError(`Invalid schema type for BooleanConverter: ${schema.type}`)
    }
    if (value === null) return null
    if (typeof value === 'boolean') return Buffer.of(value ? 1 : 0)
    throw new DataError(`BooleanConverter is not compatible with objects of type ${javaClassText(value)}`)
  }

  read(bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return { schema: OPTIONAL_BOOLEAN_SCHEMA, value: null }
    if (bytes.length !== 1) {
      throw new DataError(FAILED, { cause: new Error('Size of data received by BooleanDeserializer is not 1') })
    }
    if (bytes[0]! <= 1) return { schema: OPTIONAL_BOOLEAN_SCHEMA, value: bytes[0] === 1 }
    throw new DataError(FAILED, {
      cause: new Error(`Unexpected byte received by BooleanDeserializer: ${bytes.readInt8()}`),
    })
  }
}

export const booleanConverters = bothConverters(
  'org.apache.kafka.connect.converters.BooleanConverter',
  [CONVERTER_TYPE],
  () => new BooleanConverter(),
)
