import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readJavaMap, writeJavaMap } from '../../../src/connect/offsets/java-map.ts'
import { parseJson, writeJson } from '../../../src/connect/offsets/json.ts'
import { OffsetStore } from '../../../src/connect/offsets/store.ts'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-offsets-'))
  path = join(dir, 'offsets')
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('OffsetStore', () => {
  it('has what it stored after a restart', async () => {
    const store = OffsetStore.open(path)
    await store.set('a', [[{ filename: 'x' }, { position: 7 }]])
    await store.set('b', [[{ filename: 'x' }, { position: 9n ** 20n }]])
    const again = OffsetStore.open(path)
    expect(again.get('a', { filename: 'x' })).toEqual({ position: 7 })
    expect(again.get('b', { filename: 'x' })).toEqual({ position: 9n ** 20n })
    expect(again.get('a', { filename: 'y' })).toBeNull()
    await again.set('a', [[{ filename: 'x' }, null]])
    expect(OffsetStore.open(path).ofConnector('a')).toEqual([])
    expect(readdirSync(dir)).toEqual(['offsets'])
  })

  it('finds a partition by its content, and keeps keys and foreign entries as they are', async () => {
    const entries = [
      [Buffer.from('["a",{"y":1,"x":2}]'), Buffer.from('{"n":1}')],
      [Buffer.from('something else'), Buffer.from('1')],
    ] as const
    writeFileSync(path, writeJavaMap(entries))
    const store = OffsetStore.open(path)
    expect(store.get('a', { x: 2, y: 1 })).toEqual({ n: 1 })
    await store.set('a', [[{ x: 2, y: 1 }, { n: 2 }]])
    const texts = readJavaMap(readFileSync(path)).map((entry) => entry.map(String))
    expect(texts).toEqual([
      ['something else', '1'],
      ['["a",{"y":1,"x":2}]', '{"n":2}'],
    ])
  })

  it('begins with nothing where the file is missing or empty, and says so when it is something else', () => {
    writeFileSync(path, '')
    expect(OffsetStore.open(path).ofConnector('a')).toEqual([])
    writeFileSync(path, 'plain text')
    expect(() => OffsetStore.open(path)).toThrow(`${path} holds no offsets`)
  })
})

describe('JSON of offsets', () => {
  it('keeps the digits of large integers, and nothing else', () => {
    const text =
      '{"a":9007199254740993,"b":"9007199254740993","c":[1.5,-12345678901234567890,1e3],"d":1234567890123456}'
    expect(parseJson(text)).toEqual({
      a: 9007199254740993n,
      b: '9007199254740993',
      c: [1.5, -12345678901234567890n, 1000],
      d: 1234567890123456,
    })
    expect(writeJson(parseJson(text))).toBe(text.replace('1e3', '1000'))
  })
})
