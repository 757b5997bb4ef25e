/** Leaves out and renames fields (org.apache.kafka.connect.transforms.ReplaceField). */
import { invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { Schema } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { distinctList, PluginConfig } from '../config/plugin-config.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import { splitMapping } from './mappings.ts'
import * as side from './side.ts'

const PURPOSE = 'field replacement'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'exclude',
    type: 'LIST',
    defaultValue: [],
    importance: 'MEDIUM',
    documentation: 'Fields to leave out, even if they are to be included.',
    validator: distinctList({ allowsEmpty: true }),
  },
  {
    name: 'include',
    type: 'LIST',
    defaultValue: [],
    importance: 'MEDIUM',
    documentation: 'Fields to keep, if not all.',
    validator: distinctList({ allowsEmpty: true }),
  },
  {
    name: 'renames',
    type: 'LIST',
    defaultValue: [],
    importance: 'MEDIUM',
    documentation: 'Fields and their new names, as old:new,old:new.',
    validator: (_name, value) => void parseRenames(value as readonly string[]),
  },
  side.REPLACE_NULL,
]

function parseRenames(mappings: readonly string[]): Map<string, string> {
  return new Map(
    mappings.map((mapping) => {
      const parts = splitMapping(mapping)
      if (parts.length === 2) return parts as [string, string]
      throw invalidValue('renames', `[${mappings.join(', ')}]`, `Invalid rename mapping: ${mapping}`)
    }),
  )
}

class ReplaceField extends side.SidedTransformation {
  private exclude: ReadonlySet<string> = new Set()
  private include: ReadonlySet<string> = new Set()
  private renames: ReadonlyMap<string, string> = new Map()
  private originals: ReadonlyMap<string, string> = new Map()
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.exclude = new Set(config.list('exclude'))
    this.include = new Set(config.list('include'))
    this.renames = parseRenames(config.list('renames'))
    this.originals = new Map([...this.renames].map(([original, name]) => [name, original]))
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.side.value(record)
    if (value === null) return record
    if (this.side.schema(record) === null) {
      const kept = [...side.requireMap(value, PURPOSE)].filter(([name]) => this.keeps(name))
      return this.side.replace(
        record,
        null,
        new Map(kept.map(([name, item]) => [this.renames.get(name) ?? name, item])),
      )
    }
    const struct = side.requireStruct(value, PURPOSE)
    const schema = this.schemas.get(struct.schema, (each) => this.updatedSchema(each))
    const updated = new Struct(schema)
    for (const { name } of schema.fields) {
      updated.put(name, side.fieldValue(struct, this.originals.get(name) ?? name, this.replacesNull))
    }
    return this.side.replace(record, schema, updated)
  }

  private keeps(name: string): boolean {
    return !this.exclude.has(name) && (this.include.size === 0 || this.include.has(name))
  }

  private updatedSchema(schema: Schema): Schema {
    const builder = new StructSchemaBuilder()
    for (const { name, schema: fieldSchema } of schema.fields) {
      if (this.keeps(name)) builder.field(this.renames.get(name) ?? name, fieldSchema)
    }
    return builder.build(side.basicsOf(schema))
  }
}

export const replaceFieldTransformations = side.bothSides('ReplaceField', CONFIGS, (part) => new ReplaceField(part))
