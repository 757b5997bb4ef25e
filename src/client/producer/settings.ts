import type { CompressionType } from '../../protocol/records/compression.ts'
import type { ClientSettings } from '../settings.ts'
import type { ProducerBatch } from './batch.ts'

/** What a producer is told besides the cluster's settings. Names are Kafka's producer configs. */
export interface ProducerSettings extends ClientSettings {
  /** 0: no answer, 1: the leader has it, -1 (`all`): all in-sync replicas have it. */
  acks: -1 | 0 | 1
  batchSizeBytes: number
  lingerMs: number
  bufferMemoryBytes: number
  maxRequestSizeBytes: number
  maxBlockMs: number
  deliveryTimeoutMs: number
  retries: number
  maxInFlightRequests: number
  /** Taken back silently, as Java does when it is the default, where acks, retries or the window don't allow it. */
  enableIdempotence: boolean
  compressionType: CompressionType
  compressionLevel: number | undefined
  partitionerIgnoreKeys: boolean
  /** Given: records are written in transactions (KIP-98), see Producer.transactions. */
  transactionalId: string | null
  transactionTimeoutMs: number
  /** Called once for every batch that is done with; `error` undefined when it was written. */
  onBatchDone: ((batch: ProducerBatch, error: Error | undefined) => void) | null
  /**
   * Gets every record that could not be written, unless it was given to `send`, whose promise rejects instead. Key and value are
   * views that hold only during the call.
   */
  onError: (error: Error, record: FailedRecord) => void
}

export interface FailedRecord {
  topic: string
  /** -1 when it was never given one. */
  partition: number
  key: Buffer | null
  value: Buffer | null
}

/** Java's defaults. */
export const PRODUCER_DEFAULTS = {
  clientId: 'producer-1',
  acks: -1,
  batchSizeBytes: 16_384,
  lingerMs: 5,
  bufferMemoryBytes: 33_554_432,
  maxRequestSizeBytes: 1_048_576,
  maxBlockMs: 60_000,
  deliveryTimeoutMs: 120_000,
  retries: 0x7fffffff,
  maxInFlightRequests: 5,
  enableIdempotence: true,
  compressionType: 'none',
  compressionLevel: undefined,
  partitionerIgnoreKeys: false,
  transactionalId: null,
  transactionTimeoutMs: 60_000,
  onBatchDone: null,
  onError: (): void => {},
} as const satisfies Partial<ProducerSettings>

/** Whether batches carry sequences (KIP-98), which needs acks=all, retries and at most five requests under way. */
export function isIdempotent(settings: ProducerSettings): boolean {
  const { enableIdempotence, acks, retries, maxInFlightRequests } = settings
  return enableIdempotence && acks === -1 && retries > 0 && maxInFlightRequests <= 5
}
