import { ErrorCode, errorInfo } from '../../protocol/errors.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import type { ConfigAlterations } from '../controller/config-changes.ts'
import { ConfigResourceType } from '../controller/metadata-image.ts'
import type { RequestContext } from '../define-api.ts'
import { checkConfigs } from './config-rights.ts'

interface ResourceResult {
  resourceType: number
  resourceName: string
  errorCode: number
  errorMessage: string | null
}

/**
 * Carries out the changes of both alter requests; a resource named twice is refused, as Kafka does. Needs ALTER_CONFIGS on the topic, the
 * group or, for all else, the cluster.
 */
export async function alterConfigResources(
  context: RequestContext,
  changes: readonly ConfigAlterations[],
  validateOnly: boolean,
): Promise<ResourceResult[]> {
  const key = (change: ConfigAlterations): string => `${change.resourceType}/${change.resourceName}`
  const counts = new Map<string, number>()
  for (const change of changes) counts.set(key(change), (counts.get(key(change)) ?? 0) + 1)
  const results: ResourceResult[] = []
  const single: ConfigAlterations[] = []
  for (const change of changes) {
    if (counts.get(key(change)) !== 1) continue
    const errorCode = checkConfigs(context, AclOperation.ALTER_CONFIGS, change)
    if (errorCode === ErrorCode.NONE) single.push(change)
    else {
      const { resourceType, resourceName } = change
      const errorMessage = resourceType === ConfigResourceType.BROKER_LOGGER ? null : errorInfo(errorCode).message
      results.push({ resourceType, resourceName, errorCode, errorMessage })
    }
  }
  const outcomes = await context.services.controller.alterConfigs(single, validateOnly)
  for (const [i, { resourceType, resourceName }] of single.entries()) {
    const outcome = outcomes[i]
    const error = outcome?.ok === false ? outcome.error : undefined
    results.push({
      resourceType,
      resourceName,
      errorCode: error?.code ?? ErrorCode.NONE,
      errorMessage: error?.message ?? null,
    })
  }
  for (const change of changes) {
    if ((counts.get(key(change)) ?? 0) < 2) continue
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
