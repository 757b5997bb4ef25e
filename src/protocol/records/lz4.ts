import { compressSync, decompressFrameSync } from 'lz4-napi'
import type { Codec } from './compression.ts'
import { DecompressedTooLargeError, DecompressionError } from './compression-errors.ts'

/**
 * The LZ4 frame format. Written are frames as Java's clients write them: independent blocks of 64 KB, no checksums, no
 * content size, so that a consumer needs no more than 64 KB of buffer. Read is every standard frame.
 */
const FRAME_MAGIC = 0x184d2204
const BLOCK_BYTES = 64 * 1024
const UNCOMPRESSED_BIT = 0x80000000
/** Magic, FLG (version 1, independent blocks), BD (64 KB) and the checksum byte of these two. */
const FRAME_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const END_MARK = Buffer.alloc(4)
/** The library puts the size of the content, an uint32, before each block. */
const SIZE_PREFIX_BYTES = 4

function compress(data: Buffer): Buffer {
  const parts: Buffer[] = [FRAME_HEADER]
  for (let start = 0; start < data.length; start += BLOCK_BYTES) {
    const block = data.subarray(start, start + BLOCK_BYTES)
    const compressed = compressSync(block).subarray(SIZE_PREFIX_BYTES)
    const length = Buffer.allocUnsafe(4)
    if (compressed.length < block.length) {
      length.writeUInt32LE(compressed.length)
      parts.push(length, compressed)
    } else {
      length.writeUInt32LE((block.length | UNCOMPRESSED_BIT) >>> 0)
      parts.push(length, block)
    }
  }
  parts.push(END_MARK)
  return Buffer.concat(parts)
}

const cutOff = (): DecompressionError => new DecompressionError('lz4', 'the frame is cut off')

/** Adds up what the sequences of one block produce, without producing it. */
function contentBytesOfBlock(data: Buffer, start: number, end: number): number {
  let total = 0
  let position = start
  const lengthFrom = (nibble: number): number => {
    let length = nibble
    if (nibble !== 15) return length
    for (let byte = 255; byte === 255; length += byte) {
      if (position >= end) throw cutOff()
      byte = data[position++]!
    }
    return length
  }
  while (position < end) {
    const token = data[position++]!
    const literals = lengthFrom(token >> 4)
    position += literals
    total += literals
    if (position >= end) break
    position += 2
    total += lengthFrom(token & 15) + 4
  }
  if (position > end) throw cutOff()
  return total
}

interface Frame {
  flags: number
  maxBlockBytes: number
  /** Where the blocks start. */
  position: number
  /** What the header declares, if it does. */
  contentBytes: number | undefined
}

function readFrameHeader(data: Buffer): Frame {
  if (data.length < FRAME_HEADER.length) throw cutOff()
  const magic = data.readUInt32LE(0)
  if (magic !== FRAME_MAGIC) throw new DecompressionError('lz4', `0x${magic.toString(16)} is not the magic of a frame`)
  const flags = data[4]!
  const blockSizeId = (data[5]! >> 4) & 7
  if (flags >> 6 !== 1 || blockSizeId < 4) throw new DecompressionError('lz4', 'the frame has an unknown version')
  const hasContentSize = (flags & 0x08) !== 0
  const position = 7 + (hasContentSize ? 8 : 0) + (flags & 0x01 ? 4 : 0)
  if (position > data.length) throw cutOff()
  const contentBytes = hasContentSize ? Number(data.readBigUInt64LE(6)) : undefined
  return { flags, maxBlockBytes: 2 ** (8 + 2 * blockSizeId), position, contentBytes }
}

/** Throws if the frame holds more than `maxOutputBytes`, or isn't a whole frame; allocates nothing. */
function checkFrame(data: Buffer, maxOutputBytes: number): void {
  const { flags, maxBlockBytes, contentBytes, position: blocksStart } = readFrameHeader(data)
  const blockChecksumBytes = flags & 0x10 ? 4 : 0
  let totalBytes = 0
  let position = blocksStart
  for (;;) {
    if (data.length - position < 4) throw cutOff()
    const field = data.readUInt32LE(position)
    position += 4
    if (field === 0) break
    const length = field & ~UNCOMPRESSED_BIT
    const end = position + length
    if (end + blockChecksumBytes > data.length) throw cutOff()
    totalBytes += field >= UNCOMPRESSED_BIT ? length : contentBytesOfBlock(data, position, end)
    if (totalBytes > maxOutputBytes) throw new DecompressedTooLargeError('lz4', maxOutputBytes)
    if (length > maxBlockBytes)
      throw new DecompressionError('lz4', `a block of ${length} bytes is over the frame's limit`)
    position = end + blockChecksumBytes
  }
  // The library reserves what the header declares, so a lie must not get that far.
  if (contentBytes !== undefined && contentBytes !== totalBytes) {
    throw new DecompressionError('lz4', `the frame declares ${contentBytes} bytes and holds ${totalBytes}`)
  }
}

/** Levels are accepted and make no difference: the library has one. */
export const lz4Codec: Codec = {
  compress,

  decompress(data, maxOutputBytes) {
    checkFrame(data, maxOutputBytes)
    try {
      return decompressFrameSync(data)
    } catch (error) {
      throw new DecompressionError('lz4', (error as Error).message, { cause: error })
    }
  },
}
