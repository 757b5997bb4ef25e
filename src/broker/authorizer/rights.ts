import type { RequestContext } from '../define-api.ts'
import { AclOperation, ResourceType, requireCluster, requireRight } from './authorizer.ts'

/** What a request needs a right to before its handler runs. */
export interface Right<Request> {
  readonly operation: AclOperation
  readonly resourceType: ResourceType
  /** Name of the resource; of no meaning for the cluster. */
  name(request: Request): string
}

/**
 * How an API asks the authorizer: by one right to the whole request, in its handler (things of one request have each their own
 * answer), or not at all.
 */
export type Auth<Request> = Right<Request> | 'in handler' | 'open'

/** A right to the cluster. */
export const clusterRight = (operation: AclOperation): Right<unknown> => ({
  operation,
  resourceType: ResourceType.CLUSTER,
  name: () => '',
})

/** A right to the group a request is about. */
export const groupRight = <Request extends { groupId: string }>(operation: AclOperation): Right<Request> => ({
  operation,
  resourceType: ResourceType.GROUP,
  name: ({ groupId }) => groupId,
})

/** The right to write with the transactional id of a request. */
export const transactionRight: Right<{ transactionalId: string }> = {
  operation: AclOperation.WRITE,
  resourceType: ResourceType.TRANSACTIONAL_ID,
  name: ({ transactionalId }) => transactionalId,
}

/** @throws KafkaError the resource type's authorization error */
export function checkRight<Request>(context: RequestContext, request: Request, right: Right<Request>): void {
  const { operation, resourceType } = right
  if (!context.services.authorizer.isEnabled) return
  if (resourceType === ResourceType.CLUSTER) requireCluster(context, operation)
  else requireRight(context, operation, resourceType, right.name(request))
}
