import { randomUuid } from '../../base/random-uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  type Acl,
  compareAcls,
  operationName,
  PatternType,
  PermissionType,
  patternTypeName,
  permissionTypeName,
  resourceTypeName,
} from '../authorizer/acl.ts'
import { type AclFilter, entryIsUnknown, filterMatches, patternIsUnknown } from '../authorizer/acl-filter.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import type { AclImage, StoredAcl } from './acl-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** Records that one request may write (Kafka's MAX_RECORDS_PER_USER_OP). */
const MAX_CHANGES = 10_000

const invalid = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_REQUEST, message)

/** What a request writes, and what it is answered for each of its parts. */
export interface AclChanges<T> {
  readonly records: MetadataRecordDraft[]
  readonly outcomes: Outcome<T>[]
}

/**
 * The records that create ACLs. One that is there already, or comes twice, succeeds without a record.
 *
 * @throws KafkaError POLICY_VIOLATION for more than 10,000 new ones
 */
export function aclCreations(image: AclImage, wanted: readonly Acl[]): AclChanges<void> {
  const made: Acl[] = []
  const outcomes = wanted.map((acl) =>
    outcomeOf(() => {
      checkNewAcl(acl)
      if (!image.contains(acl)) made.push(acl)
    }),
  )
  made.sort(compareAcls)
  const fresh = made.filter((acl, i) => i === 0 || compareAcls(acl, made[i - 1] as Acl) !== 0)
  if (fresh.length > MAX_CHANGES) {
    throw new KafkaError(ErrorCode.POLICY_VIOLATION, 'Unable to perform excessively large batch operation.')
  }
  const records = fresh.map(
    (acl): MetadataRecordDraft => ({ type: 'AccessControlEntryRecord', data: { id: randomUuid(), ...acl } }),
  )
  return { records, outcomes }
}

/** @throws KafkaError INVALID_REQUEST for what can't be an ACL */
function checkNewAcl({ resourceType, resourceName, patternType, principal, operation, permissionType }: Acl): void {
  const type = resourceTypeName(resourceType)
  if (type === 'UNKNOWN' || resourceType === ResourceType.ANY) throw invalid(`Invalid resourceType ${type}`)
  if (patternType !== PatternType.LITERAL && patternType !== PatternType.PREFIXED) {
    throw invalid(`Invalid patternType ${patternTypeName(patternType)}`)
  }
  const name = operationName(operation)
  if (name === 'UNKNOWN' || operation === AclOperation.ANY) throw invalid(`Invalid operation ${name}`)
  if (permissionType !== PermissionType.DENY && permissionType !== PermissionType.ALLOW) {
    throw invalid(`Invalid permissionType ${permissionTypeName(permissionType)}`)
  }
  if (resourceName === '') throw invalid('Resource name should not be empty')
  if (!principal.includes(':')) {
    throw invalid(
      `Could not parse principal from \`${principal}\` (no colon is present separating the principal type from the principal name)`,
    )
  }
}

/**
 * The records that remove the ACLs that filters mean. An ACL that several mean is answered to each and removed once.
 *
 * @throws KafkaError INVALID_REQUEST for more than 10,000 ACLs
 */
export function aclDeletions(image: AclImage, filters: readonly AclFilter[]): AclChanges<readonly Acl[]> {
  const removed = new Set<string>()
  const outcomes = filters.map((filter) =>
    outcomeOf((): readonly StoredAcl[] => {
      if (patternIsUnknown(filter)) throw invalid('Unknown patternFilter.')
      if (entryIsUnknown(filter)) throw invalid('Unknown entryFilter.')
      const found = image.all().filter((acl) => filterMatches(filter, acl))
      for (const { id } of found) removed.add(id)
      return found
    }),
  )
  if (removed.size > MAX_CHANGES) throw invalid('Cannot remove more than 10000 acls in a single delete operation.')
  const records = [...removed].map(
    (id): MetadataRecordDraft => ({ type: 'RemoveAccessControlEntryRecord', data: { id } }),
  )
  return { records, outcomes }
}
