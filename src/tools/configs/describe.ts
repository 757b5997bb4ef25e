import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { Admin, ConfigEntry, ConfigResourceType, ConfigSource } from '../../client/types.ts'
import { unwrapAll } from '../shared/results.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { checkTopicName } from '../shared/topic-name.ts'

const dynamicSource: Record<ConfigResourceType, ConfigSource | undefined> = {
  topic: 'DYNAMIC_TOPIC_CONFIG',
  broker: 'DYNAMIC_BROKER_CONFIG',
  'broker-logger': undefined,
  'client-metrics': 'DYNAMIC_CLIENT_METRICS_CONFIG',
  group: 'DYNAMIC_GROUP_CONFIG',
}

const namesOf = async (admin: Admin, type: ConfigResourceType): Promise<string[]> => {
  const ofConfigs = async (): Promise<string[]> => (await admin.listConfigResources([type])).map((one) => one.name)
  if (type === 'topic') return (await admin.listTopics({ listInternal: true })).map((topic) => topic.name).sort()
  if (type === 'client-metrics') return ofConfigs()
  if (type === 'group') {
    const groups = (await admin.listGroups()).map((group) => group.groupId)
    return [...new Set([...groups, ...(await ofConfigs())])]
  }
  return [...(await admin.describeCluster()).nodes.map((node) => String(node.id)), '']
}

const entriesOf = async (
  admin: Admin,
  type: ConfigResourceType,
  name: string,
  all: boolean,
): Promise<ConfigEntry[]> => {
  if (type === 'topic') checkTopicName(name)
  const [entries] = unwrapAll(await admin.describeConfigs([{ type, name }], { includeSynonyms: true }))
  const source = type === 'broker' && name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : dynamicSource[type]
  return (entries ?? []).filter((entry) => all || source === undefined || entry.source === source)
}

const heading = (entityType: string, name: string, all: boolean): string =>
  name === ''
    ? `Default configs for ${entityType} in the cluster are:`
    : `${all ? 'All' : 'Dynamic'} configs for ${entityType.slice(0, -1)} ${name} are:`

const entryLine = (entry: ConfigEntry): string => {
  const synonyms = entry.synonyms.map((synonym) => `${synonym.source}:${synonym.name}=${synonym.value}`)
  return `  ${entry.name}=${entry.value} sensitive=${entry.isSensitive} synonyms={${synonyms.join(', ')}}`
}

const toRow = (entityType: string, name: string, entry: ConfigEntry): Row => ({
  entityType,
  entityName: name === '' ? null : name,
  name: entry.name,
  value: entry.value,
  source: entry.source,
  isSensitive: entry.isSensitive,
  isReadOnly: entry.isReadOnly,
  synonyms: entry.synonyms.map((synonym) => ({
    source: synonym.source,
    name: synonym.name,
    value: synonym.value,
  })),
})

/** `--describe` of one resource, or of all of its type when `name` is undefined. */
export const describeConfigs = async (
  admin: Admin,
  options: OptionSet,
  io: Io,
  entityType: string,
  type: ConfigResourceType,
  name: string | undefined,
): Promise<void> => {
  const all = options.has('all')
  if (!all && name !== undefined) {
    if (type === 'topic') checkTopicName(name)
    if (!(await namesOf(admin, type)).includes(name)) {
      const missing = `The ${entityType.slice(0, -1)} '${name}' doesn't exist and doesn't have dynamic config.`
      println(io.out, missing)
      io.failed?.(new Error(missing), { entityType, entityName: name })
      return
    }
  }
  const format = outputFormat(options, io)
  const rows: Row[] = []
  for (const one of name === undefined ? await namesOf(admin, type) : [name]) {
    if (format === undefined) println(io.out, heading(entityType, one, all))
    for (const entry of await entriesOf(admin, type, one, all)) {
      if (format === undefined) println(io.out, entryLine(entry))
      else rows.push(toRow(entityType, one, entry))
    }
  }
  if (format !== undefined) await printStructured(io, format, rows, ['entityName', 'name', 'value', 'source'])
}
