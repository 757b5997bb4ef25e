import { existsSync, statSync } from 'node:fs'
import type { Plugin } from '../../connect/api/plugin.ts'
import type { Row as StructuredRow } from '../shared/structured.ts'
import { readJar } from './jar.ts'

const NO_ALIAS = 'N/A'
const SERVICES = 'META-INF/services/'

/** Interfaces of Connect, and what their implementations are called. */
const TYPES: Readonly<Record<string, string>> = {
  'org.apache.kafka.connect.sink.SinkConnector': 'sink',
  'org.apache.kafka.connect.source.SourceConnector': 'source',
  'org.apache.kafka.connect.storage.Converter': 'converter',
  'org.apache.kafka.connect.storage.HeaderConverter': 'header_converter',
  'org.apache.kafka.connect.transforms.Transformation': 'transformation',
  'org.apache.kafka.connect.transforms.predicates.Predicate': 'predicate',
  'org.apache.kafka.common.config.provider.ConfigProvider': 'configprovider',
  'org.apache.kafka.connect.rest.ConnectRestExtension': 'rest_extension',
  'org.apache.kafka.connect.connector.policy.ConnectorClientConfigOverridePolicy':
    'connector_client_config_override_policy',
}

/** One line of the list. */
export interface Row {
  readonly className: string
  readonly version: string
  readonly type: string
  readonly isLoadable: boolean
  readonly hasManifest: boolean
  readonly location: string
}

/** What the manifests of a jar name. @throws Error for a jar that can't be read */
export const rowsOfJar = (path: string, location: string): Row[] => {
  const services = readJar(path, (name) => name.startsWith(SERVICES) && name.slice(SERVICES.length) in TYPES)
  return [...services].flatMap(([name, text]) => {
    const type = TYPES[name.slice(SERVICES.length)]!
    const classes = text.split(/\r?\n/).map((line) => line.replace(/#.*/, '').trim())
    const row = (className: string): Row => ({
      className,
      version: 'undefined',
      type,
      isLoadable: false,
      hasManifest: true,
      location,
    })
    return classes.filter((line) => line !== '').map(row)
  })
}

/** What a JavaScript module has; it says so itself, as a manifest does. */
export const rowsOfModule = (plugins: readonly Plugin[], location: string): Row[] =>
  plugins.map(({ className, version, type }) => ({
    className,
    version,
    type,
    isLoadable: true,
    hasManifest: true,
    location,
  }))

const suffixes: Readonly<Record<string, readonly string[]>> = {
  source: ['Connector'],
  sink: ['Connector'],
  header_converter: ['HeaderConverter', 'Converter'],
  converter: ['Converter'],
  transformation: ['Transformation'],
  predicate: ['Predicate'],
  configprovider: ['ConfigProvider'],
  rest_extension: ['ConnectRestExtension'],
  connector_client_config_override_policy: ['ConnectorClientConfigOverridePolicy'],
}

/** Shorter names of a plugin: its class without package, and that without what it is. */
const aliasesOf = ({ className, type }: Row): string[] => {
  const simple = className.slice(className.lastIndexOf('.') + 1)
  const suffix = suffixes[type]?.find((end) => simple.endsWith(end) && simple !== end)
  return suffix === undefined ? [simple] : [simple, simple.slice(0, -suffix.length)]
}

const columnsOf = (row: Row): string[] => {
  const { className, version, type, isLoadable, hasManifest, location } = row
  const [first = NO_ALIAS, second = NO_ALIAS] = aliasesOf(row)
  return [className, first, second, version, type, String(isLoadable), String(hasManifest), location]
}

/** The rows of `--output`. */
export const documentRows = (rows: readonly Row[]): StructuredRow[] =>
  rows.map(({ className: plugin, ...row }) => ({ plugin, aliases: aliasesOf({ className: plugin, ...row }), ...row }))

const HEADINGS = [
  'pluginName',
  'firstAlias',
  'secondAlias',
  'pluginVersion',
  'pluginType',
  'isLoadable',
  'hasManifest',
  'pluginLocation',
]

/** The table and the sums. */
export const listText = (rows: readonly Row[]): string => {
  const loadable = rows.filter(({ isLoadable }) => isLoadable)
  const compatible = loadable.filter(({ hasManifest }) => hasManifest)
  return [
    ...[HEADINGS, ...rows.map(columnsOf)].map((columns) => columns.join('\t')),
    '',
    `Total plugins:      \t${rows.length}`,
    `Loadable plugins:   \t${loadable.length}`,
    `Compatible plugins: \t${compatible.length}`,
    '',
  ].join('\n')
}

/** Does a file or folder exist, and which of both is it? */
export const kindOfPath = (path: string): 'file' | 'folder' | null =>
  existsSync(path) ? (statSync(path).isDirectory() ? 'folder' : 'file') : null
