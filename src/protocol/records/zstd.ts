import * as zlib from 'node:zlib'
import type { Codec } from './compression.ts'
import { DecompressedTooLargeError, DecompressionError } from './compression-errors.ts'
import { readZstdFrames } from './zstd-frame.ts'

/** What Node offers from 22.15 on; the types of older versions don't have it. */
interface NodeZstd {
  zstdCompressSync(data: Buffer, options: { params: Record<number, number> }): Buffer
  zstdDecompressSync(data: Buffer, options: { maxOutputLength: number }): Buffer
  constants: { ZSTD_c_compressionLevel: number }
}

/** What is used of @bokuweb/zstd-wasm. */
interface WasmZstd {
  init(): Promise<void>
  compress(data: Buffer, level: number): Uint8Array
  decompress(data: Buffer, options: { defaultHeapSize: number }): Uint8Array
}

/** The library's message for an output that doesn't fit (ZSTD_error_dstSize_tooSmall). */
const OUTPUT_TOO_SMALL = /-70$/

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * Both codecs walk the frames first: that gives an upper bound of the content before anything is allocated, with or
 * without a content size in the frame. Frames are decompressed one by one and joined.
 */
function decompressFrames(
  data: Buffer,
  maxOutputBytes: number,
  decompressFrame: (frame: Buffer, roomBytes: number) => Buffer,
): Buffer {
  const parts: Buffer[] = []
  let totalBytes = 0
  for (const frame of readZstdFrames(data)) {
    const roomBytes = maxOutputBytes - totalBytes
    if (frame.contentBytes !== undefined && frame.contentBytes > roomBytes) {
      throw new DecompressedTooLargeError('zstd', maxOutputBytes)
    }
    const part = decompressFrame(data.subarray(frame.start, frame.end), Math.min(roomBytes, frame.maxContentBytes))
    totalBytes += part.length
    if (totalBytes > maxOutputBytes) throw new DecompressedTooLargeError('zstd', maxOutputBytes)
    parts.push(part)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, totalBytes)
}

function nodeCodec(node: NodeZstd): Codec {
  return {
    compress: (data, level) =>
      node.zstdCompressSync(data, { params: { [node.constants.ZSTD_c_compressionLevel]: level } }),

    decompress: (data, maxOutputBytes) =>
      decompressFrames(data, maxOutputBytes, (frame, roomBytes) => {
        try {
          return node.zstdDecompressSync(frame, { maxOutputLength: Math.max(1, roomBytes) })
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
            throw new DecompressedTooLargeError('zstd', maxOutputBytes)
          }
          throw new DecompressionError('zstd', (error as Error).message, { cause: error })
        }
      }),
  }
}

/** The WebAssembly heap keeps the size of the largest batch it ever saw, which `maxOutputBytes` bounds. */
function wasmCodec(wasm: WasmZstd): Codec {
  return {
    compress: (data, level) => asBuffer(wasm.compress(data, level)),

    decompress: (data, maxOutputBytes) =>
      decompressFrames(data, maxOutputBytes, (frame, roomBytes) => {
        try {
          return asBuffer(wasm.decompress(frame, { defaultHeapSize: Math.max(1, roomBytes) }))
        } catch (error) {
          const message = (error as Error).message
          if (OUTPUT_TOO_SMALL.test(message)) throw new DecompressedTooLargeError('zstd', maxOutputBytes)
          throw new DecompressionError('zstd', message, { cause: error })
        }
      }),
  }
}

/** Node's own zstd where it has one, else the WebAssembly build. Both take all levels of Kafka. */
export async function loadZstdCodec(): Promise<Codec> {
  if ('zstdCompressSync' in zlib) return nodeCodec(zlib as unknown as NodeZstd)
  const wasm = (await import('@bokuweb/zstd-wasm')) as unknown as WasmZstd
  await wasm.init()
  return wasmCodec(wasm)
}
