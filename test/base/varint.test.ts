import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cursor,
  readUnsignedVarint,
  readVarint,
  readVarlong,
  sizeOfUnsignedVarint,
  sizeOfVarint,
  sizeOfVarlong,
  VarintError,
  writeUnsignedVarint,
  writeVarint,
  writeVarlong,
} from '../../src/base/varint.ts'

const over = (bytes: Uint8Array): Cursor => ({ buffer: bytes, position: 0, end: bytes.length })

const kinds = [
  ['unsigned varint', fc.nat(2 ** 32 - 1), writeUnsignedVarint, readUnsignedVarint, sizeOfUnsignedVarint],
  ['varint', fc.integer(), writeVarint, readVarint, sizeOfVarint],
  ['varlong', fc.maxSafeInteger(), writeVarlong, readVarlong, sizeOfVarlong],
  ['varlong of 32 bits', fc.integer(), writeVarlong, readVarlong, sizeOfVarlong],
] as const

describe.each(kinds)('%s', (_name, arbitrary, write, read, sizeOf) => {
  it('round-trips, with the size that was foretold, and never reads beyond its end', () => {
    const buffer = Buffer.alloc(16, 0xff)
    fc.assert(
      fc.property(arbitrary, (value) => {
        const end = write(buffer, 0, value)
        expect(end).toBe(sizeOf(value))
        const cursor = over(buffer.subarray(0, end))
        expect(read(cursor)).toBe(value)
        expect(cursor.position).toBe(end)
        for (let cut = 0; cut < end; cut++) {
          const short = over(buffer.subarray(0, cut))
          expect(() => read(short)).toThrow(VarintError)
          expect(short.position).toBe(0)
        }
      }),
    )
  })
})

describe('encodings', () => {
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [8191, 'fe7f'],
    [2147483647, 'feffffff0f'],
    [-2147483648, 'ffffffff0f'],
  ])('writes %i as Java does', (value, hex) => {
    const buffer = Buffer.alloc(10)
    expect(buffer.toString('hex', 0, writeVarint(buffer, 0, value))).toBe(hex)
    expect(buffer.toString('hex', 0, writeVarlong(buffer, 0, value))).toBe(hex)
  })

  it.each([
    [2 ** 52 - 1, 'feffffffffffff0f'],
    [2 ** 52, '8080808080808010'],
    [-(2 ** 52), 'ffffffffffffff0f'],
    [-(2 ** 63), 'ffffffffffffffffff01'],
    [2 ** 62, '80808080808080808001'],
  ])('writes the long %d as Java does', (value, hex) => {
    const buffer = Buffer.alloc(10)
    expect(buffer.toString('hex', 0, writeVarlong(buffer, 0, value))).toBe(hex)
    expect(sizeOfVarlong(value)).toBe(hex.length / 2)
    expect(readVarlong(over(Buffer.from(hex, 'hex')))).toBe(value)
  })

  it('rejects more bytes than the type can have', () => {
    expect(() => readVarint(over(Buffer.from('808080808001', 'hex')))).toThrow(VarintError)
    expect(() => readVarlong(over(Buffer.from('8080808080808080808001', 'hex')))).toThrow(VarintError)
    expect(readVarlong(over(Buffer.from('ffffffffffffffffff7f', 'hex')))).toBe(-(2 ** 63))
  })
})
