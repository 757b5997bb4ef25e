import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'

/** Names of the errors of a failed append by what a group's client is to be told: to try again, or find the coordinator anew. */
const ANSWER_BY_APPEND_ERROR: { readonly [name: string]: number } = {
  UNKNOWN_TOPIC_OR_PARTITION: ErrorCode.COORDINATOR_NOT_AVAILABLE,
  NOT_ENOUGH_REPLICAS: ErrorCode.COORDINATOR_NOT_AVAILABLE,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: ErrorCode.COORDINATOR_NOT_AVAILABLE,
  REQUEST_TIMED_OUT: ErrorCode.COORDINATOR_NOT_AVAILABLE,
  NOT_LEADER_OR_FOLLOWER: ErrorCode.NOT_COORDINATOR,
  KAFKA_STORAGE_ERROR: ErrorCode.NOT_COORDINATOR,
  MESSAGE_TOO_LARGE: ErrorCode.UNKNOWN_SERVER_ERROR,
  RECORD_LIST_TOO_LARGE: ErrorCode.UNKNOWN_SERVER_ERROR,
}

/** The error of a group's request whose records could not be appended; `cause` is what the append said. */
export function appendFailure(cause: unknown): KafkaError {
  const name = appendErrorName(cause)
  const code = ANSWER_BY_APPEND_ERROR[name] ?? (ErrorCode as { readonly [name: string]: number })[name]
  return new KafkaError(code ?? ErrorCode.UNKNOWN_SERVER_ERROR, undefined, { cause })
}

function appendErrorName(error: unknown): string {
  if (error instanceof KafkaError) return error.errorName
  if (error instanceof Error && 'kafkaError' in error && typeof error.kafkaError === 'string') return error.kafkaError
  return errorName(ErrorCode.UNKNOWN_SERVER_ERROR)
}

/** @returns the error code to answer; errors that are no KafkaError are the broker's own fault and go on up */
export function codeOf(error: unknown): number {
  if (error instanceof KafkaError) return error.code
  throw error
}
