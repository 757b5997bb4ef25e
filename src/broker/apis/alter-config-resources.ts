import { ErrorCode } from '../../protocol/errors.ts'
import type { ConfigAlterations } from '../controller/config-changes.ts'
import type { BrokerServices } from '../services.ts'

interface ResourceResult {
  resourceType: number
  resourceName: string
  errorCode: number
  errorMessage: string | null
}

/** Carries out the changes of both alter requests; a resource named twice is refused, as Kafka does. */
export async function alterConfigResources(
  services: BrokerServices,
  changes: readonly ConfigAlterations[],
  validateOnly: boolean,
): Promise<ResourceResult[]> {
  const key = (change: ConfigAlterations): string => `${change.resourceType}/${change.resourceName}`
  const counts = new Map<string, number>()
  for (const change of changes) counts.set(key(change), (counts.get(key(change)) ?? 0) + 1)
  const single = changes.filter((change) => counts.get(key(change)) === 1)
  const outcomes = await services.controller.alterConfigs(single, validateOnly)
  const results = single.map(({ resourceType, resourceName }, i): ResourceResult => {
    const outcome = outcomes[i]
    if (!outcome || outcome.ok) return { resourceType, resourceName, errorCode: ErrorCode.NONE, errorMessage: null }
    return { resourceType, resourceName, errorCode: outcome.error.code, errorMessage: outcome.error.message }
  })
  const twice = new Set<string>()
  for (const change of changes) {
    if ((counts.get(key(change)) ?? 0) < 2 || twice.has(key(change))) continue
    twice.add(key(change))
    const { resourceType, resourceName } = change
    results.push({
      resourceType,
      resourceName,
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: 'Each resource must appear at most once.',
    })
  }
  return results
}
