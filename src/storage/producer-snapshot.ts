import { readInt64, writeInt64 } from '../base/bytes.ts'
import { crc32c } from '../base/crc32c.ts'
import type { ProducerStateEntry } from './producer-state-entry.ts'

const VERSION = 1
const HEADER_BYTES = 10
const CRC_START = 6
const ENTRY_BYTES = 46

/** A snapshot that is torn or of another version, in Kafka's words. It is dropped, and an older one taken. */
export class CorruptSnapshotError extends Error {
  override name = 'CorruptSnapshotError'
}

/**
 * Encodes producer state as Kafka's .snapshot file: version int16, CRC32C of what follows, number of entries int32, then
 * per producer: id int64, epoch int16, last sequence int32, last offset int64, offset delta int32, timestamp int64,
 * coordinator epoch int32, first offset of the current transaction int64.
 */
export function encodeProducerSnapshot(producers: readonly ProducerStateEntry[]): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES + producers.length * ENTRY_BYTES)
  buffer.writeInt16BE(VERSION, 0)
  buffer.writeInt32BE(producers.length, CRC_START)
  producers.forEach((entry, index) => {
    const at = HEADER_BYTES + index * ENTRY_BYTES
    const last = entry.batches.at(-1)
    writeInt64(buffer, at, entry.producerId)
    buffer.writeInt16BE(entry.producerEpoch, at + 8)
    buffer.writeInt32BE(last?.lastSequence ?? -1, at + 10)
    writeInt64(buffer, at + 14, last?.lastOffset ?? -1)
    buffer.writeInt32BE(last?.offsetDelta ?? 0, at + 22)
    writeInt64(buffer, at + 26, entry.lastTimestamp)
    buffer.writeInt32BE(entry.coordinatorEpoch, at + 34)
    writeInt64(buffer, at + 38, entry.currentTxnFirstOffset)
  })
  buffer.writeUInt32BE(crc32c(buffer.subarray(CRC_START)), 2)
  return buffer
}

/** Decodes a .snapshot file. Throws CorruptSnapshotError. */
export function decodeProducerSnapshot(buffer: Buffer): ProducerStateEntry[] {
  const version = buffer.length >= 2 ? buffer.readInt16BE(0) : VERSION
  if (version !== VERSION) {
    const why = `Snapshot contained an unknown file version ${version}`
    throw new CorruptSnapshotError(`Snapshot failed schema validation: ${why}`)
  }
  const count = buffer.length >= HEADER_BYTES ? buffer.readInt32BE(CRC_START) : -1
  if (count < 0 || buffer.length !== HEADER_BYTES + count * ENTRY_BYTES) {
    throw new CorruptSnapshotError('Snapshot failed schema validation: null')
  }
  const stored = buffer.readUInt32BE(2)
  const computed = crc32c(buffer.subarray(CRC_START))
  if (stored !== computed) {
    const crcs = `Stored crc: ${stored}. Computed crc: ${computed}`
    throw new CorruptSnapshotError(`Snapshot is corrupt (CRC is no longer valid). ${crcs}`)
  }
  return Array.from({ length: count }, (_, index) => decodeEntry(buffer, HEADER_BYTES + index * ENTRY_BYTES))
}

function decodeEntry(buffer: Buffer, at: number): ProducerStateEntry {
  const lastOffset = readInt64(buffer, at + 14)
  const timestamp = readInt64(buffer, at + 26)
  const last = {
    lastSequence: buffer.readInt32BE(at + 10),
    lastOffset,
    offsetDelta: buffer.readInt32BE(at + 22),
    timestamp,
  }
  return {
    producerId: readInt64(buffer, at),
    producerEpoch: buffer.readInt16BE(at + 8),
    lastTimestamp: timestamp,
    coordinatorEpoch: buffer.readInt32BE(at + 34),
    currentTxnFirstOffset: readInt64(buffer, at + 38),
    batches: lastOffset >= 0 ? [last] : [],
  }
}
