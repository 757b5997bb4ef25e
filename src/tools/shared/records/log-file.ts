import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { BATCH_OVERHEAD, LOG_OVERHEAD, MAGIC } from '../../../protocol/records/batch-header.ts'
import { NoSuchFileError } from '../connect.ts'

/** Offset, size, leader epoch or CRC, magic: what every batch starts with. */
const HEAD_BYTES = MAGIC + 1
/** Of the oldest format. */
const MIN_RECORD_BYTES = 14

/** A segment that can't be read on. */
export class LogFileError extends Error {
  override name = 'LogFileError'
}

/** A file of record batches, read one batch at a time. */
export class LogFile {
  readonly path: string
  readonly sizeBytes: number
  readonly #fd: number

  /** @param maxBytes how much of the file to look at */
  constructor(path: string, maxBytes = Number.POSITIVE_INFINITY) {
    this.path = path
    try {
      this.#fd = openSync(path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NoSuchFileError(path, { cause: error })
      throw error
    }
    this.sizeBytes = Math.min(maxBytes, fstatSync(this.#fd).size)
  }

  close(): void {
    closeSync(this.#fd)
  }

  read(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length)
    let got = 0
    while (got < length) {
      const bytes = readSync(this.#fd, buffer, got, length - got, position + got)
      if (bytes === 0) break
      got += bytes
    }
    return buffer.subarray(0, got)
  }

  /**
   * The whole batches from a position on; a batch that is cut off ends them.
   * @throws LogFileError for sizes that can't be
   */
  *batches(from = 0, to = this.sizeBytes): Generator<{ position: number; bytes: Buffer }> {
    const end = Math.min(to, this.sizeBytes)
    for (let position = from; position < end - HEAD_BYTES; ) {
      const head = this.read(position, HEAD_BYTES)
      const size = head.readInt32BE(8)
      if (size < MIN_RECORD_BYTES) {
        throw new LogFileError(
          `Found record size ${size} smaller than minimum record overhead (${MIN_RECORD_BYTES}) in file ${this.path}.`,
        )
      }
      const sizeBytes = size + LOG_OVERHEAD
      if (position > end - sizeBytes) return
      const magic = head.readInt8(MAGIC)
      if (magic !== 2 || sizeBytes < BATCH_OVERHEAD) {
        throw new LogFileError(
          `Batch at position ${position} of ${basename(this.path)} has the format ${magic}, which kt does not read; segments ` +
            'of Kafka 0.11 and later have format 2.',
        )
      }
      yield { position, bytes: this.read(position, sizeBytes) }
      position += sizeBytes
    }
  }
}
