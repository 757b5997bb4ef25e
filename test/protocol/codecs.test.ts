import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode } from '../../src/protocol/codec.ts'
import { UnsupportedVersionError } from '../../src/protocol/writer.ts'
import { encodeValue, loadMessages } from './generated-codecs.ts'
import { messageValues } from './message-values.ts'
import { RefusedError, type StructValue } from './schema-interpreter.ts'

const messages = await loadMessages()
const RUNS = 40

/** Bytes, or the fact that the value is refused. Other errors pass through. */
function attempt(encodeIt: () => Buffer, refusal: new (...args: never[]) => Error): Buffer | 'refused' {
  try {
    return encodeIt()
  } catch (error) {
    if (error instanceof refusal) return 'refused'
    throw error
  }
}

describe('generated codecs against the schema interpreter', () => {
  it('covers the whole protocol', () => {
    expect(messages.length).toBeGreaterThan(250)
    for (const { codec, versions, oracle } of messages) {
      expect([codec.name, codec.minVersion, codec.maxVersion]).toEqual([
        oracle.schema.name,
        versions[0],
        versions.at(-1),
      ])
    }
  })

  it.each(messages)('$name: same bytes, same values, round trip', ({ versions, codec, oracle }) => {
    for (const version of versions) {
      fc.assert(
        fc.property(messageValues(oracle, version, 'fitting'), (value) => {
          const bytes = encodeValue(codec, value, version)
          const expected = oracle.encode(value, version).bytes
          if (!bytes.equals(expected)) expect(bytes.toString('hex')).toBe(expected.toString('hex'))
          const decoded = decode(codec, bytes, version)
          expect(decoded).toEqual(oracle.decode(bytes, version))
          expect(encodeValue(codec, decoded, version).equals(bytes)).toBe(true)
        }),
        { numRuns: RUNS },
      )
    }
  })

  it.each(messages)('$name: refuses just what a version lacks', ({ versions, codec, oracle }) => {
    for (const version of versions) {
      fc.assert(
        fc.property(messageValues(oracle, version, 'anything'), (value: StructValue) => {
          const bytes = attempt(() => encodeValue(codec, value, version), UnsupportedVersionError)
          expect(bytes).toEqual(attempt(() => oracle.encode(value, version).bytes, RefusedError))
        }),
        { numRuns: 10 },
      )
    }
  })
})
