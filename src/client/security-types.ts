import type { AclBinding } from './acl-types.ts'
import type { Result } from './types.ts'

/** Whose quota: user, client-id or ip to a name; null is the default entity. */
export type QuotaEntity = ReadonlyMap<string, string | null>

/** A condition on one type of entity: a name, the default entity, or any that has one. */
export interface QuotaFilterComponent {
  entityType: string
  match: { name: string } | 'default' | 'any'
}

export interface QuotaEntry {
  entity: QuotaEntity
  values: ReadonlyMap<string, number>
}

/** ScramMechanism in Java, by its number. */
export const SCRAM_MECHANISMS = ['UNKNOWN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type ScramMechanismName = Exclude<(typeof SCRAM_MECHANISMS)[number], 'UNKNOWN'>

export interface ScramCredentialInfo {
  mechanism: string
  iterations: number
}

export type ScramAlteration =
  | { user: string; mechanism: ScramMechanismName; delete: true }
  | { user: string; mechanism: ScramMechanismName; iterations: number; password: string }

export interface Principal {
  /** `User` */
  type: string
  name: string
}

export interface DelegationToken {
  tokenId: string
  hmac: Buffer
  owner: Principal
  requester: Principal
  renewers: Principal[]
  issueTimestampMs: number
  expiryTimestampMs: number
  maxTimestampMs: number
}

/** The calls of an Admin that have to do with security and quotas. */
export interface SecurityAdmin {
  /** ACLs that a filter lets through. */
  describeAcls(filter: AclBinding): Promise<AclBinding[]>
  createAcls(bindings: readonly AclBinding[]): Promise<Result<void>[]>
  /** Per filter, the ACLs that were deleted. */
  deleteAcls(filters: readonly AclBinding[]): Promise<Result<AclBinding[]>[]>
  /** `strict`: entities with further parts than the filter's are left out. */
  describeClientQuotas(filter: readonly QuotaFilterComponent[], strict: boolean): Promise<QuotaEntry[]>
  /** A null value removes the quota. */
  alterClientQuotas(entity: QuotaEntity, values: ReadonlyMap<string, number | null>): Promise<void>
  /** `users` null: all of them. */
  describeUserScramCredentials(users: readonly string[] | null): Promise<Map<string, Result<ScramCredentialInfo[]>>>
  /** One Result per user. */
  alterUserScramCredentials(alterations: readonly ScramAlteration[]): Promise<Map<string, Result<void>>>
  createDelegationToken(options: {
    owner: Principal | null
    renewers: Principal[]
    maxLifetimeMs: bigint
  }): Promise<DelegationToken>
  /** The new expiry time, in ms. */
  renewDelegationToken(hmac: Buffer, renewTimePeriodMs: bigint): Promise<number>
  expireDelegationToken(hmac: Buffer, expiryTimePeriodMs: bigint): Promise<number>
  /** `owners` null: the caller's. */
  describeDelegationTokens(owners: readonly Principal[] | null): Promise<DelegationToken[]>
}
