import { ErrorCode } from '../../protocol/errors.ts'
import { type AclOperation, allowsCluster, authorizationError, ResourceType } from '../authorizer/authorizer.ts'
import { ConfigResourceType } from '../controller/metadata-image.ts'
import type { RequestContext } from '../define-api.ts'

interface ConfigResource {
  readonly resourceType: number
  readonly resourceName: string
}

/** What a config resource is to the authorizer: topics and groups are their own, all else is the cluster's. */
function protectedBy({ resourceType }: ConfigResource): ResourceType {
  if (resourceType === ConfigResourceType.TOPIC) return ResourceType.TOPIC
  return resourceType === ConfigResourceType.GROUP ? ResourceType.GROUP : ResourceType.CLUSTER
}

/**
 * Asks whether the client may describe or alter the configs of a resource.
 *
 * @returns the error code of a denial, NONE otherwise
 */
export function checkConfigs(context: RequestContext, operation: AclOperation, resource: ConfigResource): number {
  const type = protectedBy(resource)
  const isAllowed =
    type === ResourceType.CLUSTER
      ? allowsCluster(context, operation)
      : context.services.authorizer.allows(context, operation, type, resource.resourceName)
  return isAllowed ? ErrorCode.NONE : authorizationError(type)
}
