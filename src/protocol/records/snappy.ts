import { compressSync, uncompressSync } from 'snappy'
import { type Cursor, readUnsignedVarint } from '../../base/varint.ts'
import type { Codec } from './compression.ts'
import { DecompressedTooLargeError, DecompressionError } from './compression-errors.ts'

/**
 * Snappy as Kafka has it: Java's clients wrap it in the framing of the xerial library,
 *
 *   0x82 'SNAPPY' 0x00 | version int32 = 1 | compatible int32 = 1 | (length int32 | raw snappy block)…
 *
 * while librdkafka and others write one raw block. What is written here is framed, what is read may be either.
 */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const FRAMING_BYTES = 16
const BLOCK_BYTES = 32 * 1024

/** The densest element of snappy's format is a copy of 64 bytes in 3: no honest block grows by more than this. */
const MAX_EXPANSION = 22

const framing = Buffer.alloc(FRAMING_BYTES)
MAGIC.copy(framing)
framing.writeInt32BE(1, 8)
framing.writeInt32BE(1, 12)

const hasFraming = (data: Buffer, at: number): boolean =>
  data.length - at >= FRAMING_BYTES && data.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) === 0

/** Decompresses one raw block after checking the size that it declares. */
function uncompressBlock(block: Buffer, maxOutputBytes: number, roomBytes: number): Buffer {
  let declaredBytes: number
  try {
    const cursor: Cursor = { buffer: block, position: 0, end: block.length }
    declaredBytes = readUnsignedVarint(cursor)
  } catch (error) {
    throw new DecompressionError('snappy', 'the block does not start with its size', { cause: error })
  }
  if (declaredBytes > block.length * MAX_EXPANSION) {
    throw new DecompressionError(
      'snappy',
      `a block of ${block.length} bytes declares ${declaredBytes} bytes of content`,
    )
  }
  if (declaredBytes > roomBytes) throw new DecompressedTooLargeError('snappy', maxOutputBytes)
  try {
    return uncompressSync(block, { asBuffer: true }) as Buffer
  } catch (error) {
    throw new DecompressionError('snappy', (error as Error).message, { cause: error })
  }
}

function uncompressFramed(data: Buffer, maxOutputBytes: number): Buffer {
  const blocks: Buffer[] = []
  let totalBytes = 0
  let position = 0
  while (position < data.length) {
    // Streams written one after the other each have their own framing.
    if (hasFraming(data, position)) {
      position += FRAMING_BYTES
      continue
    }
    if (data.length - position < 4) throw new DecompressionError('snappy', 'the length of a block is cut off')
    const length = data.readInt32BE(position)
    position += 4
    if (length < 0 || length > data.length - position) {
      throw new DecompressionError('snappy', `a block of ${length} bytes where ${data.length - position} are left`)
    }
    const block = uncompressBlock(
      data.subarray(position, position + length),
      maxOutputBytes,
      maxOutputBytes - totalBytes,
    )
    totalBytes += block.length
    position += length
    blocks.push(block)
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, totalBytes)
}

export const snappyCodec: Codec = {
  compress(data) {
    const parts: Buffer[] = [framing]
    for (let start = 0; start < data.length; start += BLOCK_BYTES) {
      const block = compressSync(data.subarray(start, start + BLOCK_BYTES))
      const length = Buffer.allocUnsafe(4)
      length.writeInt32BE(block.length)
      parts.push(length, block)
    }
    return Buffer.concat(parts)
  },

  decompress: (data, maxOutputBytes) =>
    hasFraming(data, 0)
      ? uncompressFramed(data, maxOutputBytes)
      : uncompressBlock(data, maxOutputBytes, maxOutputBytes),
}
