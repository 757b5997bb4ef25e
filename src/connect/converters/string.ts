/** Texts; whatever else comes is written as Java's toString has it (org.apache.kafka.connect.storage.StringConverter). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { OPTIONAL_STRING_SCHEMA } from '../data/schema.ts'
import { javaText } from '../data/text.ts'
import { type Charset, charsetOf } from './charset.ts'
import { bothConverters, CONVERTER_TYPE, DataConverter } from './data-converter.ts'

const ENCODING: ConnectConfigKey = {
  name: 'converter.encoding',
  type: 'STRING',
  defaultValue: 'UTF-8',
  importance: 'HIGH',
  documentation: 'Character set, by the name Java has for it, in which texts are written and read.',
  width: 'MEDIUM',
  displayName: 'Encoding',
}

class StringConverter extends DataConverter {
  private charset: Charset = charsetOf('UTF-8')

  configure(props: Props): void {
    this.charset = charsetOf(new PluginConfig([ENCODING], props).text('converter.encoding')!)
  }

  write(schema: Schema | null, value: ConnectValue): Buffer | null {
    return value === null ? null : this.charset.encode(javaText(schema, value))
  }

  read(bytes: Buffer | null): SchemaAndValue {
    return { schema: OPTIONAL_STRING_SCHEMA, value: bytes === null ? null : this.charset.decode(bytes) }
  }
}

export const stringConverters = bothConverters(
  'org.apache.kafka.connect.storage.StringConverter',
  [CONVERTER_TYPE, ENCODING],
  () => new StringConverter(),
)
