import { crc32c } from '../base/crc32c.ts'
import { ATTRIBUTES, BATCH_OVERHEAD, type BatchHeader, readBatchHeader } from '../protocol/records/batch-header.ts'
import { batchSizeAt, isPlausibleBatch } from './batch-walk.ts'
import { CorruptBatchError } from './errors.ts'
import { type FileSystem, readFully } from './file-system.ts'

const CHUNK_BYTES = 1024 * 1024

/** A batch found by a scan; `buffer` holds it at `header.position` and is overwritten when the scan goes on. */
export interface ScannedBatch {
  header: BatchHeader
  buffer: Buffer
  /** Position in the file. */
  filePosition: number
}

export interface ScanOptions {
  path: string
  fromPosition: number
  endPosition: number
  /** Check the CRC32C of every batch. */
  verifyCrc: boolean
}

/**
 * Goes over the batches of a file from the start of one on, in large reads. Throws CorruptBatchError, with file and
 * position, at the first bytes that are no batch, or a torn one, or fail the checksum; what came before was sound.
 */
export function* scanBatches(fileSystem: FileSystem, fd: number, options: ScanOptions): Generator<ScannedBatch, void> {
  const { path, endPosition, verifyCrc } = options
  const fail = (position: number, what: string): never => {
    throw new CorruptBatchError(`${path} is corrupt at byte ${position}: ${what}.`)
  }
  let space = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(BATCH_OVERHEAD, endPosition - options.fromPosition)))
  let chunkStart = options.fromPosition
  let chunk: Buffer = space.subarray(0, 0)
  let at = 0
  const fill = (needed: number): void => {
    chunkStart += at
    at = 0
    if (space.length < needed) space = Buffer.allocUnsafe(needed)
    chunk = readFully(fileSystem, fd, space.subarray(0, Math.min(space.length, endPosition - chunkStart)), chunkStart)
    if (chunk.length < needed) fail(chunkStart, `${chunk.length} bytes are left where a batch has ${needed}`)
  }
  while (chunkStart + at < endPosition) {
    if (chunk.length - at < BATCH_OVERHEAD) fill(BATCH_OVERHEAD)
    if (!isPlausibleBatch(chunk, at)) fail(chunkStart + at, 'no record batch of format 2 begins here')
    const sizeBytes = batchSizeAt(chunk, at)
    if (chunkStart + at + sizeBytes > endPosition) {
      fail(
        chunkStart + at,
        `the batch has ${sizeBytes} bytes, but the file ends after ${endPosition - chunkStart - at}`,
      )
    }
    if (chunk.length - at < sizeBytes) fill(sizeBytes)
    const header = readBatchHeader(chunk, at)
    if (verifyCrc && crc32c(chunk.subarray(at + ATTRIBUTES, at + sizeBytes)) !== header.crc) {
      fail(chunkStart + at, `the checksum of the batch at offset ${header.baseOffset} is wrong`)
    }
    yield { header, buffer: chunk, filePosition: chunkStart + at }
    at += sizeBytes
  }
}
