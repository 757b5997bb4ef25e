import {
  type Acl,
  operationName,
  PatternType,
  PermissionType,
  patternTypeName,
  permissionTypeName,
  resourceTypeName,
  WILDCARD,
} from './acl.ts'
import { AclOperation, ResourceType } from './authorizer.ts'

/** Which ACLs a request means (Kafka's AclBindingFilter). null and ANY match everything. */
export interface AclFilter {
  readonly resourceType: number
  readonly resourceName: string | null
  /** MATCH: literal, wildcard and prefixed ACLs that concern the named resource. */
  readonly patternType: number
  readonly principal: string | null
  readonly host: string | null
  readonly operation: number
  readonly permissionType: number
}

/** Whether a filter means an ACL. */
export function filterMatches(filter: AclFilter, acl: Acl): boolean {
  return (
    isAnyOr(ResourceType.ANY, filter.resourceType, acl.resourceType) &&
    patternMatches(filter, acl) &&
    (filter.principal === null || filter.principal === acl.principal) &&
    (filter.host === null || filter.host === acl.host) &&
    isAnyOr(AclOperation.ANY, filter.operation, acl.operation) &&
    isAnyOr(PermissionType.ANY, filter.permissionType, acl.permissionType)
  )
}

const isAnyOr = (any: number, wanted: number, value: number): boolean => wanted === any || wanted === value

function patternMatches({ resourceName: name, patternType }: AclFilter, acl: Acl): boolean {
  if (patternType === PatternType.MATCH) {
    if (name === null || acl.resourceName === name) return true
    if (acl.patternType === PatternType.LITERAL) return acl.resourceName === WILDCARD
    return acl.patternType === PatternType.PREFIXED && name.startsWith(acl.resourceName)
  }
  if (patternType !== PatternType.ANY && patternType !== acl.patternType) return false
  return name === null || name === acl.resourceName
}

/** True when a code of the resource is one that Kafka doesn't know. */
export const patternIsUnknown = (filter: AclFilter): boolean =>
  resourceTypeName(filter.resourceType) === 'UNKNOWN' || patternTypeName(filter.patternType) === 'UNKNOWN'

/** True when a code of the entry is one that Kafka doesn't know. */
export const entryIsUnknown = (filter: AclFilter): boolean =>
  operationName(filter.operation) === 'UNKNOWN' || permissionTypeName(filter.permissionType) === 'UNKNOWN'
