import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { backoffMs, pause } from './backoff.ts'
import { ClientError } from './client-error.ts'
import type { Cluster } from './cluster.ts'
import type { Result } from './types.ts'

/**
 * Error codes inside an answer that a later attempt may not meet again. Others that Kafka calls retriable, such as
 * UNKNOWN_TOPIC_OR_PARTITION, are answers to a user's question and go to the caller.
 */
const RETRIED: ReadonlySet<number> = new Set([
  ErrorCode.NOT_CONTROLLER,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REPLICA_NOT_AVAILABLE,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.OFFSET_NOT_AVAILABLE,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.NETWORK_EXCEPTION,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
  ErrorCode.CONCURRENT_TRANSACTIONS,
])

export interface CallOptions {
  /** For the whole call with its retries. Default: default.api.timeout.ms. */
  timeoutMs?: number
  /** Codes to retry besides the usual ones. */
  alsoRetry?: readonly number[]
}

/** A call's time, shared by all its attempts. */
export interface Budget {
  remainingMs(): number
}

function isRetriable(error: unknown, options: CallOptions): boolean {
  if (error instanceof ClientError) return error.retriable
  return error instanceof KafkaError && (RETRIED.has(error.code) || (options.alsoRetry?.includes(error.code) ?? false))
}

/** What Java's admin asks to find the brokers of a call; until they are found it is part of the call's name. */
const lookups: readonly (readonly [api: string, calls: readonly string[]])[] = [
  ['METADATA', ['abortTransaction', 'deleteRecords', 'describeProducers', 'listOffsets', 'listTransactions']],
  [
    'FIND_COORDINATOR',
    [
      ...['describeConsumerGroups', 'deleteConsumerGroups', 'describeShareGroups', 'describeStreamsGroups'],
      ...['alterShareGroupOffsets', 'deleteShareGroupOffsets', 'describeShareGroupOffsets'],
      ...['offsetCommit', 'offsetDelete', 'offsetFetch', 'leaveGroup', 'describeTransactions', 'fenceProducer'],
    ],
  ],
]

/** Calls that Java's handlers have another name for. */
const handlerNames = new Map([
  ['alterConsumerGroupOffsets', 'offsetCommit'],
  ['deleteConsumerGroupOffsets', 'offsetDelete'],
  ['listConsumerGroupOffsets', 'offsetFetch'],
  ['listShareGroupOffsets', 'describeShareGroupOffsets'],
  // Java's first step.
  ['describeTopics', 'listNodes'],
])

/** A call as Java names it while it looks for a broker: `describeConsumerGroups(api=FIND_COORDINATOR)`. */
function lookupName(call: string): string {
  const name = handlerNames.get(call) ?? call
  const api = lookups.find(([, calls]) => calls.includes(name))?.[0]
  return api === undefined ? name : `${name}(api=${api})`
}

/**
 * Java's texts: without ever having had a broker to ask, "Timed out waiting for a node assignment"; otherwise how often and how
 * long it was tried.
 */
function timedOut(cluster: Cluster, call: string, attempts: number, timeoutMs: number, last: unknown): ClientError {
  const detail = last instanceof Error ? last.message : undefined
  const nextStep = last instanceof ClientError && last.nextStep ? last.nextStep : undefined
  const message = cluster.hasEverConnected
    ? `Call(callName=${call}, timeoutMs=${timeoutMs}) timed out after ${attempts} attempt(s)`
    : `Timed out waiting for a node assignment. Call: ${lookupName(call)}`
  return new ClientError('timeout', message, {
    ...(detail === undefined ? {} : { detail }),
    ...(nextStep === undefined ? {} : { nextStep }),
    retriable: false,
    cause: last,
  })
}

/**
 * Runs `attempt` until it succeeds, fails for good or the time is over; waits retry.backoff.ms and longer in between.
 *
 * @param call Kafka's name of the call, for messages ('listTopics').
 * @throws what `attempt` throws when it isn't retriable; ClientError 'timeout' with the last error as its cause.
 */
export async function withRetries<T>(
  cluster: Cluster,
  call: string,
  attempt: (budget: Budget) => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? cluster.settings.defaultApiTimeoutMs
  const deadlineMs = performance.now() + timeoutMs
  const budget: Budget = { remainingMs: () => Math.max(0, deadlineMs - performance.now()) }
  const { retryBackoffMs, retryBackoffMaxMs } = cluster.settings
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt(budget)
    } catch (error) {
      if (!isRetriable(error, options)) throw error
      cluster.noteRetriable(error)
      const delayMs = backoffMs(attempts - 1, retryBackoffMs, retryBackoffMaxMs)
      if (budget.remainingMs() <= delayMs) {
        await pause(budget.remainingMs(), cluster.closeSignal)
        throw timedOut(cluster, call, attempts, timeoutMs, error)
      }
      await pause(delayMs, cluster.closeSignal)
      if (cluster.closeSignal.aborted) throw new ClientError('closed', `The client was closed during ${call}.`)
    }
  }
}

/**
 * The same for a call over many things, which succeed and fail each for itself: `attempt` is given what is still open and
 * answers a Result for each; what failed retriably is tried again.
 *
 * @returns a Result per key, in the order of `keys`.
 * @throws only what stops the call as a whole (no broker, version not supported, authentication)
 */
export async function withRetriesPerKey<K, V>(
  cluster: Cluster,
  call: string,
  keys: readonly K[],
  attempt: (open: K[], budget: Budget) => Promise<Map<K, Result<V>>>,
  options: CallOptions = {},
): Promise<Map<K, Result<V>>> {
  const done = new Map<K, Result<V>>()
  let open = [...keys]
  const round = async (budget: Budget): Promise<void> => {
    const results = await attempt(open, budget)
    let retriable: Error | null = null
    const again: K[] = []
    for (const key of open) {
      const result = results.get(key) ?? { ok: false, error: missingResult(call, key) }
      done.set(key, result)
      if (result.ok || !isRetriable(result.error, options)) continue
      retriable = result.error
      again.push(key)
    }
    open = again
    if (retriable) throw retriable
  }
  if (open.length > 0) {
    try {
      await withRetries(cluster, call, round, options)
    } catch (error) {
      if (done.size < keys.length || !(error instanceof ClientError) || error.reason !== 'timeout') throw error
      for (const key of open) done.set(key, { ok: false, error })
    }
  }
  return new Map(keys.map((key) => [key, done.get(key) as Result<V>]))
}

function missingResult(call: string, key: unknown): ClientError {
  const name = typeof key === 'string' ? key : JSON.stringify(key)
  return new ClientError('protocol', `The broker's answer to ${call} says nothing of ${name}.`)
}

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const failed = (error: unknown): { ok: false; error: Error } => ({
  ok: false,
  error: error instanceof Error ? error : new Error(String(error)),
})
/** A Result from an error code and the broker's message. */
export const resultOf = <T>(code: number, message: string | null, value: () => T): Result<T> =>
  code === ErrorCode.NONE ? ok(value()) : failed(new KafkaError(code, message))
