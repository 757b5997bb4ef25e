/**
 * A change is acknowledged by the controller a moment before the brokers show it. Kafka's scripts take long enough to start that nobody
 * notices; commands that follow within milliseconds would. So a change is waited for until it shows, for a second at most: it has been made,
 * whatever the look says.
 */
import type { Admin, AlterConfigOp, ConfigEntry, ConfigResource } from '../types.ts'

const LIMIT_MS = 1000
const PAUSE_MS = 20

async function untilVisible(isVisible: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + LIMIT_MS
  while (performance.now() < endMs) {
    const seen = await isVisible().catch(() => true)
    if (seen) return
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

const UNCHANGED_SOURCES: ReadonlySet<string> = new Set(['DEFAULT_CONFIG', 'STATIC_BROKER_CONFIG', 'UNKNOWN'])

function shows(entries: readonly ConfigEntry[], { name, op, value }: AlterConfigOp): boolean {
  const entry = entries.find((candidate) => candidate.name === name)
  const isSet = entry !== undefined && !UNCHANGED_SOURCES.has(entry.source)
  // Lists that are appended to and secrets can't be told from what they were.
  if (op === 'set' && entry && !entry.isSensitive) return isSet && entry.value === value
  return op === 'append' || op === 'subtract' || op === 'delete' || isSet
}

/** Waits until new topics can be described. */
export function untilTopicsShow(admin: Admin, names: readonly string[]): Promise<void> {
  if (names.length === 0) return Promise.resolve()
  return untilVisible(async () => {
    const found = await admin.describeTopics([...names])
    return [...found.values()].every(({ ok }) => ok)
  })
}

/** Waits until changed configs are described as changed. */
export function untilConfigsShow(
  admin: Admin,
  changes: ReadonlyMap<ConfigResource, readonly AlterConfigOp[]>,
): Promise<void> {
  const sets = new Map([...changes].filter(([, ops]) => ops.some(({ op }) => op === 'set')))
  if (sets.size === 0) return Promise.resolve()
  return untilVisible(async () => {
    const described = await admin.describeConfigs([...sets.keys()])
    return [...described].every(([resource, result]) => {
      return !result.ok || (sets.get(resource) ?? []).every((op) => shows(result.value, op))
    })
  })
}
