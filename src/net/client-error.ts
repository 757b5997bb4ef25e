/** Why a client could not do its work, for programs; the message is for people. */
export type ClientErrorReason =
  | 'refused'
  | 'unreachable'
  | 'dns'
  | 'timeout'
  | 'tls'
  | 'not-kafka'
  | 'authentication'
  | 'disconnected'
  | 'closed'
  | 'unsupported-version'
  | 'protocol'
  | 'config'
  | 'record-too-large'
  | 'wakeup'
  | 'no-offset'

const JAVA_CLASS: Record<ClientErrorReason, string> = {
  refused: 'org.apache.kafka.common.errors.DisconnectException',
  unreachable: 'org.apache.kafka.common.errors.DisconnectException',
  dns: 'org.apache.kafka.common.config.ConfigException',
  timeout: 'org.apache.kafka.common.errors.TimeoutException',
  tls: 'org.apache.kafka.common.errors.SslAuthenticationException',
  'not-kafka': 'org.apache.kafka.common.errors.DisconnectException',
  authentication: 'org.apache.kafka.common.errors.SaslAuthenticationException',
  disconnected: 'org.apache.kafka.common.errors.DisconnectException',
  closed: 'java.lang.IllegalStateException',
  'unsupported-version': 'org.apache.kafka.common.errors.UnsupportedVersionException',
  protocol: 'org.apache.kafka.common.KafkaException',
  config: 'org.apache.kafka.common.config.ConfigException',
  'record-too-large': 'org.apache.kafka.common.errors.RecordTooLargeException',
  wakeup: 'org.apache.kafka.common.errors.WakeupException',
  'no-offset': 'org.apache.kafka.clients.consumer.NoOffsetForPartitionException',
}

/** What going on trying may cure: the same request can succeed on another connection or a moment later. */
const RETRIABLE: ReadonlySet<ClientErrorReason> = new Set(['refused', 'unreachable', 'timeout', 'disconnected'])

export interface ClientErrorDetails {
  host?: string
  port?: number
  /** What lies behind: the last thing that went wrong, in one sentence. */
  detail?: string
  /** What the user can do about it, in one sentence. */
  nextStep?: string
  /** Overrides what the reason says. */
  retriable?: boolean
  /** Overrides the Java class the reason stands for. */
  exceptionClass?: string
  cause?: unknown
}

/**
 * Something the client met by itself, as opposed to an error a broker answered (KafkaError). `message` is Kafka's own text where
 * Kafka's clients have one; `detail` and `nextStep` say more, each a sentence for the user or null.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly reason: ClientErrorReason
  readonly host: string | null
  readonly port: number | null
  readonly detail: string | null
  readonly nextStep: string | null
  readonly retriable: boolean
  /** The exception Kafka's Java clients throw in this place, with its package, as Kafka's tools print it. */
  readonly exceptionClass: string

  constructor(reason: ClientErrorReason, message: string, details: ClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.reason = reason
    this.host = details.host ?? null
    this.port = details.port ?? null
    this.detail = details.detail ?? null
    this.nextStep = details.nextStep ?? null
    this.retriable = details.retriable ?? RETRIABLE.has(reason)
    this.exceptionClass = details.exceptionClass ?? JAVA_CLASS[reason]
  }
}
