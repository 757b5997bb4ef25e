import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameSizeError, FrameSplitter } from '../../src/net/framing.ts'

function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length)
  body.copy(frame, 4)
  return frame
}

describe('FrameSplitter', () => {
  it('gives the same frames however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (arrays, cuts) => {
        const stream = Buffer.concat(arrays.map((array) => framed(Buffer.from(array))))
        const splitter = new FrameSplitter(300)
        const frames: Buffer[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = at + (cuts[i % cuts.length] as number)
          splitter.push(stream.subarray(at, end), (frame) => frames.push(Buffer.from(frame)))
          at = end
        }
        expect(frames).toEqual(arrays.map((array) => Buffer.from(array)))
        expect(splitter.pendingBytes).toBe(0)
      }),
    )
  })

  it('does not copy a frame that lies within one chunk', () => {
    const chunk = framed(Buffer.from('hello'))
    const frames: Buffer[] = []
    new FrameSplitter(100).push(chunk, (frame) => frames.push(frame))
    chunk.write('J', 4)
    expect(frames[0]?.toString()).toBe('Jello')
  })

  it.each([-1, 101, 0x48545450])('refuses a size of %i and shows what came', (size) => {
    const chunk = Buffer.alloc(20, 'z')
    chunk.writeInt32BE(size)
    const splitter = new FrameSplitter(100)
    const push = (): void => splitter.push(chunk, () => {})
    expect(push).toThrow(FrameSizeError)
    try {
      new FrameSplitter(100).push(chunk.subarray(0, 3), () => {})
      splitter.push(chunk, () => {})
    } catch (error) {
      expect((error as FrameSizeError).firstBytes).toEqual(chunk)
    }
  })

  it('refuses a bad size that comes byte by byte', () => {
    const splitter = new FrameSplitter(100)
    for (const byte of [0x7f, 0xff, 0xff]) splitter.push(Buffer.from([byte]), () => {})
    expect(() => splitter.push(Buffer.from([0xff]), () => {})).toThrow(FrameSizeError)
  })

  it('holds no more than what came', () => {
    const splitter = new FrameSplitter(1000)
    splitter.push(Buffer.from([0, 0, 3, 232, 1, 2]), () => {})
    expect(splitter.pendingBytes).toBe(6)
  })
})
