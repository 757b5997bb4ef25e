/**
 * Secrets stay out of profiles: a property's value may say where the secret is instead. `exec:COMMAND` is the first line a command
 * prints, `keyring:SERVICE/ACCOUNT` what the system's keyring holds, `env:NAME` a variable, `file:PATH` a file's content.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from './places.ts'
import { ProfileError } from './profile-error.ts'

/** How long a command may take; long enough to type the passphrase of a password store. */
const EXEC_TIMEOUT_MS = 60_000

/** More than that is no secret. */
const MAX_OUTPUT_BYTES = 1024 * 1024

/** Kinds of reference. `file://` is the beginning of a URL, which some of Kafka's settings take. */
const REFERENCE = /^(exec|keyring|env|file):(?!\/\/)(.+)$/s

/** Names of properties that hold a secret themselves. */
const SECRET_NAME = /password|secret|jaas\.config|keystore\.key$|\.token$|api[._]key/i

/** Does a value say where a secret is? */
export const isReference = (value: string): boolean => REFERENCE.test(value)

/** Is this a secret written down as it is? */
export const isLiteralSecret = (name: string, value: string): boolean => SECRET_NAME.test(name) && !isReference(value)

/** A property's value as it may be shown: secrets masked, and the arguments of commands too, since they may hold some. */
export const shownValue = (name: string, value: string): string => {
  if (value.startsWith('exec:')) {
    const [program, ...more] = value.slice('exec:'.length).trim().split(/\s+/)
    return `exec:${program}${more.length > 0 ? ' …' : ''}`
  }
  return isLiteralSecret(name, value) ? '[hidden]' : value
}

/** Words of a command line: blanks part them; quotes, single or double, and backslashes keep them together. */
export const commandWords = (text: string): string[] => {
  const words: string[] = []
  const pattern = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)/gs
  let word: string | undefined
  for (const [, single, double, escaped, bare, blank] of text.trim().matchAll(pattern)) {
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + (single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? bare ?? '')
  }
  return word === undefined ? words : [...words, word]
}

/** The first line a command prints; no shell reads it. Its standard error is the user's, so that it may say what is wrong. */
const execute = (command: string, what: string, env: Environment, timeoutMs: number): Promise<string> => {
  const [program = '', ...args] = commandWords(command)
  const failed = (reason: string): ProfileError =>
    new ProfileError(
      `${what}: the command '${program}' ${reason}.`,
      'Try it at the prompt. No shell runs it; for pipes and variables there is exec:sh -c "…".',
    )
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'inherit'], timeout: timeoutMs })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > MAX_OUTPUT_BYTES) child.kill()
    })
    child.once('error', ({ message }) => reject(failed(`can't be run: ${message}`)))
    child.once('close', (code, signal) => {
      const line = output.split(/\r?\n/, 1)[0]!
      if (signal !== null) reject(failed(`was stopped (${signal}; it may take ${timeoutMs / 1000} s)`))
      else if (code !== 0) reject(failed(`ended with exit code ${code}`))
      else if (line === '') reject(failed('printed nothing'))
      else resolve(line)
    })
  })
}

/** SERVICE/ACCOUNT of a reference. */
const keyringPlace = (place: string, what: string): [service: string, account: string] => {
  const slash = place.indexOf('/')
  if (slash > 0 && slash < place.length - 1) return [place.slice(0, slash), place.slice(slash + 1)]
  throw new ProfileError(`${what}: 'keyring:${place}' names no secret.`, 'It is keyring:SERVICE/ACCOUNT.')
}

/** Where `kt profile` itself puts a secret of a profile. */
export const keyringPlaceOf = (profile: string, property: string): string => `kt/${profile}/${property}`

const keyringFailed = (what: string, cause: unknown): ProfileError =>
  new ProfileError(
    `${what}: the system's keyring can't be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Is it locked? It needs the Keychain, the Credential Manager, or on Linux a running Secret Service (gnome-keyring, KWallet). ' +
      'Without one: exec:COMMAND, env:NAME or file:PATH.',
    { cause },
  )

const fromKeyring = async (place: string, what: string): Promise<string> => {
  const [service, account] = keyringPlace(place, what)
  let secret: string | null
  try {
    const { Entry } = await import('@napi-rs/keyring')
    secret = new Entry(service, account).getPassword()
  } catch (error) {
    throw keyringFailed(what, error)
  }
  if (secret) return secret
  throw new ProfileError(
    `${what}: the keyring has no secret of service '${service}' and account '${account}'.`,
    '`kt profile add` at a terminal puts one there.',
  )
}

/** Puts a secret into the system's keyring; `place` is SERVICE/ACCOUNT. Throws ProfileError where there is no keyring. */
export const storeInKeyring = async (place: string, secret: string): Promise<void> => {
  const [service, account] = keyringPlace(place, 'The secret')
  try {
    const { Entry } = await import('@napi-rs/keyring')
    new Entry(service, account).setPassword(secret)
  } catch (error) {
    throw keyringFailed('The secret was not stored', error)
  }
}

/** Removes a secret from the system's keyring. Throws ProfileError where there is no keyring. */
export const removeFromKeyring = async (place: string): Promise<void> => {
  const [service, account] = keyringPlace(place, 'The secret')
  try {
    const { Entry } = await import('@napi-rs/keyring')
    new Entry(service, account).deletePassword()
  } catch (error) {
    throw keyringFailed(`The secret keyring:${place} was not removed`, error)
  }
}

const fromFile = (path: string, what: string): string => {
  const full = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
  try {
    return readFileSync(full, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const { message } = error as Error
    throw new ProfileError(`${what}: ${message}`, 'It is the path after file: that is meant.', { cause: error })
  }
}

/**
 * The value that a property's value stands for.
 * @param what names property and profile in errors; the secret never does
 * @throws ProfileError when it can't be had
 */
export const resolveValue = async (
  value: string,
  what: string,
  env: Environment,
  execTimeoutMs = EXEC_TIMEOUT_MS,
): Promise<string> => {
  const [, kind, rest = ''] = REFERENCE.exec(value) ?? []
  if (kind === undefined) return value
  if (kind === 'exec') return execute(rest, what, env, execTimeoutMs)
  if (kind === 'keyring') return fromKeyring(rest, what)
  if (kind === 'file') return fromFile(rest, what)
  const found = env[rest]
  if (found) return found
  throw new ProfileError(`${what}: the environment variable ${rest} is not set.`, `Set ${rest}.`)
}
