import type { MetadataRecord } from './metadata-record.ts'

/** A delegation token (KIP-48) without its HMAC, which follows from the id and the cluster's secret. Times are in ms since 1970. */
export interface DelegationToken {
  readonly tokenId: string
  /** Principals in text form: 'User:NAME'. */
  readonly owner: string
  readonly requester: string
  readonly renewers: readonly string[]
  readonly issueTimestampMs: number
  /** Later than this it can't be renewed to. */
  readonly maxTimestampMs: number
  readonly expiryTimestampMs: number
}

/** Delegation tokens as the metadata log has them (KIP-900). */
export class DelegationTokenImage {
  private readonly byId = new Map<string, DelegationToken>()

  /** Takes the records that concern it, and ignores the others. */
  apply(record: MetadataRecord): void {
    if (record.type === 'RemoveDelegationTokenRecord') this.byId.delete(record.data.tokenId)
    else if (record.type === 'DelegationTokenRecord') {
      const { tokenId, owner, requester, renewers, issueTimestamp, maxTimestamp, expirationTimestamp } = record.data
      this.byId.set(tokenId, {
        tokenId,
        owner,
        requester,
        renewers,
        issueTimestampMs: Number(issueTimestamp),
        maxTimestampMs: Number(maxTimestamp),
        expiryTimestampMs: Number(expirationTimestamp),
      })
    }
  }

  get(tokenId: string): DelegationToken | undefined {
    return this.byId.get(tokenId)
  }

  all(): DelegationToken[] {
    return [...this.byId.values()]
  }
}
