import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decode, type MessageCodec } from '../../src/protocol/codec.ts'
import { MalformedMessageError } from '../../src/protocol/reader.ts'
import { encodeValue, loadMessages, type MessageUnderTest } from './generated-codecs.ts'
import { messageValues } from './message-values.ts'
import type { LengthMark, StructValue } from './schema-interpreter.ts'

const messages = await loadMessages()

/** Samples big enough to hold everything, small enough to be cut at every byte. */
const MAX_SAMPLE_BYTES = 600

function samples({ oracle }: MessageUnderTest, version: number, count: number): StructValue[] {
  return fc
    .sample(messageValues(oracle, version, 'fitting'), { numRuns: count * 4, seed: version + 1 })
    .sort((a, b) => oracle.encode(b, version).bytes.length - oracle.encode(a, version).bytes.length)
    .filter((value) => oracle.encode(value, version).bytes.length <= MAX_SAMPLE_BYTES)
    .slice(0, count)
}

function outcome(codec: MessageCodec<StructValue>, bytes: Buffer, version: number): unknown {
  try {
    decode(codec, bytes, version)
    return 'decoded'
  } catch (error) {
    return error
  }
}

function expectMalformed(codec: MessageCodec<StructValue>, bytes: Buffer, version: number): void {
  const error = outcome(codec, bytes, version)
  if (error instanceof MalformedMessageError) return
  expect.fail(
    `${codec.name} version ${version}, ${bytes.toString('hex')}: ${error instanceof Error ? error.stack : String(error)}`,
  )
}

type Allocators = Record<'alloc' | 'allocUnsafe' | 'allocUnsafeSlow', (sizeBytes: number) => Buffer>

const HOSTILE: Record<LengthMark['kind'], string[]> = {
  int16: ['7fff', '8000', 'fffe'],
  int32: ['7fffffff', '80000000', 'fffffffe', '3fffffff'],
  varint: ['ffffffff07', 'ffffffff0f', '8080808008', 'ffffffffff01', 'ffffffffffffffffff01', '808080808000'],
}

describe('malformed messages', () => {
  let largestBytes = 0

  beforeEach(() => {
    largestBytes = 0
    for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
      const real = (Buffer as unknown as Allocators)[name].bind(Buffer)
      vi.spyOn(Buffer as unknown as Allocators, name).mockImplementation((sizeBytes) => {
        largestBytes = Math.max(largestBytes, sizeBytes)
        return real(sizeBytes)
      })
    }
  })
  afterEach(() => vi.restoreAllMocks())

  it.each(messages)('$name: cut at any byte', (message) => {
    for (const version of message.versions) {
      for (const value of samples(message, version, 3)) {
        const bytes = encodeValue(message.codec, value, version)
        for (let end = 0; end < bytes.length; end++) expectMalformed(message.codec, bytes.subarray(0, end), version)
      }
    }
  })

  it.each(messages)('$name: bytes left over', (message) => {
    for (const version of message.versions) {
      for (const value of samples(message, version, 1)) {
        const bytes = Buffer.concat([encodeValue(message.codec, value, version), Buffer.alloc(1)])
        expectMalformed(message.codec, bytes, version)
      }
    }
  })

  it.each(messages)('$name: impossible lengths', (message) => {
    for (const version of message.versions) {
      for (const value of samples(message, version, 4)) {
        const { bytes, marks } = message.oracle.encode(value, version)
        largestBytes = 0
        for (const { position, sizeBytes, kind } of marks) {
          for (const hostile of HOSTILE[kind]) {
            const rest = bytes.subarray(position + sizeBytes)
            expectMalformed(
              message.codec,
              Buffer.concat([bytes.subarray(0, position), Buffer.from(hostile, 'hex'), rest]),
              version,
            )
          }
        }
        expect(largestBytes).toBeLessThan(64 * 1024)
      }
    }
  })

  it.each(messages)('$name: random bytes never fail otherwise', (message) => {
    for (const version of message.versions) {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
          const error = outcome(message.codec, Buffer.from(noise), version)
          if (error !== 'decoded') expect(error).toBeInstanceOf(MalformedMessageError)
        }),
        { numRuns: 15 },
      )
    }
  })
})
