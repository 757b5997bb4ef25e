/** The keys of SCRAM (RFC 5802, section 3), as a server derives and keeps them. */
import { createHash, createHmac, pbkdf2, pbkdf2Sync } from 'node:crypto'
import { promisify } from 'node:util'
import type { ScramCredential, ScramMechanismName } from './scram-image.ts'

const HASHES = { 'SCRAM-SHA-256': ['sha256', 32], 'SCRAM-SHA-512': ['sha512', 64] } as const
const pbkdf2Async = promisify(pbkdf2)

export const MIN_SCRAM_ITERATIONS = 4096
/** More would keep clients busy; Kafka's limit. */
export const MAX_SCRAM_ITERATIONS = 16_384

/** Node's name of the mechanism's hash. */
export const scramHash = (mechanism: ScramMechanismName): string => HASHES[mechanism][0]

/** Hi(password, salt, iterations). Blocks for milliseconds; for tools. */
export function saltedPassword(
  mechanism: ScramMechanismName,
  password: string,
  salt: Buffer,
  iterations: number,
): Buffer {
  const [hash, sizeBytes] = HASHES[mechanism]
  return pbkdf2Sync(password, salt, iterations, sizeBytes, hash)
}

/** What is kept of a salted password. */
export function credentialOf(
  mechanism: ScramMechanismName,
  salted: Buffer,
  salt: Buffer,
  iterations: number,
): ScramCredential {
  const hash = scramHash(mechanism)
  const clientKey = createHmac(hash, salted).update('Client Key').digest()
  const storedKey = createHash(hash).update(clientKey).digest()
  const serverKey = createHmac(hash, salted).update('Server Key').digest()
  return { salt, storedKey, serverKey, iterations }
}

/** As {@link saltedPassword} and {@link credentialOf}, off the event loop. */
export async function credentialOfPassword(
  mechanism: ScramMechanismName,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<ScramCredential> {
  const [hash, sizeBytes] = HASHES[mechanism]
  return credentialOf(mechanism, await pbkdf2Async(password, salt, iterations, sizeBytes, hash), salt, iterations)
}
