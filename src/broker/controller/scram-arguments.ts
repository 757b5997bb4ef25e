/** The credentials of `kafka-storage format --add-scram` (KIP-900): `SCRAM-SHA-256=[name=alice,password=secret,iterations=8192]`. */
import { randomBytes } from 'node:crypto'
import type { UserScramCredentialRecord } from '../../protocol/generated/metadata/user-scram-credential-record.ts'
import { credentialOf, MAX_SCRAM_ITERATIONS, MIN_SCRAM_ITERATIONS, saltedPassword } from './scram-formulas.ts'
import { ScramMechanismCode, type ScramMechanismName } from './scram-image.ts'

const SALT_BYTES = 24

/** An argument can't be read; the text is Kafka's. */
export class ScramArgumentError extends Error {
  override readonly name = 'ScramArgumentError'
}

/**
 * What is to be written for one argument. With `password` the salt may be left out and is random then; `saltedpassword` (base64) needs
 * it.
 *
 * @throws ScramArgumentError in Kafka's words
 */
export function parseScramArgument(text: string): UserScramCredentialRecord {
  const trimmed = text.trim()
  const equals = trimmed.indexOf('=')
  if (equals < 0) throw new ScramArgumentError(`Failed to find equals sign in SCRAM argument '${trimmed}'`)
  const mechanism = trimmed.slice(0, equals)
  const list = trimmed.slice(equals + 1)
  if (!isMechanism(mechanism)) throw new ScramArgumentError(`The add-scram mechanism ${mechanism} is not supported.`)
  if (!list.startsWith('[')) throw new ScramArgumentError('Expected configuration string to start with [')
  if (!list.endsWith(']')) throw new ScramArgumentError('Expected configuration string to end with ]')
  return record(mechanism, components(list.slice(1, -1)))
}

const isMechanism = (name: string): name is ScramMechanismName => Object.hasOwn(ScramMechanismCode, name)

function components(list: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of list.split(',')) {
    const component = part.trim()
    const equals = component.indexOf('=')
    if (equals < 0) throw new ScramArgumentError(`No equals sign found in SCRAM component: ${component}`)
    const value = component.slice(equals + 1)
    const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    found.set(component.slice(0, equals), isQuoted ? value.slice(1, -1) : value)
  }
  return found
}

function record(mechanism: ScramMechanismName, parts: Map<string, string>): UserScramCredentialRecord {
  const take = (name: string): string | undefined => {
    const value = parts.get(name)
    parts.delete(name)
    return value
  }
  const name = take('name')
  if (name === undefined) throw new ScramArgumentError("You must supply 'name' to add-scram")
  const saltText = take('salt')
  const salt = saltText === undefined ? undefined : decoded('salt', saltText)
  const iterations = parsedIterations(take('iterations'))
  const password = take('password')
  const salted = take('saltedpassword')
  if (password === undefined && salted === undefined) {
    throw new ScramArgumentError("You must supply one of 'password' or 'saltedpassword' to add-scram")
  }
  if (password === undefined && salt === undefined) {
    throw new ScramArgumentError("You must supply 'salt' with 'saltedpassword' to add-scram")
  }
  // With both, saltedpassword is one too many.
  const unknown = [...(password !== undefined && salted !== undefined ? ['saltedpassword'] : []), ...parts.keys()]
  const givenSalted = password === undefined ? decoded('saltedPassword', salted ?? '') : undefined
  if (unknown.length > 0) throw new ScramArgumentError(`Unknown SCRAM configurations: ${unknown.sort().join(',')}`)
  const enumName = mechanism.replaceAll('-', '_')
  if (iterations < MIN_SCRAM_ITERATIONS) {
    throw new ScramArgumentError(
      `The 'iterations' value must be >= ${MIN_SCRAM_ITERATIONS} for add-scram using ${enumName}`,
    )
  }
  if (iterations > MAX_SCRAM_ITERATIONS) {
    throw new ScramArgumentError(
      `The 'iterations' value must be <= ${MAX_SCRAM_ITERATIONS} for add-scram using ${enumName}`,
    )
  }
  const usedSalt = salt ?? randomBytes(SALT_BYTES)
  const key = givenSalted ?? saltedPassword(mechanism, password ?? '', usedSalt, iterations)
  return { name, mechanism: ScramMechanismCode[mechanism], ...credentialOf(mechanism, key, usedSalt, iterations) }
}

function parsedIterations(text: string | undefined): number {
  if (text === undefined) return MIN_SCRAM_ITERATIONS
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || value !== (value | 0)) {
    throw new ScramArgumentError(`Failed to parse iterations count: ${text}`)
  }
  return value
}

function decoded(what: string, text: string): Buffer {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)) {
    throw new ScramArgumentError(`Failed to decode given ${what}: ${text}`)
  }
  return Buffer.from(text, 'base64')
}
