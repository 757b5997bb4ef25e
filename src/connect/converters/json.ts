/** JSON, with or without the schema in an envelope (org.apache.kafka.connect.json.JsonConverter). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import { oneOfIgnoringCase, PluginConfig } from '../config/plugin-config.ts'
import { ConnectError, DataError } from '../data/errors.ts'
import { bothConverters, CONVERTER_TYPE, DataConverter } from './data-converter.ts'
import { JsonSchemas } from './json-schema.ts'
import { type JsonNode, readJson, readLastField, readObject } from './json-text.ts'
import { type JsonFormat, valueFromJson, valueToJson } from './json-values.ts'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'schemas.enable',
    type: 'BOOLEAN',
    defaultValue: true,
    importance: 'HIGH',
    documentation: 'Whether every key and value carries its schema.',
    group: 'Schemas',
    orderInGroup: 0,
    width: 'MEDIUM',
    displayName: 'Enable Schemas',
  },
  {
    name: 'schemas.cache.size',
    type: 'INT',
    defaultValue: 1000,
    importance: 'HIGH',
    documentation: 'How many schemas the converter remembers.',
    group: 'Schemas',
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Schema Cache Size',
  },
  {
    name: 'schema.content',
    type: 'STRING',
    defaultValue: null,
    importance: 'HIGH',
    documentation: 'The schema, as JSON, of all messages that are read, which carry none then. Needs schemas.enable.',
    group: 'Schemas',
    orderInGroup: 2,
    width: 'MEDIUM',
    displayName: 'Schema Content',
  },
  {
    name: 'decimal.format',
    type: 'STRING',
    defaultValue: 'BASE64',
    importance: 'LOW',
    documentation: 'How decimals are written: BASE64 (bytes) or NUMERIC (JSON numbers).',
    validator: oneOfIgnoringCase('BASE64', 'NUMERIC'),
    group: 'Serialization',
    orderInGroup: 0,
    width: 'MEDIUM',
    displayName: 'Decimal Format',
  },
  {
    name: 'replace.null.with.default',
    type: 'BOOLEAN',
    defaultValue: true,
    importance: 'LOW',
    documentation: 'Whether a field that has a default takes it where its value is null.',
    group: 'Serialization',
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Replace null with default',
  },
]

const NO_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
  'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.'

class JsonConverter extends DataConverter {
  private hasEnvelope = true
  private format: JsonFormat = { hasNumericDecimals: false, replacesNullWithDefault: true }
  private schemas = new JsonSchemas(this.format, 0)
  private fixedSchema: Schema | null = null
  /** How the latest message began, up to its payload. */
  private latest: { readonly start: string; readonly schema: Schema | null } | null = null

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.hasEnvelope = config.flag('schemas.enable')
    this.format = {
      hasNumericDecimals: config.text('decimal.format')!.toUpperCase() === 'NUMERIC',
      replacesNullWithDefault: config.flag('replace.null.with.default'),
    }
    this.schemas = new JsonSchemas(this.format, config.number('schemas.cache.size'))
    const content = config.text('schema.content')
    this.fixedSchema = content === null || content === '' ? null : this.schemaFrom(content)
  }

  private schemaFrom(content: string): Schema | null {
    try {
      return this.schemas.read(readJson(content) ?? '')
    } catch (cause) {
      if (cause instanceof DataError) throw cause
      throw new DataError('Failed to parse schema in converter config due to serialization error: ', { cause })
    }
  }

  write(schema: Schema | null, value: ConnectValue): Buffer | null {
    if (schema === null && value === null) return null
    if (!this.hasEnvelope) return Buffer.from(valueToJson(schema, value, this.format))
    const text = this.schemas.write(schema)
    return Buffer.from(`{"schema":${text},"payload":${valueToJson(schema, value, this.format)}}`)
  }

  read(bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    try {
      return this.readText(decoder.decode(bytes))
    } catch (cause) {
      if (cause instanceof ConnectError) throw cause
      throw new DataError('Converting byte[] to Kafka Connect data failed due to serialization error: ', { cause })
    }
  }

  private readText(text: string): SchemaAndValue {
    if (this.hasEnvelope && this.fixedSchema === null) return this.readEnvelope(text)
    const schema = this.hasEnvelope ? this.fixedSchema : null
    return { schema, value: valueFromJson(schema, readJson(text), this.format) }
  }

  /** Most messages have the same schema as the one before, in the same words. */
  private readEnvelope(text: string): SchemaAndValue {
    const { latest } = this
    if (latest !== null && text.startsWith(latest.start)) {
      const payload = readLastField(text, latest.start.length)
      if (payload !== undefined)
        return { schema: latest.schema, value: valueFromJson(latest.schema, payload, this.format) }
    }
    const { node, lastStart } = readObject(text) ?? { node: new Map<string, JsonNode>(), lastStart: 0 }
    if (node.size !== 2 || !node.has('schema') || !node.has('payload')) throw new DataError(NO_ENVELOPE)
    const schema = this.schemas.read(node.get('schema')!)
    if ([...node.keys()][1] === 'payload') this.latest = { start: text.slice(0, lastStart), schema }
    return { schema, value: valueFromJson(schema, node.get('payload'), this.format) }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

export const jsonConverters = bothConverters(
  'org.apache.kafka.connect.json.JsonConverter',
  [CONVERTER_TYPE, ...CONFIGS],
  () => new JsonConverter(),
)
