import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { println } from '../../cli/io.ts'
import { BASE_OFFSET, isLogAppendTime, readBatchHeader } from '../../protocol/records/batch-header.ts'
import { ensureBatchCodecs } from '../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { CorruptSnapshotError, decodeProducerSnapshot } from '../../storage/producer-snapshot.ts'
import { parseJavaLong } from '../shared/java.ts'
import { LogFile } from '../shared/records/log-file.ts'
import { type DumpIo, present } from './rows.ts'

const OFFSET_ENTRY_BYTES = 8
const TIME_ENTRY_BYTES = 12
const TXN_ENTRY_BYTES = 34

/** What disagrees between indexes and logs, printed at the end. */
export interface IndexProblems {
  /** Index offset → log offset, by file. */
  offsets: Map<string, Map<number, number>>
  timestamps: Map<string, [index: number, log: number][]>
  order: Map<string, [index: number, before: number][]>
  missing: Map<string, [index: number, log: number][]>
}

interface IndexOptions {
  sanityOnly: boolean
  verifyOnly: boolean
  maxMessageBytes: number
}

/** A broken index; Kafka would rebuild it. */
class CorruptIndexFileError extends Error {
  override name = 'CorruptIndexFileError'
}

const note = <T>(into: Map<string, T[]>, path: string, entry: T): void => {
  into.set(path, [...(into.get(path) ?? []), entry])
}

const besides = (path: string, suffix: string): string =>
  join(dirname(path), `${basename(path).split('.')[0]}${suffix}`)

const startOffsetOf = (path: string): number => Number(parseJavaLong(basename(path).split('.')[0] ?? ''))

const checkLength = (path: string, bytes: Buffer, entryBytes: number, what: string): void => {
  if (bytes.length % entryBytes === 0) return
  throw new CorruptIndexFileError(
    `${what} file ${path} is corrupt, found ${bytes.length} bytes which is neither positive nor a multiple of ${entryBytes}${
      what === 'Time index' ? '.' : ''
    }`,
  )
}

const offsetEntries = (bytes: Buffer, base: number): { offset: number; position: number }[] =>
  Array.from({ length: Math.floor(bytes.length / OFFSET_ENTRY_BYTES) }, (_, i) => ({
    offset: base + bytes.readInt32BE(i * OFFSET_ENTRY_BYTES),
    position: bytes.readInt32BE(i * OFFSET_ENTRY_BYTES + 4),
  }))

const timeEntries = (bytes: Buffer, base: number): { timestamp: number; offset: number }[] =>
  Array.from({ length: Math.floor(bytes.length / TIME_ENTRY_BYTES) }, (_, i) => ({
    timestamp: Number(bytes.readBigInt64BE(i * TIME_ENTRY_BYTES)),
    offset: base + bytes.readInt32BE(i * TIME_ENTRY_BYTES + 8),
  }))

const lastOffsetOf = (bytes: Buffer): number => {
  const { baseOffset, lastOffsetDelta } = readBatchHeader(bytes, BASE_OFFSET)
  return baseOffset + lastOffsetDelta
}

/**
 * Whether the rest of an index is room only: Kafka gives those of an active segment their full size at once, in zeros. Its tool takes the
 * first entry of an index without any for one, and finds it wrong; programs are told of none.
 */
const isUnused = (offset: number, base: number, index: number, io: DumpIo): boolean =>
  offset === base && (index > 0 || io.row !== undefined)

/** Prints an .index file and compares it with its log. */
export const dumpOffsetIndex = (
  path: string,
  absolute: string,
  options: IndexOptions,
  io: DumpIo,
  found: IndexProblems,
) => {
  const base = startOffsetOf(path)
  const log = new LogFile(besides(absolute, '.log'))
  try {
    const bytes = readFileSync(path)
    const entries = offsetEntries(bytes, base)
    if (entries.length === 0) return println(io.out, `${path} is empty.`)
    if (options.sanityOnly) {
      const last = entries.at(-1)!.offset
      if (last < base) {
        throw new CorruptIndexFileError(
          `Corrupt index found, index file ${absolute} has non-zero size but the last offset is ${last} which is less than the base offset ${base}`,
        )
      }
      checkLength(absolute, bytes, OFFSET_ENTRY_BYTES, 'Index')
      return println(io.out, `${path} passed sanity check.`)
    }
    for (const [i, { offset, position }] of entries.entries()) {
      if (isUnused(offset, base, i, io)) return
      const [batch] = log.batches(position, position + options.maxMessageBytes)
      if (position > log.sizeBytes) {
        const file = `FileRecords(size=${log.sizeBytes}, file=${log.path}, start=0, end=2147483647)`
        throw new Error(`Slice from position ${position} exceeds end position of ${file}`)
      }
      if (batch === undefined) throw new Error('No such element')
      const logOffset = lastOffsetOf(batch.bytes)
      if (logOffset !== offset) {
        const mismatches = found.offsets.get(absolute) ?? new Map<number, number>()
        found.offsets.set(absolute, mismatches.set(offset, logOffset))
      }
      if (options.verifyOnly) continue
      if (io.row) io.row({ kind: 'offsetIndexEntry', offset, position })
      else println(io.out, `offset: ${offset} position: ${position}`)
    }
  } finally {
    log.close()
  }
}

const largestTimestamp = async (bytes: Buffer): Promise<number> => {
  const header = readBatchHeader(bytes, BASE_OFFSET)
  if (isLogAppendTime(header.attributes)) return header.maxTimestamp
  await ensureBatchCodecs(bytes)
  const cursor = new RecordCursor(bytes, header)
  let largest = -1
  while (cursor.next()) largest = Math.max(largest, cursor.timestamp)
  return largest
}

const batchAt = (log: LogFile, from: number, offset: number): Buffer | undefined => {
  for (const { bytes } of log.batches(from)) if (lastOffsetOf(bytes) >= offset) return bytes
  return undefined
}

const compareTime = async (
  absolute: string,
  batch: Buffer | undefined,
  entry: { timestamp: number; offset: number },
  before: number,
  found: IndexProblems,
): Promise<void> => {
  const logOffset = batch === undefined ? -1 : lastOffsetOf(batch)
  if (batch === undefined || logOffset !== entry.offset) return note(found.missing, absolute, [entry.offset, logOffset])
  const largest = await largestTimestamp(batch)
  if (largest !== entry.timestamp) note(found.timestamps, absolute, [entry.timestamp, largest])
  if (before >= entry.timestamp) note(found.order, absolute, [entry.timestamp, before])
}

/** Prints a .timeindex file and compares it with its log. */
export const dumpTimeIndex = async (
  path: string,
  absolute: string,
  options: IndexOptions,
  io: DumpIo,
  found: IndexProblems,
): Promise<void> => {
  const base = startOffsetOf(path)
  const log = new LogFile(besides(absolute, '.log'))
  try {
    const positions = offsetEntries(readFileSync(besides(absolute, '.index')), base)
    const bytes = readFileSync(path)
    const entries = timeEntries(bytes, base)
    if (options.sanityOnly) {
      checkLength(absolute, bytes, TIME_ENTRY_BYTES, 'Time index')
      return println(io.out, `${path} passed sanity check.`)
    }
    let before = -1
    for (const [i, entry] of entries.entries()) {
      if (isUnused(entry.offset, base, i, io)) return
      const from = positions.findLast(({ offset }) => offset <= entry.offset)?.position ?? 0
      await compareTime(absolute, batchAt(log, from, entry.offset), entry, before, found)
      before = entry.timestamp
      if (options.verifyOnly) continue
      if (io.row) io.row({ kind: 'timeIndexEntry', timestampMs: entry.timestamp, offset: entry.offset })
      else println(io.out, `timestamp: ${entry.timestamp} offset: ${entry.offset}`)
    }
  } finally {
    log.close()
  }
}

/** Prints a .txnindex file: aborted transactions. */
export const dumpTxnIndex = (path: string, io: DumpIo): void => {
  const bytes = readFileSync(path)
  for (let at = 0; at + TXN_ENTRY_BYTES <= bytes.length; at += TXN_ENTRY_BYTES) {
    const fields = [2, 10, 18, 26].map((field) => bytes.readBigInt64BE(at + field))
    if (io.row) {
      const [producerId, firstOffset, lastOffset, lastStableOffset] = fields.map(Number) as [
        number,
        number,
        number,
        number,
      ]
      io.row({ kind: 'abortedTransaction', producerId, firstOffset, lastOffset, lastStableOffset })
      continue
    }
    const [producerId, first, last, stable] = fields
    println(
      io.out,
      `version: ${bytes.readInt16BE(at)} producerId: ${producerId} firstOffset: ${first} lastOffset: ${last} lastStableOffset: ${stable}`,
    )
  }
}

/** Prints a .snapshot file: the producers of a partition. */
export const dumpProducerSnapshot = (path: string, io: DumpIo): void => {
  try {
    for (const entry of decodeProducerSnapshot(readFileSync(path))) {
      const first =
        entry.currentTxnFirstOffset < 0 ? 'OptionalLong.empty' : `OptionalLong[${entry.currentTxnFirstOffset}]`
      const [batch] = entry.batches
      if (io.row) {
        io.row({
          kind: 'producer',
          producerId: Number(entry.producerId),
          producerEpoch: entry.producerEpoch,
          coordinatorEpoch: present(entry.coordinatorEpoch),
          currentTransactionStartOffset: present(Number(entry.currentTxnFirstOffset)),
          lastTimestampMs: present(entry.lastTimestamp),
          firstSequence: batch ? batch.lastSequence - batch.offsetDelta : null,
          lastSequence: batch?.lastSequence ?? null,
          lastOffset: batch?.lastOffset ?? null,
        })
        continue
      }
      const last = batch
        ? ` firstSequence: ${batch.lastSequence - batch.offsetDelta} lastSequence: ${batch.lastSequence} ` +
          `lastOffset: ${batch.lastOffset} offsetDelta: ${batch.offsetDelta} timestamp: ${batch.timestamp}`
        : ''
      println(
        io.out,
        `producerId: ${entry.producerId} producerEpoch: ${entry.producerEpoch} coordinatorEpoch: ${entry.coordinatorEpoch} ` +
          `currentTxnFirstOffset: ${first} lastTimestamp: ${entry.lastTimestamp}${last}`,
      )
    }
  } catch (error) {
    if (!(error instanceof CorruptSnapshotError)) throw error
    println(io.err, error.message)
    io.failed?.(error, { file: path })
  }
}
