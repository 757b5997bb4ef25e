import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJavaMap, writeJavaMap } from '../../../src/connect/offsets/java-map.ts'

/** As Kafka's stand-alone worker writes a file: an offset, and one that was taken away. */
const BY_KAFKA = [
  // HashMap, its load factor and threshold, 16 buckets, two entries
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c64',
  '78703f4000000000000c77080000001000000002',
  // byte[] with its class
  '757200025b42acf317f8060854e00200007870',
  `0000001b${Buffer.from('["source",{"filename":"x"}]').toString('hex')}`,
  '7571007e0002',
  `0000000f${Buffer.from('{"position":18}').toString('hex')}`,
  '7571007e0002',
  `0000001b${Buffer.from('["source",{"filename":"y"}]').toString('hex')}`,
  '7078',
].join('')

describe('java.util.HashMap<byte[], byte[]>', () => {
  it('is written byte for byte as Java writes it', () => {
    const written = writeJavaMap([
      [Buffer.from('["source",{"filename":"x"}]'), Buffer.from('{"position":18}')],
      [Buffer.from('["source",{"filename":"y"}]'), null],
    ])
    expect(written.toString('hex')).toBe(BY_KAFKA)
  })

  it('is read as it was written', () => {
    const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, fc.option(bytes)), { maxLength: 40 }), (entries) => {
        expect(readJavaMap(writeJavaMap(entries))).toEqual(entries)
      }),
    )
  })

  it('refuses what is cut off or something else', () => {
    const whole = writeJavaMap([[Buffer.from('k'), Buffer.from('v')]])
    for (let length = 0; length < whole.length; length++) {
      expect(() => readJavaMap(whole.subarray(0, length))).toThrow('Not a map of Java byte arrays')
    }
    expect(() => readJavaMap(Buffer.from('{"some":"json"}'))).toThrow('the header of a Java object stream')
  })
})
