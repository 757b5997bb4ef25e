/**
 * Authorized operations as bit fields of AclOperation codes (KIP-430). Without an authorizer a client may do everything.
 */
import { AclOperation, allowsCluster, CLUSTER_NAME, ResourceType } from '../authorizer/authorizer.ts'
import type { RequestContext } from '../define-api.ts'

/** What a response holds when operations were not asked for. */
export const OPERATIONS_OMITTED = -2147483648

const { READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS } = AclOperation

/** The operations there are on a resource (Kafka's AclEntry.supportedOperations). */
const SUPPORTED: Readonly<Partial<Record<ResourceType, readonly AclOperation[]>>> = {
  [ResourceType.TOPIC]: [READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS],
  [ResourceType.GROUP]: [READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS],
  [ResourceType.CLUSTER]: [
    ...[CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS],
    AclOperation.IDEMPOTENT_WRITE,
  ],
}

/** What the principal may do with a resource. */
function authorizedOperations(context: RequestContext, resourceType: ResourceType, name: string): number {
  const { authorizer } = context.services
  let bits = 0
  for (const operation of SUPPORTED[resourceType] ?? []) {
    if (authorizer.allows(context, operation, resourceType, name, 'silent')) bits |= 1 << operation
  }
  return bits
}

/** What the principal may do with a topic; a topic needn't exist. */
export const topicOperations = (context: RequestContext, name: string): number =>
  authorizedOperations(context, ResourceType.TOPIC, name)

/** What the principal may do with a group; a group needn't exist. */
export const groupOperations = (context: RequestContext, groupId: string): number =>
  authorizedOperations(context, ResourceType.GROUP, groupId)

/** What the principal may do with the cluster; 0 for one that may not describe it. */
export function clusterOperations(context: RequestContext): number {
  if (!allowsCluster(context, DESCRIBE)) return 0
  return authorizedOperations(context, ResourceType.CLUSTER, CLUSTER_NAME)
}
