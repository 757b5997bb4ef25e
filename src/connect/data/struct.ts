import type { ConnectValue, Schema } from '../api/data.ts'

/** A structure's values, by field (org.apache.kafka.connect.data.Struct). */
export class Struct {
  readonly schema: Schema
  private readonly values = new Map<string, ConnectValue>()

  constructor(schema: Schema) {
    this.schema = schema
  }
}
