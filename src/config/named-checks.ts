/** Checks of single configs that no general rule expresses; the fact files refer to them by name. */

import type { ConfigValue } from './config-def.ts'
import { ConfigError } from './config-error.ts'
import { parseJavaDuration } from './java-duration.ts'
import { parseJavaInteger } from './java-number.ts'

/** Names of the checks. */
export type NamedCheck =
  | 'gzip-level'
  | 'throttled-replicas'
  | 'quorum-bootstrap-servers'
  | 'quorum-voters'
  | 'auto-offset-reset'
  | 'share-auto-offset-reset'
  | 'share-acknowledgement-mode'
  | 'share-acquire-mode'

type Fail = (reason: string) => ConfigError

const CHECKS: Readonly<Record<NamedCheck, (name: string, value: ConfigValue, fail: Fail) => void>> = {
  'gzip-level': (_name, value, fail) => gzipLevel(value as number, fail),
  'throttled-replicas': (name, value, fail) => throttledReplicas(name, value as readonly string[], fail),
  'quorum-bootstrap-servers': (name, value) => quorumBootstrapServers(name, value as readonly string[]),
  'quorum-voters': (name, value) => {
    parseVoters(name, value as readonly string[])
  },
  'auto-offset-reset': (name, value, fail) =>
    offsetReset(name, value as string, ['earliest', 'latest', 'none'], '.>', fail),
  'share-auto-offset-reset': (name, value, fail) =>
    offsetReset(name, value as string, ['earliest', 'latest'], '>', fail),
  'share-acknowledgement-mode': (name, value, fail) => oneOfTwo(name, value as string, 'implicit', 'explicit', fail),
  'share-acquire-mode': (name, value, fail) => oneOfTwo(name, value as string, 'batch_optimized', 'record_limit', fail),
}

/**
 * @param fail builds the error "Invalid value … for configuration …: reason"
 * @throws ConfigError if the value fails the check
 */
export function runNamedCheck(check: NamedCheck, name: string, value: ConfigValue, fail: Fail): void {
  CHECKS[check](name, value, fail)
}

function gzipLevel(level: number, fail: Fail): void {
  if (level !== -1 && (level < 1 || level > 9)) throw fail('Value must be between 1 and 9 or equal to -1')
}

function throttledReplicas(name: string, replicas: readonly string[], fail: Fail): void {
  if (replicas.join('') === '*') return
  if (replicas.every((replica) => /^(?:[0-9]+:[0-9]+)?$/.test(replica))) return
  throw fail(
    `${name} must be the literal '*' or a list of replicas in the following format: ` +
      '[partitionId]:[brokerId],[partitionId]:[brokerId],...',
  )
}

function offsetReset(name: string, value: string, words: readonly string[], tail: string, fail: Fail): void {
  if (words.includes(value) || parseByDuration(value) !== null) return
  const quoted = words.map((word) => `'${word}'`).join(', ')
  throw fail(
    `Invalid value \`${value}\` for configuration ${name}. ` +
      `The value must be either ${quoted} or of the format 'by_duration:<PnDTnHnMn.nS${tail}'.`,
  )
}

/** @returns milliseconds of a `by_duration:PT1H` reset policy, or null if it is none or negative */
export function parseByDuration(value: string): number | null {
  if (!value.startsWith('by_duration:')) return null
  const durationMs = parseJavaDuration(value.slice('by_duration:'.length))
  return durationMs !== null && durationMs >= 0 ? durationMs : null
}

function oneOfTwo(name: string, value: string, one: string, other: string, fail: Fail): void {
  if (value === one || value === other) return
  throw fail(`Invalid value \`${value}\` for configuration ${name}. The value must either be '${one}' or '${other}'.`)
}

const HOST_AND_PORT = /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)/

function quorumBootstrapServers(name: string, servers: readonly string[]): void {
  for (const server of servers) {
    if (HOST_AND_PORT.test(server)) continue
    throw new ConfigError(
      `Failed to parse host name from ${server} for the configuration ${name}. ` +
        'Each entry should be in the form "{host}:{port}"',
    )
  }
}

/**
 * @param voters entries such as `1@localhost:9093`
 * @returns the voters' node ids and addresses
 * @throws ConfigError for an entry of another form
 */
export function parseVoters(name: string, voters: readonly string[]): { id: number; host: string; port: number }[] {
  return voters.map((voter) => {
    const parts = voter.split('@')
    if (parts.length !== 2) {
      throw new ConfigError(
        `Invalid configuration value for ${name}. Each entry should be in the form \`{id}@{host}:{port}\`.`,
      )
    }
    const id = parseJavaInteger(parts[0]!, 32)
    if (id === null) throw new ConfigError(`Failed to parse voter ID as an integer from ${parts[0]}`)
    const address = HOST_AND_PORT.exec(parts[1]!)
    if (!address)
      throw new ConfigError(
        `Failed to parse host name from entry ${voter} for the configuration ${name}. Each entry should be in the form \`{id}@{host}:{port}\`.`,
      )
    return { id: Number(id), host: address[1]!, port: Number(address[2]) }
  })
}
