/** ACLs as Kafka's Java Admin client speaks of them; the numbers are those of the protocol. */

export const AclResourceTypes = {
  UNKNOWN: 0,
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const
export type AclResourceType = keyof typeof AclResourceTypes

export const AclPatternTypes = { UNKNOWN: 0, ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const
export type AclPatternType = keyof typeof AclPatternTypes

export const AclOperations = {
  UNKNOWN: 0,
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
export type AclOperationName = keyof typeof AclOperations

export const AclPermissionTypes = { UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 } as const
export type AclPermissionType = keyof typeof AclPermissionTypes

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
