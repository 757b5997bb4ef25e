import { ErrorCode, KafkaError } from '../../protocol/errors.ts'

/** The requests of a transaction; 'produce' are its records. */
export type TxnCall =
  | 'initProducerId'
  | 'addPartitionsToTxn'
  | 'addOffsetsToTxn'
  | 'txnOffsetCommit'
  | 'endTxn'
  | 'produce'

/** Nothing helps but a new producer. */
const FATAL: ReadonlySet<number> = new Set([
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  ErrorCode.UNSUPPORTED_VERSION,
  ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
])

/** Of what a coordinator answers, the errors after which the transaction can be aborted and the next one begun. */
const ABORTABLE: ReadonlySet<number> = new Set([
  ErrorCode.TRANSACTION_ABORTABLE,
  ErrorCode.UNKNOWN_PRODUCER_ID,
  ErrorCode.GROUP_AUTHORIZATION_FAILED,
  ErrorCode.FENCED_INSTANCE_ID,
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.ILLEGAL_GENERATION,
])

/** What leaders answer to a producer that may well be sound: aborting tells. */
const ABORTABLE_OF_LEADERS: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.INVALID_PRODUCER_ID_MAPPING,
])

/** Whether a failed request means the end of the producer, by the rules of Java's TransactionManager; else the transaction may be aborted. */
export function isFatal(call: TxnCall, error: unknown): boolean {
  if (!(error instanceof KafkaError) || error.retriable) return false
  if (call === 'produce') return FATAL.has(error.code) && !ABORTABLE_OF_LEADERS.has(error.code)
  if (call === 'initProducerId' || call === 'addPartitionsToTxn') return FATAL.has(error.code)
  return !ABORTABLE.has(error.code)
}

/** An error of a coordinator as the application is told it. */
export function toldAs(call: TxnCall, error: unknown): unknown {
  if (!(error instanceof KafkaError)) return error
  // From a coordinator an old epoch is that of a producer that another has replaced.
  if (error.code === ErrorCode.INVALID_PRODUCER_EPOCH) return new KafkaError(ErrorCode.PRODUCER_FENCED)
  if (call !== 'txnOffsetCommit') return error
  if (error.code === ErrorCode.UNKNOWN_MEMBER_ID || error.code === ErrorCode.ILLEGAL_GENERATION) {
    const text = `Transaction offset Commit failed due to consumer group metadata mismatch: ${error.message}`
    return new KafkaError(error.code, text)
  }
  return error
}
