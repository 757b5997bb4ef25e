import type { StorageError } from './errors.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import type { Log } from './log.ts'
import type { LogSegments } from './log-segments.ts'
import type { AppendOrigin } from './producer-append-info.ts'
import type { ProducerStateManager } from './producer-state-manager.ts'

export interface AppendOptions {
  /** Default `client`: producer epochs and sequences are checked, repetitions recognised. */
  origin?: AppendOrigin
  leaderEpoch: number
  /** Of WriteTxnMarkers: 2 makes the marker's epoch check strict (KIP-890). */
  transactionVersion?: number
  /** KIP-890: a producer without state must begin with sequence 0. */
  requireZeroWithoutState?: boolean
}

export interface AppendResult {
  /** Of the batches in the log; for a duplicate those of the original. */
  firstOffset: number
  lastOffset: number
  /** -1 unless the batches carry the broker's time; for a duplicate the original's timestamp. */
  logAppendTimeMs: number
  logStartOffset: number
  /** The client sent a batch that is in the log already: nothing was appended. */
  isDuplicate: boolean
  /** Fulfilled once the bytes are in the file; rejected with StorageError when the disk refused them. */
  written: Promise<void>
}

/** Is told what others wait for. Called in the turn it happens, never while the log is inconsistent. */
export interface LogListener {
  /** New records are readable up to `highWatermark`. */
  highWatermarkAdvanced?(log: Log, highWatermark: number): void
  /** The disk refused: the log dir may have to be taken offline. */
  storageFailed?(log: Log, error: StorageError): void
  /** Everything at or above `offset` is gone. */
  truncated?(log: Log, offset: number): void
}

/** The parts of a loaded log. */
export interface LogParts {
  segments: LogSegments
  epochs: LeaderEpochCache
  producers: ProducerStateManager
  logStartOffset: number
  logEndOffset: number
  recoveryPoint: number
}
