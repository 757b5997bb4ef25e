import { buildBatch } from './batch-builder.ts'
import type { RecordCursor } from './record-cursor.ts'

/** What a control record is, by the type in its key. Records of unknown types are skipped by consumers. */
export const ControlType = {
  ABORT: 0,
  COMMIT: 1,
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  KRAFT_VOTERS: 6,
} as const

export interface ControlKey {
  version: number
  /** One of ControlType, or a type of a later version. */
  type: number
}

/** Ends a transaction in a partition. */
export interface EndTxnMarker {
  commit: boolean
  /** Of the transaction coordinator; fences markers of an older one. */
  coordinatorEpoch: number
}

/** A control record that isn't what it should be. */
export class ControlRecordError extends Error {
  override readonly name = 'ControlRecordError'

  constructor(reason: string) {
    super(`The control record can't be read: ${reason}. The log is damaged, or of a version unknown here.`)
  }
}

const CURRENT_KEY_VERSION = 0
const KEY_BYTES = 4
const CURRENT_MARKER_VERSION = 0
const MARKER_BYTES = 6

/** The key of a control record: version int16 | type int16. */
export function encodeControlKey(type: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeInt16BE(CURRENT_KEY_VERSION, 0)
  key.writeInt16BE(type, 2)
  return key
}

/**
 * Reads the key of a control record. Later versions may have more bytes, which are ignored, as in Kafka.
 *
 * @throws ControlRecordError
 */
export function decodeControlKey(key: Buffer | null): ControlKey {
  if (key === null || key.length < KEY_BYTES) {
    throw new ControlRecordError(`its key has ${key?.length ?? 'no'} bytes where ${KEY_BYTES} are needed`)
  }
  const version = key.readInt16BE(0)
  if (version < 0) throw new ControlRecordError(`its key has the version ${version}`)
  return { version, type: key.readInt16BE(2) }
}

/** The value of a commit or abort marker: version int16 | coordinatorEpoch int32. */
export function encodeEndTxnMarkerValue(coordinatorEpoch: number): Buffer {
  const value = Buffer.alloc(MARKER_BYTES)
  value.writeInt16BE(CURRENT_MARKER_VERSION, 0)
  value.writeInt32BE(coordinatorEpoch, 2)
  return value
}

/**
 * Reads a commit or abort marker from the key and value of a control record.
 *
 * @returns undefined for control records of other types.
 * @throws ControlRecordError
 */
export function decodeEndTxnMarker(key: Buffer | null, value: Buffer | null): EndTxnMarker | undefined {
  const { type } = decodeControlKey(key)
  if (type !== ControlType.ABORT && type !== ControlType.COMMIT) return undefined
  if (value === null || value.length < MARKER_BYTES) {
    throw new ControlRecordError(`its marker has ${value?.length ?? 'no'} bytes where ${MARKER_BYTES} are needed`)
  }
  const version = value.readInt16BE(0)
  if (version < 0) throw new ControlRecordError(`its marker has the version ${version}`)
  return { commit: type === ControlType.COMMIT, coordinatorEpoch: value.readInt32BE(2) }
}

/** As decodeEndTxnMarker, of the record that the cursor stands at. */
export function endTxnMarkerAt(cursor: RecordCursor): EndTxnMarker | undefined {
  return decodeEndTxnMarker(cursor.key(), cursor.value())
}

export interface EndTxnMarkerBatch extends EndTxnMarker {
  producerId: number
  producerEpoch: number
  timestamp: number
  baseOffset?: number
  partitionLeaderEpoch?: number
}

/** The batch that ends a producer's transaction in a partition: one control record, transactional, without sequence. */
export function buildEndTxnMarkerBatch(marker: EndTxnMarkerBatch): Buffer {
  const { commit, coordinatorEpoch, timestamp, ...batch } = marker
  const key = encodeControlKey(commit ? ControlType.COMMIT : ControlType.ABORT)
  const record = { key, value: encodeEndTxnMarkerValue(coordinatorEpoch), timestamp }
  return buildBatch([record], { ...batch, transactional: true, control: true })
}
