import { AclOperation, ResourceType } from '../../protocol/acl-codes.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { RequestContext } from '../define-api.ts'
import { operationName } from './acl.ts'

export { AclOperation, ResourceType }

/** The one resource of type CLUSTER. */
export const CLUSTER_NAME = 'kafka-cluster'

/**
 * What of a decision is logged: false both denial and permission, true (it only filters a listing) permission alone, 'silent' (it only says
 * what would be allowed) neither. Permissions are logged at debug level.
 */
export type Quiet = boolean | 'silent'

/** Decides what a request's principal may do. */
export interface Authorizer {
  /** False without an authorizer: everybody may do everything, and ACL requests get SECURITY_DISABLED. */
  readonly isEnabled: boolean
  /** @param references how often the request names the resource, for the log */
  allows(
    context: RequestContext,
    operation: AclOperation,
    resourceType: ResourceType,
    name: string,
    quiet?: Quiet,
    references?: number,
  ): boolean
  /** Whether the principal may do `operation` on at least one resource of the type. */
  allowsAny(context: RequestContext, operation: AclOperation, resourceType: ResourceType): boolean
}

/** A broker whose authorizer.class.name is empty. */
export const ALLOW_ALL: Authorizer = { isEnabled: false, allows: () => true, allowsAny: () => true }

/** The error of a request that may not do something with a resource. */
export function authorizationError(resourceType: ResourceType): number {
  switch (resourceType) {
    case ResourceType.TOPIC:
      return ErrorCode.TOPIC_AUTHORIZATION_FAILED
    case ResourceType.GROUP:
      return ErrorCode.GROUP_AUTHORIZATION_FAILED
    case ResourceType.TRANSACTIONAL_ID:
      return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    case ResourceType.DELEGATION_TOKEN:
      return ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED
    default:
      return ErrorCode.CLUSTER_AUTHORIZATION_FAILED
  }
}

/** Whether the principal has a right to the whole cluster. */
export function allowsCluster(context: RequestContext, operation: AclOperation, quiet?: Quiet): boolean {
  return context.services.authorizer.allows(context, operation, ResourceType.CLUSTER, CLUSTER_NAME, quiet)
}

/**
 * For requests that need a right to the whole cluster.
 *
 * @throws KafkaError CLUSTER_AUTHORIZATION_FAILED
 */
export function requireCluster(context: RequestContext, operation: AclOperation): void {
  if (!allowsCluster(context, operation))
    throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, refusal(context, operation))
}

/** What clients are told of a denied right to the cluster, as Kafka words it. */
function refusal({ connection }: RequestContext, operation: AclOperation): string {
  const { id, principal, remoteAddress, listenerName } = connection
  const session = `Session(${principal},/${remoteAddress})`
  const request = `Request(connectionId=${id}, session=${session}, listenerName=ListenerName(${listenerName}))`
  return `Request ${request} needs ${operationName(operation)} permission.`
}

/**
 * For requests that need a right to one resource.
 *
 * @throws KafkaError the resource type's authorization error
 */
export function requireRight(
  context: RequestContext,
  operation: AclOperation,
  resourceType: ResourceType,
  name: string,
): void {
  if (context.services.authorizer.allows(context, operation, resourceType, name)) return
  throw new KafkaError(authorizationError(resourceType))
}

/**
 * The names on which the principal may do `operation`. Each is decided, and logged, once.
 *
 * @param names with repetitions: how often a name comes goes to the log
 */
export function allowedNames(
  context: RequestContext,
  operation: AclOperation,
  resourceType: ResourceType,
  names: Iterable<string>,
  quiet?: Quiet,
): Set<string> {
  const { authorizer } = context.services
  if (!authorizer.isEnabled) return new Set(names)
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const allowed = new Set<string>()
  for (const [name, count] of counts) {
    if (authorizer.allows(context, operation, resourceType, name, quiet, count)) allowed.add(name)
  }
  return allowed
}

/** allowedNames for topics: what most handlers ask. */
export function allowedTopics(
  context: RequestContext,
  operation: AclOperation,
  names: Iterable<string>,
  quiet?: Quiet,
): Set<string> {
  return allowedNames(context, operation, ResourceType.TOPIC, names, quiet)
}
