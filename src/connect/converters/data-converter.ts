import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import type { Converter, ConverterPlugin, HeaderConverter, HeaderConverterPlugin, RawHeader } from '../api/plugin.ts'
import type { ConnectHeader } from '../api/record.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { oneOf } from '../config/plugin-config.ts'

/** A converter of keys and values that serves for headers as well, and looks at neither topic nor headers. */
export abstract class DataConverter implements Converter, HeaderConverter {
  abstract configure(props: Props, isKey?: boolean): void

  /** @returns null for a tombstone @throws DataError for what can't be written */
  abstract write(schema: Schema | null, value: ConnectValue): Buffer | null

  /** @throws DataError for bytes that can't be read */
  abstract read(bytes: Buffer | null): SchemaAndValue

  fromConnectData(_topic: string, _headers: ConnectHeader[], schema: Schema | null, value: ConnectValue) {
    return this.write(schema, value)
  }

  toConnectData(_topic: string, _headers: readonly RawHeader[], bytes: Buffer | null): SchemaAndValue {
    return this.read(bytes)
  }

  fromConnectHeader(_topic: string, _key: string, schema: Schema | null, value: ConnectValue) {
    return this.write(schema, value)
  }

  toConnectHeader(_topic: string, _key: string, value: Buffer | null): SchemaAndValue {
    return this.read(value)
  }
}

/** The config that all of Kafka's converters have; whoever makes one sets it. */
export const CONVERTER_TYPE: ConnectConfigKey = {
  name: 'converter.type',
  type: 'STRING',
  importance: 'LOW',
  documentation: 'What the converter is for: key, value or header.',
  validator: oneOf('key', 'value', 'header'),
}

/** @returns the two plugins that such a converter is */
export function bothConverters(
  className: string,
  configs: readonly ConnectConfigKey[],
  make: () => DataConverter,
): [ConverterPlugin, HeaderConverterPlugin] {
  const facts = { className, version: KAFKA_VERSION, configs, make }
  return [
    { type: 'converter', ...facts },
    { type: 'header_converter', ...facts },
  ]
}
