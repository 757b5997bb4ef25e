import type { Schema } from '../api/data.ts'
import { sameSchema } from './equality.ts'

/** What was worked out for schemas, for those used last: found at once for the same object, by comparison for one alike. */
export class SchemaCache<V> {
  private readonly maxEntries: number
  private readonly entries = new Map<Schema, V>()
  private latest: Schema | null = null

  constructor(maxEntries: number) {
    this.maxEntries = maxEntries
  }

  get size(): number {
    return this.entries.size
  }

  /** @param make called if there is nothing yet; what it throws is not kept */
  get(schema: Schema, make: (schema: Schema) => V): V {
    const known = this.entries.has(schema) ? schema : this.alike(schema)
    const value = known === null ? make(schema) : this.entries.get(known)!
    this.keep(schema, value)
    return value
  }

  private alike(schema: Schema): Schema | null {
    if (this.latest !== null && sameSchema(this.latest, schema)) return this.latest
    for (const each of this.entries.keys()) if (sameSchema(each, schema)) return each
    return null
  }

  private keep(schema: Schema, value: V): void {
    if (this.maxEntries === 0 || this.latest === schema) return
    this.entries.delete(schema)
    this.entries.set(schema, value)
    this.latest = schema
    if (this.entries.size <= this.maxEntries) return
    const [oldest] = this.entries.keys()
    this.entries.delete(oldest!)
  }
}
