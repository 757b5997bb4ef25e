import { sizeOfVarint } from '../../base/varint.ts'
import type { RecordHeaderInput } from '../../protocol/records/batch-builder.ts'
import { BATCH_OVERHEAD } from '../../protocol/records/batch-header.ts'
import { ClientError } from '../client-error.ts'
import type { ProducerSettings } from './settings.ts'

/** Java's DefaultRecord.MAX_RECORD_OVERHEAD: length, attributes and both deltas at their longest. */
const MAX_RECORD_OVERHEAD = 21

const fieldSize = (field: Buffer | null): number => (field === null ? 1 : sizeOfVarint(field.length) + field.length)

/** Most bytes a record can take as a batch of its own (Java's estimateSizeInBytesUpperBound). */
export function recordSizeUpperBound(
  key: Buffer | null,
  value: Buffer | null,
  headers: readonly RecordHeaderInput[] | null,
): number {
  let sizeBytes =
    BATCH_OVERHEAD + MAX_RECORD_OVERHEAD + fieldSize(key) + fieldSize(value) + sizeOfVarint(headers?.length ?? 0)
  for (const header of headers ?? []) {
    sizeBytes += fieldSize(Buffer.from(header.key)) + fieldSize(header.value)
  }
  return sizeBytes
}

/**
 * Refuses a record no request may carry.
 *
 * @throws ClientError 'record-too-large' with Java's text
 */
export function requireFits(
  settings: ProducerSettings,
  key: Buffer | null,
  value: Buffer | null,
  headers: readonly RecordHeaderInput[] | null,
): void {
  const { maxRequestSizeBytes, bufferMemoryBytes } = settings
  const roughly = (key?.length ?? 0) + (value?.length ?? 0)
  if (headers === null && roughly + 256 < maxRequestSizeBytes && roughly + 256 < bufferMemoryBytes) return
  const sizeBytes = recordSizeUpperBound(key, value, headers)
  if (sizeBytes > maxRequestSizeBytes) {
    throw new ClientError(
      'record-too-large',
      `The message is ${sizeBytes} bytes when serialized which is larger than ${maxRequestSizeBytes}, which is the value of the max.request.size configuration.`,
      { nextStep: "Raise max.request.size, and the topic's max.message.bytes if it is lower." },
    )
  }
  if (sizeBytes > bufferMemoryBytes) {
    throw new ClientError(
      'record-too-large',
      `The message is ${sizeBytes} bytes when serialized which is larger than the total memory buffer you have configured with the buffer.memory configuration.`,
      { nextStep: 'Raise buffer.memory.' },
    )
  }
}
