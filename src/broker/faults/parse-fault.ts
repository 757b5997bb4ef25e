import { type ErrorName, type FaultRule, isErrorName } from './fault-rule.ts'
import { DISK_ERRORS, type DiskError, type DiskFaultMatch } from './faulty-disk.ts'

/** A fault as `kt broker start --fault` takes it: about requests, or about the disk. */
export type ParsedFault =
  | { on: 'request'; rule: FaultRule }
  | { on: 'disk'; error: DiskError; match: DiskFaultMatch }
  | { on: 'disk'; delayMs: number; match: DiskFaultMatch }

/** A fault that can't be understood. */
export class FaultSyntaxError extends Error {
  override name = 'FaultSyntaxError'
  readonly nextStep =
    "Write for instance 'delay=200,api=Produce', 'error=NOT_LEADER_OR_FOLLOWER,api=Fetch,topic=orders,times=3', 'close,when=response' or 'disk=ENOSPC,path=orders-0'."
}

const MATCHES = ['api', 'topic', 'group', 'transactionalId', 'clientId', 'principal'] as const
const KINDS = ['delay', 'drop', 'close', 'error', 'disk', 'slow-disk']
const OPERATIONS = ['write', 'read', 'sync'] as const

class Settings {
  private readonly text: string
  private readonly values: Map<string, string>

  constructor(text: string, parts: readonly string[]) {
    this.text = text
    this.values = new Map(
      parts.map((part) => {
        const at = part.indexOf('=')
        if (at <= 0) throw this.wrong(`'${part}' is not a setting of the form name=value`)
        return [part.slice(0, at), part.slice(at + 1)]
      }),
    )
  }

  wrong(why: string): FaultSyntaxError {
    return new FaultSyntaxError(`The fault '${this.text}' is not valid: ${why}.`)
  }

  take(name: string): string | undefined {
    const value = this.values.get(name)
    this.values.delete(name)
    return value
  }

  number(name: string, min: number, max = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.take(name)
    return text === undefined ? undefined : this.toNumber(name, text, min, max)
  }

  toNumber(name: string, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const value = Number(text)
    if (text.trim() !== '' && value >= min && value <= max) return value
    throw this.wrong(`${name} must be a number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`)
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.take(name)
    const word = words.find((candidate) => candidate === text)
    if (text !== undefined && word === undefined) throw this.wrong(`${name} must be one of ${words.join(', ')}`)
    return word
  }

  end(): void {
    const [unknown] = this.values.keys()
    if (unknown !== undefined) throw this.wrong(`there is no setting ${unknown} here`)
  }
}

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>

/**
 * Reads a fault: what happens first (`delay=MS`, `drop`, `close`, `error=NAME`, `disk=ERRNO`, `slow-disk=MS`), then
 * comma-separated which requests (api, topic, group, transactionalId, clientId, principal) or files (path, operation), and how often
 * (skip, times, probability, when=request|response).
 *
 * @throws FaultSyntaxError
 */
export function parseFault(text: string): ParsedFault {
  const [what = '', ...parts] = text.split(',').map((part) => part.trim())
  const settings = new Settings(text, parts)
  const at = what.indexOf('=')
  const kind = at < 0 ? what : what.slice(0, at)
  const value = at < 0 ? '' : what.slice(at + 1)
  if (!KINDS.includes(kind)) throw settings.wrong(`it has to begin with one of ${KINDS.join(', ')}`)
  const parsed = kind.endsWith('disk') ? parseDisk(kind, value, settings) : parseRequest(kind, value, settings)
  settings.end()
  return parsed
}

function parseDisk(kind: string, value: string, settings: Settings): ParsedFault {
  const match = defined({ operation: settings.oneOf('operation', OPERATIONS), path: settings.take('path') })
  if (kind === 'slow-disk') return { on: 'disk', delayMs: settings.toNumber('slow-disk', value, 0), match }
  const error = DISK_ERRORS.find((name) => name === value)
  if (!error) throw settings.wrong(`disk must be one of ${DISK_ERRORS.join(', ')}`)
  return { on: 'disk', error, match }
}

function parseRequest(kind: string, value: string, settings: Settings): ParsedFault {
  const matches = Object.fromEntries(MATCHES.map((name) => [name, settings.take(name)]))
  const rest = defined({
    ...matches,
    when: settings.oneOf('when', ['request', 'response']),
    skip: settings.number('skip', 0),
    times: settings.number('times', 1),
    probability: settings.number('probability', 0, 1),
  })
  if (kind === 'delay') {
    return { on: 'request', rule: { ...rest, kind: 'delay', delayMs: settings.toNumber('delay', value, 0) } }
  }
  if (kind === 'error') return { on: 'request', rule: { ...rest, kind: 'error', error: errorName(value, settings) } }
  if (value !== '') throw settings.wrong(`${kind} takes no value`)
  return { on: 'request', rule: { ...rest, kind: kind === 'drop' ? 'drop' : 'close' } }
}

function errorName(text: string, settings: Settings): ErrorName {
  if (isErrorName(text)) return text
  throw settings.wrong(`${text} is no error of Kafka's protocol`)
}
