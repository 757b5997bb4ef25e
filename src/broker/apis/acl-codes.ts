import type { AclFilter } from '../authorizer/acl-filter.ts'

/** The codes of an ACL or a filter as a request has them. */
interface AclCodes {
  readonly resourceType: number
  readonly patternType: number
  readonly operation: number
  readonly permissionType: number
}

const UNKNOWN = 0
const ANY = 1
const MATCH = 2

/** True for codes that Kafka takes for no request at all. */
export function hasUnknownCode({ resourceType, patternType, operation, permissionType }: AclCodes): boolean {
  return [resourceType, patternType, operation, permissionType].includes(UNKNOWN)
}

/** True for codes that only filters have. */
export function hasFilterCode({ resourceType, patternType, operation, permissionType }: AclCodes): boolean {
  return patternType === MATCH || [resourceType, patternType, operation, permissionType].includes(ANY)
}

/** A filter as two requests have it. */
interface FilterFields {
  readonly resourceTypeFilter: number
  readonly resourceNameFilter: string | null
  readonly patternTypeFilter: number
  readonly principalFilter: string | null
  readonly hostFilter: string | null
  readonly operation: number
  readonly permissionType: number
}

export function filterOf(fields: FilterFields): AclFilter {
  return {
    resourceType: fields.resourceTypeFilter,
    resourceName: fields.resourceNameFilter,
    patternType: fields.patternTypeFilter,
    principal: fields.principalFilter,
    host: fields.hostFilter,
    operation: fields.operation,
    permissionType: fields.permissionType,
  }
}
