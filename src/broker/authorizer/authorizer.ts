import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { RequestContext } from '../define-api.ts'

/** Operations of an ACL by their codes on the wire and in the metadata log (Kafka's AclOperation). */
export const AclOperation = {
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const
export type AclOperation = (typeof AclOperation)[keyof typeof AclOperation]

/** Types of what an ACL protects (Kafka's ResourceType). */
export const ResourceType = {
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const
export type ResourceType = (typeof ResourceType)[keyof typeof ResourceType]

/** The one resource of type CLUSTER. */
export const CLUSTER_NAME = 'kafka-cluster'

/** Decides what a request's principal may do. A denial is logged unless `quiet` (when it only filters a listing). */
export interface Authorizer {
  /** False without an authorizer: everybody may do everything, and ACL requests get SECURITY_DISABLED. */
  readonly isEnabled: boolean
  allows(
    context: RequestContext,
    operation: AclOperation,
    resourceType: ResourceType,
    name: string,
    quiet?: boolean,
  ): boolean
  /** Whether the principal may do `operation` on at least one resource of the type. */
  allowsAny(context: RequestContext, operation: AclOperation, resourceType: ResourceType): boolean
}

/** A broker whose authorizer.class.name is empty. */
export const ALLOW_ALL: Authorizer = { isEnabled: false, allows: () => true, allowsAny: () => true }

/**
 * For requests that need a right to the whole cluster.
 *
 * @throws KafkaError CLUSTER_AUTHORIZATION_FAILED
 */
export function requireCluster(context: RequestContext, operation: AclOperation): void {
  if (context.services.authorizer.allows(context, operation, ResourceType.CLUSTER, CLUSTER_NAME)) return
  throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
}
