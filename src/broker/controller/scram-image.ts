import type { UserScramCredentialRecord } from '../../protocol/generated/metadata/user-scram-credential-record.ts'
import type { MetadataRecord } from './metadata-record.ts'

/** SCRAM mechanisms by their codes on the wire and in records (Kafka's ScramMechanism). */
export const ScramMechanismCode = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const
export type ScramMechanismName = keyof typeof ScramMechanismCode

/** What a broker keeps of a password (RFC 5802): enough to check a proof, not enough to make one. */
export type ScramCredential = Pick<UserScramCredentialRecord, 'salt' | 'storedKey' | 'serverKey' | 'iterations'>

/** SCRAM credentials as the metadata log has them (KIP-554, KIP-900). */
export class ScramImage {
  /** User → mechanism's code → credential. */
  private readonly users = new Map<string, Map<number, ScramCredential>>()

  /** Takes the records that concern it, and ignores the others. */
  apply(record: MetadataRecord): void {
    if (record.type === 'UserScramCredentialRecord') {
      const { name, mechanism, salt, storedKey, serverKey, iterations } = record.data
      const ofUser = this.users.get(name) ?? new Map<number, ScramCredential>()
      // Copies: the record's bytes are a view of the log's buffer.
      const [ownSalt, ownStoredKey, ownServerKey] = [salt, storedKey, serverKey].map((bytes) => Buffer.from(bytes))
      ofUser.set(mechanism, { salt: ownSalt!, storedKey: ownStoredKey!, serverKey: ownServerKey!, iterations })
      this.users.set(name, ofUser)
    } else if (record.type === 'RemoveUserScramCredentialRecord') {
      const ofUser = this.users.get(record.data.name)
      ofUser?.delete(record.data.mechanism)
      if (ofUser?.size === 0) this.users.delete(record.data.name)
    }
  }

  credential(user: string, mechanism: number): ScramCredential | undefined {
    return this.users.get(user)?.get(mechanism)
  }

  /** Credentials of a user by mechanism's code, or undefined without any. */
  ofUser(user: string): ReadonlyMap<number, ScramCredential> | undefined {
    return this.users.get(user)
  }

  userNames(): string[] {
    return [...this.users.keys()]
  }
}
