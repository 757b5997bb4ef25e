import fc from 'fast-check'
import { compressSync } from 'snappy'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  COMPRESSION_TYPES,
  checkCompressionLevel,
  compress,
  compressionId,
  compressionTypeOf,
  decompress,
  ensureCodec,
  isCodecReady,
} from '../../../src/protocol/records/compression.ts'
import {
  CodecNotLoadedError,
  CompressionLevelError,
  DecompressedTooLargeError,
  DecompressionError,
  UnknownCompressionError,
} from '../../../src/protocol/records/compression-errors.ts'

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const MEGABYTE = 1024 * 1024
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('before a codec is loaded', () => {
  it('says what has to be awaited, and loads nothing that was not asked for', async () => {
    expect(() => compress('zstd', Buffer.alloc(1))).toThrow(CodecNotLoadedError)
    expect(() => decompress('zstd', Buffer.alloc(1), 1)).toThrow(CodecNotLoadedError)
    await Promise.all([ensureCodec('gzip'), ensureCodec('gzip'), ensureCodec('none')])
    expect(COMPRESSION_TYPES.map(isCodecReady)).toEqual([true, true, false, false, false])
  })
})

describe.each(CODECS)('%s', (type) => {
  beforeAll(() => ensureCodec(type))

  it('round-trips noise and repetition, at the very limit of the output', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.string({ minLength: 1 }), fc.nat(100_000)).map(([text, size]) => Buffer.alloc(size, text)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        const data = Buffer.concat(pieces)
        const output = decompress(type, compress(type, data), data.length)
        expect(output.equals(data)).toBe(true)
        if (data.length > 0) {
          expect(() => decompress(type, compress(type, data), data.length - 1)).toThrow(DecompressedTooLargeError)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('refuses a decompression bomb', () => {
    const bomb = compress(type, Buffer.alloc(16 * MEGABYTE))
    expect(bomb.length).toBeLessThan(MEGABYTE)
    expect(() => decompress(type, bomb, MEGABYTE)).toThrow(DecompressedTooLargeError)
  })

  it('reports damage as such, wherever the data ends', () => {
    const data = compress(type, Buffer.from('some text that repeats, some text that repeats'))
    for (let length = 0; length < data.length; length++) {
      // Snappy's framing alone, without blocks, is what an empty stream looks like.
      if (type === 'snappy' && length === 16) continue
      expect(() => decompress(type, data.subarray(0, length), MEGABYTE)).toThrow(DecompressionError)
    }
    expect(() => decompress(type, Buffer.from('no codec writes such a thing'), MEGABYTE)).toThrow(DecompressionError)
  })
})

describe('levels', () => {
  it.each([
    ['gzip', [-1, 1, 9], [0, -2, 10, 1.5]],
    ['lz4', [1, 9, 17], [0, 18, -1]],
    ['zstd', [-131072, -1, 0, 22], [-131073, 23]],
  ] as const)('of %s are those of the Kafka configuration, and all work', async (type, valid, invalid) => {
    await ensureCodec(type)
    const data = Buffer.alloc(70_000, 'a level is a level ')
    for (const level of valid) {
      expect(decompress(type, compress(type, data, level), data.length).equals(data)).toBe(true)
    }
    for (const level of invalid) expect(() => compress(type, data, level)).toThrow(CompressionLevelError)
  })

  it('have defaults, and are ignored where there are none', () => {
    expect(COMPRESSION_TYPES.map((type) => checkCompressionLevel(type))).toEqual([0, -1, 0, 9, 3])
    expect(checkCompressionLevel('snappy', 99)).toBe(0)
  })
})

describe('ids', () => {
  it('are those of the attributes, and no others', () => {
    expect([0, 1, 2, 3, 4].map(compressionTypeOf)).toEqual(COMPRESSION_TYPES)
    expect(COMPRESSION_TYPES.map(compressionId)).toEqual([0, 1, 2, 3, 4])
    for (const id of [5, 6, 7]) expect(() => compressionTypeOf(id)).toThrow(UnknownCompressionError)
  })
})

describe('snappy', () => {
  beforeAll(() => ensureCodec('snappy'))

  it('is read raw and as framed streams written one after the other', () => {
    const text = Buffer.from('snappy '.repeat(20))
    expect(decompress('snappy', compressSync(text), 1000)).toEqual(text)
    const twice = Buffer.concat([compress('snappy', text), compress('snappy', text)])
    expect(decompress('snappy', twice, 1000)).toEqual(Buffer.concat([text, text]))
  })

  it('is not believed about the size of its content', () => {
    expect(() => decompress('snappy', hex('ffffffff0f 00 41'), 2 ** 31)).toThrow(/declares 4294967295 bytes/)
    const framed = Buffer.concat([compress('snappy', Buffer.alloc(0)), hex('7fffffff 00')])
    expect(() => decompress('snappy', framed, MEGABYTE)).toThrow(DecompressionError)
  })
})

describe('lz4', () => {
  beforeAll(() => ensureCodec('lz4'))

  it('is written as frames of independent 64 KB blocks', () => {
    const frame = compress('lz4', Buffer.alloc(65 * 1024, 'x'))
    expect(frame.subarray(0, 7)).toEqual(hex('04224d18 60 40 82'))
    const firstBlockBytes = frame.readUInt32LE(7)
    const secondBlockBytes = frame.readUInt32LE(11 + firstBlockBytes)
    expect(frame.length).toBe(7 + 4 + firstBlockBytes + 4 + secondBlockBytes + 4)
  })

  it('is not believed about the size of its content', () => {
    // A frame that declares 2^40 bytes and has none.
    const lie = hex('04224d18 68 40 0000000000010000 00 00000000')
    expect(() => decompress('lz4', lie, 2 ** 41)).toThrow(/declares 1099511627776 bytes and holds 0/)
  })
})

describe('zstd', () => {
  beforeAll(() => ensureCodec('zstd'))

  // Written by streaming encoders: no content size in the frame.
  const streamed = ['28b52ffd 00 58 29 0000 68656c6c6f', '28b52ffd 00 58 59 0000 68656c6c6f20776f726c64'] as const

  it('is read without content size, from several frames, and past skippable ones', () => {
    const [hello, helloWorld] = streamed.map(hex) as [Buffer, Buffer]
    expect(String(decompress('zstd', hello, 5))).toBe('hello')
    expect(() => decompress('zstd', hello, 4)).toThrow(DecompressedTooLargeError)
    const skippable = hex('502a4d18 03000000 aabbcc')
    const all = Buffer.concat([hello, skippable, helloWorld, compress('zstd', Buffer.from('!'))])
    expect(String(decompress('zstd', all, 100))).toBe('hellohello world!')
  })

  it('is not believed about the size of its content', () => {
    // Single segment, eight bytes of content size (2^40), one raw block of one byte.
    const lie = hex('28b52ffd e0 0000000000010000 09 0000 41')
    expect(() => decompress('zstd', lie, 2 ** 41)).toThrow(/declares 1099511627776 bytes/)
  })
})
