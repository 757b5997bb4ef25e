import { ErrorCode, KafkaError } from '../../protocol/errors.ts'

/**
 * The code to answer to a producer.
 *
 * @param knowsFenced false for request versions older than PRODUCER_FENCED: they get INVALID_PRODUCER_EPOCH (KIP-588)
 * @throws what is no KafkaError
 */
export function txnErrorCode(error: unknown, knowsFenced: boolean): number {
  if (!(error instanceof KafkaError)) throw error
  return error.code === ErrorCode.PRODUCER_FENCED && !knowsFenced ? ErrorCode.INVALID_PRODUCER_EPOCH : error.code
}
