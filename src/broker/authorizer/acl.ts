/** How the name of an ACL's resource is meant (Kafka's PatternType). ANY and MATCH are for filters only. */
export const PatternType = { ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const

/** Kafka's AclPermissionType. ANY is for filters only. */
export const PermissionType = { ANY: 1, DENY: 2, ALLOW: 3 } as const

/** The name that as a literal pattern stands for every resource of a type. */
export const WILDCARD = '*'
/** The principal that stands for every user. */
export const WILDCARD_PRINCIPAL = 'User:*'

/** One entry of the access control list; the numbers are Kafka's codes, as on the wire and in the metadata log. */
export interface Acl {
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
  /** 'User:alice' */
  readonly principal: string
  /** '*' or an address as Java writes it. */
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

const RESOURCE_TYPES = ['UNKNOWN', 'ANY', 'TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN', 'USER']
const PATTERN_TYPES = ['UNKNOWN', 'ANY', 'MATCH', 'LITERAL', 'PREFIXED']
const PERMISSION_TYPES = ['UNKNOWN', 'ANY', 'DENY', 'ALLOW']
const OPERATIONS = [
  ...['UNKNOWN', 'ANY', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION'],
  ...['DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'],
]

const nameIn = (names: readonly string[], code: number): string => names[code] ?? 'UNKNOWN'

/** Kafka's name of a code; 'UNKNOWN' for one it doesn't know. */
export const resourceTypeName = (code: number): string => nameIn(RESOURCE_TYPES, code)
export const patternTypeName = (code: number): string => nameIn(PATTERN_TYPES, code)
export const permissionTypeName = (code: number): string => nameIn(PERMISSION_TYPES, code)
export const operationName = (code: number): string => nameIn(OPERATIONS, code)

/** 'TransactionalId' for TRANSACTIONAL_ID. */
export function pascalCase(name: string): string {
  const words = name.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase())
  return words.join('')
}

/** As Kafka's audit log shows an ACL. */
export function aclText(acl: Acl): string {
  return (
    `StandardAcl[resourceType=${resourceTypeName(acl.resourceType)}, resourceName=${acl.resourceName}, ` +
    `patternType=${patternTypeName(acl.patternType)}, principal=${acl.principal}, host=${acl.host}, ` +
    `operation=${operationName(acl.operation)}, permissionType=${permissionTypeName(acl.permissionType)}]`
  )
}

/** Compares as Java does, by UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * Kafka's order of ACLs: by type, then by name backwards, so that what comes after a name are the names that can be its prefixes, longest
 * first.
 */
export function compareAcls(a: Acl, b: Acl): number {
  return (
    a.resourceType - b.resourceType ||
    compareText(b.resourceName, a.resourceName) ||
    a.patternType - b.patternType ||
    a.operation - b.operation ||
    compareText(a.principal, b.principal) ||
    compareText(a.host, b.host) ||
    a.permissionType - b.permissionType
  )
}
