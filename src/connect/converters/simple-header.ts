/** Headers as text whose meaning is guessed when it is read (org.apache.kafka.connect.storage.SimpleHeaderConverter). */
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import type { HeaderConverter, HeaderConverterPlugin } from '../api/plugin.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { valueText } from '../data/text.ts'
import { parseValue } from '../data/value-parser.ts'

class SimpleHeaderConverter implements HeaderConverter {
  configure(): void {}

  fromConnectHeader(_topic: string, _key: string, schema: Schema | null, value: ConnectValue): Buffer | null {
    const text = valueText(schema, value)
    return text === null ? null : Buffer.from(text)
  }

  toConnectHeader(_topic: string, _key: string, value: Buffer | null): SchemaAndValue {
    return value === null ? { schema: null, value: null } : parseValue(value.toString())
  }
}

export const simpleHeaderConverter: HeaderConverterPlugin = {
  type: 'header_converter',
  className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  version: KAFKA_VERSION,
  configs: [],
  make: () => new SimpleHeaderConverter(),
}
