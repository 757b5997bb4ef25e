/** ACLs as Kafka's Java Admin client speaks of them. */
import type { AclOperation, PatternType, PermissionType, ResourceType } from '../protocol/acl-codes.ts'

export type AclResourceType = keyof typeof ResourceType
export type AclPatternType = keyof typeof PatternType
export type AclOperationName = keyof typeof AclOperation
export type AclPermissionType = keyof typeof PermissionType

/** What an ACL is about: one resource, or with PREFIXED all whose name begins so. */
export interface AclPattern {
  resourceType: AclResourceType
  /** Null in filters only: any name. */
  name: string | null
  patternType: AclPatternType
}

/** Who may do what from where. In filters null and ANY stand for everything. */
export interface AclEntry {
  /** `User:alice` */
  principal: string | null
  host: string | null
  operation: AclOperationName
  permissionType: AclPermissionType
}

export interface AclBinding {
  pattern: AclPattern
  entry: AclEntry
}

/** The filter of entries that lets everything through. */
export const ANY_ENTRY: AclEntry = { principal: null, host: null, operation: 'ANY', permissionType: 'ANY' }
