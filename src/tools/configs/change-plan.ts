import type { Admin, AlterConfigOp, ConfigEntry, ConfigResource } from '../../client/types.ts'
import { unwrapAll } from '../shared/results.ts'

const text = (entry: ConfigEntry | undefined): string => {
  if (entry === undefined) return '(none)'
  if (entry.isSensitive) return '[hidden]'
  return `${entry.value ?? '(none)'}${entry.source === 'DEFAULT_CONFIG' ? ' (default)' : ''}`
}

/** What a config falls back to: the next of its synonyms. */
const fallback = (entry: ConfigEntry | undefined): string => {
  const next = entry?.synonyms[1]
  return next === undefined
    ? 'its default'
    : `${next.value ?? '(none)'} (${next.source === 'DEFAULT_CONFIG' ? 'default' : next.name})`
}

/** Old and new value of every config, a line for each. Rejects with the broker's error. */
export const configPlan = async (
  admin: Admin,
  resource: ConfigResource,
  changes: readonly AlterConfigOp[],
): Promise<string[]> => {
  const [entries = []] = unwrapAll(await admin.describeConfigs([resource], { includeSynonyms: true }))
  const now = new Map(entries.map((entry) => [entry.name, entry]))
  return changes.map(({ name, op, value }) => {
    const entry = now.get(name)
    const next = op === 'delete' ? fallback(entry) : entry?.isSensitive ? '[hidden]' : (value ?? '')
    return `${name}: ${text(entry)} → ${next}`
  })
}
