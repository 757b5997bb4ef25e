import type { ConnectConfigKey, Props } from './config.ts'
import type { SinkConnector, SinkTask, SourceConnector, SourceTask } from './connector.ts'
import type { ConnectValue, Schema, SchemaAndValue } from './data.ts'
import type { ConnectHeader, ConnectRecord } from './record.ts'

/** What every plugin says of itself. */
export interface PluginFacts {
  /** Kafka's class name for what Kafka has, else a name of the author's choice, as `com.example.Things`. */
  readonly className: string
  readonly version: string
  readonly configs: readonly ConnectConfigKey[]
}

export interface SourcePlugin extends PluginFacts {
  readonly type: 'source'
  makeConnector(): SourceConnector
  makeTask(): SourceTask
}

export interface SinkPlugin extends PluginFacts {
  readonly type: 'sink'
  makeConnector(): SinkConnector
  makeTask(): SinkTask
}

export interface ConverterPlugin extends PluginFacts {
  readonly type: 'converter'
  make(): Converter
}

export interface HeaderConverterPlugin extends PluginFacts {
  readonly type: 'header_converter'
  make(): HeaderConverter
}

export interface TransformationPlugin extends PluginFacts {
  readonly type: 'transformation'
  make(): Transformation
}

export interface PredicatePlugin extends PluginFacts {
  readonly type: 'predicate'
  make(): Predicate
}

/** A module below `plugin.path` has these as its default export, one or an array. */
export type Plugin =
  | SourcePlugin
  | SinkPlugin
  | ConverterPlugin
  | HeaderConverterPlugin
  | TransformationPlugin
  | PredicatePlugin

export interface Converter {
  configure(props: Props, isKey: boolean): void
  /** @returns null for a tombstone @throws DataError for what can't be written */
  fromConnectData(topic: string, headers: ConnectHeader[], schema: Schema | null, value: ConnectValue): Buffer | null
  /** @throws DataError for bytes that can't be read */
  toConnectData(topic: string, headers: readonly RawHeader[], bytes: Buffer | null): SchemaAndValue
}

/** A header as it is in Kafka. */
export interface RawHeader {
  readonly key: string
  readonly value: Buffer | null
}

export interface HeaderConverter {
  configure(props: Props): void
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: ConnectValue): Buffer | null
  toConnectHeader(topic: string, key: string, value: Buffer | null): SchemaAndValue
}

export interface Transformation {
  configure(props: Props): void
  /** @returns the record or another in its place, of the same kind; null to drop it */
  apply<R extends ConnectRecord>(record: R): R | null
  close?(): void
}

export interface Predicate {
  configure(props: Props): void
  test(record: ConnectRecord): boolean
  close?(): void
}
