import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { Admin, AlterConfigOp, ConfigResourceType } from '../../client/types.ts'
import { showPlan } from '../shared/change-plan.ts'
import { loadProperties } from '../shared/connect.ts'
import { javaSplit } from '../shared/java.ts'
import { unwrapAll } from '../shared/results.ts'
import { ConfigArgumentError } from './check.ts'

/** A comma or an equals sign that is not inside square brackets. */
const outsideBrackets = '(?=[^\\]]*(?:\\[|$))'
const pairSeparator = new RegExp(`,${outsideBrackets}`)
const keySeparator = new RegExp(`\\s*=\\s*${outsideBrackets}`)

/**
 * The configs of `--add-config` or `--add-config-file`.
 * @throws ConfigArgumentError for a malformed pair or key
 */
export const configsToAdd = async (options: OptionSet): Promise<Map<string, string>> => {
  const configs = new Map<string, string>()
  if (options.has('add-config-file')) {
    for (const [key, value] of await loadProperties(options.text('add-config-file') ?? '')) configs.set(key, value)
  }
  if (options.has('add-config')) {
    const pairs = javaSplit(options.text('add-config') ?? '', pairSeparator).map((pair) => pair.split(keySeparator))
    if (!pairs.every((pair) => pair.length === 2)) {
      throw new ConfigArgumentError(
        'requirement failed: Invalid entity config: all configs to be added must be in the format "key=val" or  "key=[val1,val2]" to group values which contain commas.',
      )
    }
    for (const [key, value] of pairs) configs.set(key!.trim(), value!.replace(/[[\]]/g, '').trim())
  }
  for (const key of configs.keys()) {
    if (!/^[$a-zA-Z0-9._-]*$/.test(key)) throw new ConfigArgumentError(`Invalid character found for config key: ${key}`)
  }
  return configs
}

const checkLoggers = async (
  admin: Admin,
  name: string,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> => {
  const [entries] = unwrapAll(await admin.describeConfigs([{ type: 'broker-logger', name }]))
  const known = new Set((entries ?? []).map((entry) => entry.name))
  const unknown = [...deleted, ...added.keys()].filter((logger) => !known.has(logger))
  if (unknown.length > 0) throw new ConfigArgumentError(`Invalid broker logger(s): ${unknown.join(',')}`)
}

/** What is said when all went well. */
export const completed = (entityType: string, name: string): string =>
  name === ''
    ? `Completed updating default config for ${entityType} in the cluster.`
    : `Completed updating config for ${entityType.slice(0, -1)} ${name}.`

/** `--alter` of one resource. */
export const alterConfigs = async (
  admin: Admin,
  options: OptionSet,
  io: Io,
  entityType: string,
  type: ConfigResourceType,
  name: string,
): Promise<void> => {
  const added = await configsToAdd(options)
  const deleted = options.texts('delete-config').map((key) => key.trim())
  if (type === 'broker-logger') await checkLoggers(admin, name, added, deleted)
  const changes: AlterConfigOp[] = [
    ...deleted.map((key): AlterConfigOp => ({ name: key, op: 'delete', value: '' })),
    ...[...added].map(([key, value]): AlterConfigOp => ({ name: key, op: 'set', value })),
  ]
  const resource = { type, name }
  const isOnlyPlanned = await showPlan(io, options, async () =>
    (await import('./change-plan.ts')).configPlan(admin, resource, changes),
  )
  const validateOnly = isOnlyPlanned ? { validateOnly: true } : undefined
  unwrapAll(await admin.incrementalAlterConfigs(new Map([[resource, changes]]), validateOnly))
  if (isOnlyPlanned) return
  println(io.out, completed(entityType, name))
}
