/** Adds a header with a fixed value, and takes headers away (InsertHeader and DropHeaders of org.apache.kafka.connect.transforms). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { SchemaAndValue } from '../api/data.ts'
import type { Transformation } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { distinctList, PluginConfig } from '../config/plugin-config.ts'
import { parseValue } from '../data/value-parser.ts'
import { oneTransformation } from './side.ts'

const INSERT_CONFIGS: readonly ConnectConfigKey[] = [
  { name: 'header', type: 'STRING', importance: 'HIGH', documentation: 'Name of the header.' },
  {
    name: 'value.literal',
    type: 'STRING',
    importance: 'HIGH',
    documentation:
      'Its value on all records, as text; a number, a boolean, a time, a list or a map is taken for what it is.',
  },
]

class InsertHeader implements Transformation {
  private key = ''
  private value: SchemaAndValue = { schema: null, value: null }

  configure(props: Props): void {
    const config = new PluginConfig(INSERT_CONFIGS, props)
    this.key = config.text('header')!
    this.value = parseValue(config.text('value.literal')!)
  }

  apply<R extends ConnectRecord>(record: R): R {
    return { ...record, headers: [...record.headers, { key: this.key, ...this.value }] }
  }
}

const DROP_CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'headers',
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'Names of the headers.',
    validator: distinctList({ allowsEmpty: false }),
  },
]

class DropHeaders implements Transformation {
  private keys: ReadonlySet<string> = new Set()

  configure(props: Props): void {
    this.keys = new Set(new PluginConfig(DROP_CONFIGS, props).list('headers'))
  }

  apply<R extends ConnectRecord>(record: R): R {
    return { ...record, headers: record.headers.filter(({ key }) => !this.keys.has(key)) }
  }
}

export const insertHeaderTransformation = oneTransformation('InsertHeader', INSERT_CONFIGS, () => new InsertHeader())
export const dropHeadersTransformation = oneTransformation('DropHeaders', DROP_CONFIGS, () => new DropHeaders())
