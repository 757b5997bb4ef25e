import { ErrorCode } from '../../protocol/errors.ts'

/** Name of an error of Kafka's protocol: 'NOT_LEADER_OR_FOLLOWER'. */
export type ErrorName = Exclude<keyof typeof ErrorCode, 'NONE'>

/** Whether a text names an error of Kafka's protocol. */
export function isErrorName(text: string): text is ErrorName {
  return text !== 'NONE' && Object.hasOwn(ErrorCode, text)
}

/** Which requests a rule is about; what is left out matches all. */
export interface FaultMatch {
  /** Name of the API, as Kafka's protocol guide has it: 'Produce', 'Fetch', 'JoinGroup' … */
  api?: string
  /** A topic the request names, by name or id. */
  topic?: string
  /** A group the request names. */
  group?: string
  transactionalId?: string
  /** client.id of the client. */
  clientId?: string
  /** 'User:alice'. */
  principal?: string
}

/** What happens to a request that a rule strikes. */
export type FaultEffect =
  /** It waits; so does what the connection sends after it. */
  | { kind: 'delay'; delayMs: number }
  /** It is never answered, nor is what the connection sends after it: a broker that hangs. */
  | { kind: 'drop' }
  /** The connection is closed. */
  | { kind: 'close' }
  /** It is answered with this error. */
  | { kind: 'error'; error: ErrorName }

/** How often and when a rule strikes. */
export interface FaultTiming {
  /**
   * 'request', the default: before the request is handled, so that nothing of it has happened. 'response': after, so that it has
   * happened and the client doesn't know.
   */
  when?: 'request' | 'response'
  /** Matching requests to let pass first. Default 0. */
  skip?: number
  /** Strikes at most so often. Default: without end. */
  times?: number
  /** Chance of a strike, 0 to 1. Default 1. */
  probability?: number
}

/** One fault on demand. */
export type FaultRule = FaultMatch & FaultTiming & FaultEffect
