/** The data model of Connect (org.apache.kafka.connect.data): every value goes with the schema it was made for, or with none. */
import type { Decimal } from '../data/decimal.ts'
import type { Struct } from '../data/struct.ts'

export type SchemaType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT'

export interface Schema {
  readonly type: SchemaType
  readonly optional: boolean
  /** A logical type's or structure's name, as `org.apache.kafka.connect.data.Timestamp`; null for none. */
  readonly name: string | null
  readonly version: number | null
  readonly doc: string | null
  /** Undefined for none. */
  readonly defaultValue: ConnectValue | undefined
  readonly parameters: ReadonlyMap<string, string> | null
  /** Of a STRUCT; else empty. */
  readonly fields: readonly Field[]
  /** Of a MAP; else null. */
  readonly keySchema: Schema | null
  /** Of a MAP or an ARRAY; else null. */
  readonly valueSchema: Schema | null
}

export interface Field {
  readonly name: string
  readonly index: number
  readonly schema: Schema
}

/** Date, Time and Timestamp are JavaScript `Date`s (UTC), Decimal a `Decimal`; see the folder's README for the rest. */
export type ConnectValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | Date
  | Decimal
  | Struct
  | ConnectValue[]
  | Map<ConnectValue, ConnectValue>

export interface SchemaAndValue {
  readonly schema: Schema | null
  readonly value: ConnectValue
}
