/** Bytes as they are (org.apache.kafka.connect.converters.ByteArrayConverter). */
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import { OPTIONAL_BYTES_SCHEMA } from '../data/schema.ts'
import { bothConverters, CONVERTER_TYPE, DataConverter } from './data-converter.ts'

class ByteArrayConverter extends DataConverter {
  configure(): void {}

  write(schema: Schema | null, value: ConnectValue): Buffer | null {
    if (schema !== null && schema.type !== 'BYTES') {
      throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type}`)
    }
    if (value === null || Buffer.isBuffer(value)) return value
    throw new DataError(`ByteArrayConverter is not compatible with objects of type ${javaClassText(value)}`)
  }

  read(bytes: Buffer | null): SchemaAndValue {
    return { schema: OPTIONAL_BYTES_SCHEMA, value: bytes }
  }
}

export const byteArrayConverters = bothConverters(
  'org.apache.kafka.connect.converters.ByteArrayConverter',
  [CONVERTER_TYPE],
  () => new ByteArrayConverter(),
)
