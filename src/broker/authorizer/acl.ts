import { AclOperation, PatternType, PermissionType, ResourceType } from '../../protocol/acl-codes.ts'

export { PatternType, PermissionType }

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

/** Codes count from 0 on. */
const nameIn = (codes: Readonly<Record<string, number>>, code: number): string => Object.keys(codes)[code] ?? 'UNKNOWN'

/** Kafka's name of a code; 'UNKNOWN' for one it doesn't know. */
export const resourceTypeName = (code: number): string => nameIn(ResourceType, code)
export const patternTypeName = (code: number): string => nameIn(PatternType, code)
export const permissionTypeName = (code: number): string => nameIn(PermissionType, code)
export const operationName = (code: number): string => nameIn(AclOperation, code)

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
