import { DecompressionError } from './compression-errors.ts'

/** One zstd frame (RFC 8878) within a buffer, as its headers describe it. */
export interface ZstdFrame {
  start: number
  end: number
  /** Size of the content as declared; undefined in frames of streaming encoders, Java's among them. */
  contentBytes: number | undefined
  /** The content can't be larger than this, whatever the compressed blocks hold. */
  maxContentBytes: number
}

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const MAX_BLOCK_BYTES = 128 * 1024

const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const

const RAW_BLOCK = 0
const RLE_BLOCK = 1
const RESERVED_BLOCK = 3

const cutOff = (): DecompressionError => new DecompressionError('zstd', 'the frame is cut off')

/**
 * Walks the frames of a buffer from header to header, leaving skippable frames out. Decodes no content.
 *
 * @throws DecompressionError for anything that isn't a row of whole frames.
 */
export function readZstdFrames(data: Buffer): ZstdFrame[] {
  const frames: ZstdFrame[] = []
  let position = 0
  if (data.length === 0) throw cutOff()
  while (position < data.length) {
    if (data.length - position < 8) throw cutOff()
    const magic = data.readUInt32LE(position)
    if ((magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC) {
      position += 8 + data.readUInt32LE(position + 4)
      if (position > data.length) throw cutOff()
      continue
    }
    if (magic !== FRAME_MAGIC)
      throw new DecompressionError('zstd', `0x${magic.toString(16)} is not the magic of a frame`)
    const frame = readFrame(data, position)
    frames.push(frame)
    position = frame.end
  }
  return frames
}

function readFrame(data: Buffer, start: number): ZstdFrame {
  const descriptor = data[start + 4]!
  const singleSegment = (descriptor & 0x20) !== 0
  const contentSizeId = descriptor >> 6
  const contentSizeBytes = contentSizeId === 0 && singleSegment ? 1 : CONTENT_SIZE_BYTES[contentSizeId]!
  const contentSizeAt = start + 5 + (singleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3]!
  const blocksStart = contentSizeAt + contentSizeBytes
  if (blocksStart > data.length) throw cutOff()
  const contentBytes = contentSizeBytes === 0 ? undefined : readContentSize(data, contentSizeAt, contentSizeBytes)
  const blocks = walkBlocks(data, blocksStart)
  const end = blocks.end + (descriptor & 0x04 ? 4 : 0)
  if (end > data.length) throw cutOff()
  if (contentBytes !== undefined && contentBytes > blocks.maxContentBytes) {
    throw new DecompressionError('zstd', `the frame declares ${contentBytes} bytes, more than its blocks can hold`)
  }
  return { start, end, contentBytes, maxContentBytes: contentBytes ?? blocks.maxContentBytes }
}

function readContentSize(data: Buffer, position: number, sizeBytes: number): number {
  if (sizeBytes === 8) return Number(data.readBigUInt64LE(position))
  // Two bytes count from 256, as all smaller sizes fit in one.
  return data.readUIntLE(position, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}

function walkBlocks(data: Buffer, start: number): { end: number; maxContentBytes: number } {
  let position = start
  let maxContentBytes = 0
  for (let last = false; !last; ) {
    if (data.length - position < 3) throw cutOff()
    const header = data.readUIntLE(position, 3)
    position += 3
    last = (header & 1) !== 0
    const type = (header >> 1) & 3
    const size = header >> 3
    if (type === RESERVED_BLOCK) throw new DecompressionError('zstd', 'the frame has a block of an unknown type')
    position += type === RLE_BLOCK ? 1 : size
    if (position > data.length) throw cutOff()
    maxContentBytes += type === RAW_BLOCK || type === RLE_BLOCK ? size : MAX_BLOCK_BYTES
  }
  return { end: position, maxContentBytes }
}
