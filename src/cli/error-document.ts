import { CommandExit } from './exit.ts'
import type { FailedThing } from './machine.ts'

/** Something that went wrong; `thing` when it is one of several that were asked for. */
export interface Failure {
  error: unknown
  thing?: FailedThing | undefined
}

/** How an error came about: wrong arguments, no way to the cluster, the cluster's answer, several things that failed, anything else. */
export type ErrorKind = 'usage' | 'connection' | 'broker' | 'partial' | 'other'

/** Several of the things asked for failed, each in its own way. */
class PartialError extends Error {
  override name = 'PartialError'
}

export type ErrorFields = {
  kind: ErrorKind
  /** Kafka's name of the error (`UNKNOWN_TOPIC_OR_PARTITION`), or the client's reason (`refused`). */
  name: string | null
  /** Kafka's number of the error. */
  code: number | null
  /** What Java calls it. */
  class: string | null
  message: string
  detail: string | null
  nextStep: string | null
  isRetriable: boolean | null
}

/** What goes to standard error when a command fails under `--output json|yaml`. */
export interface ErrorDocument {
  error: ErrorFields & {
    exitCode: number
    /** What failed of the things asked for, each with its own error. */
    failures: { [name: string]: string | number | boolean | null }[]
    /** What the command said in Kafka's words until it ended, line by line. */
    output: string[]
  }
}

interface Described {
  errorName?: unknown
  reason?: unknown
  code?: unknown
  exceptionClass?: unknown
  detail?: unknown
  nextStep?: unknown
  retriable?: unknown
  failure?: unknown
  cause?: unknown
}

/** An error with everything behind it, outermost first. */
const chainOf = (error: unknown): unknown[] => {
  const chain: unknown[] = []
  for (let one = error; one !== undefined && one !== null && !chain.includes(one); ) {
    chain.push(one)
    one = (one as Described).failure ?? (one as Described).cause
  }
  return chain
}

const textIn = (chain: readonly unknown[], key: keyof Described): string | null => {
  for (const one of chain) {
    const value = (one as Described)[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

const isUsage = (error: unknown): boolean =>
  (error instanceof CommandExit && error.isUsage) ||
  /(Option|Argument|Argparse)Error$/.test((error as Error).name ?? '')

/** The error that says most: the cluster's or the client's own, else the outermost. */
const tellingOf = (chain: readonly unknown[]): unknown =>
  chain.find((one) => typeof (one as Described).errorName === 'string' || (one as Error).name === 'ClientError') ??
  chain[0]

const messageOf = (error: unknown): string => {
  if (error instanceof CommandExit) return error.isUsage ? error.message : error.brief.trim() || error.message
  return error instanceof Error ? error.message : String(error)
}

const kindOf = (chain: readonly unknown[], telling: Described & Error): ErrorKind => {
  if (chain.some(isUsage)) return 'usage'
  if (typeof telling.errorName === 'string') return 'broker'
  if (telling instanceof PartialError) return 'partial'
  return telling.name === 'ClientError' ? 'connection' : 'other'
}

/** An error as fields. */
export const errorFields = (error: unknown): ErrorFields => {
  const chain = chainOf(error)
  const telling = tellingOf(chain) as Described & Error
  const isBroker = typeof telling.errorName === 'string'
  const isClient = telling.name === 'ClientError'
  const isRetriable = typeof telling.retriable === 'boolean' ? telling.retriable : null
  return {
    kind: kindOf(chain, telling),
    name: isBroker ? String(telling.errorName) : isClient ? String(telling.reason) : null,
    code: isBroker && typeof telling.code === 'number' ? telling.code : null,
    class: textIn([telling, ...chain], 'exceptionClass'),
    message: messageOf(telling),
    detail: textIn(chain, 'detail'),
    nextStep: textIn(chain, 'nextStep'),
    isRetriable,
  }
}

const thingText = (thing: FailedThing): string =>
  Object.entries(thing)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(' ')

const overall = (failures: readonly Failure[], output: readonly string[]): unknown => {
  const whole = failures.filter(({ thing }) => thing === undefined).at(-1)
  if (whole !== undefined) return whole.error
  if (failures.length === 1) return failures[0]!.error
  if (failures.length === 0) return new Error(output.findLast((line) => line !== '') ?? 'The command failed.')
  return new PartialError(`${failures.length} failed: ${failures.map(({ thing }) => thingText(thing!)).join(', ')}`)
}

/** The document about a command that failed. */
export const errorDocument = (
  failures: readonly Failure[],
  output: readonly string[],
  exitCode: number,
): ErrorDocument => ({
  error: {
    ...errorFields(overall(failures, output)),
    exitCode,
    failures: failures.flatMap(({ error, thing }) =>
      thing === undefined ? [] : [{ ...thing, ...errorFields(error) }],
    ),
    output: [...output],
  },
})
