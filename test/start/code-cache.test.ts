import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCompiled, writeCompiled } from '../../src/start/code-cache.ts'

const code = new Map([
  ['cli/main.js', Buffer.from([0, 10, 255, 124])],
  ['chunks/a-1.js', Buffer.alloc(0)],
  ['chunks/b-2.js', Buffer.from('some | code: here')],
])

describe('the code cache', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kt-code-'))
    path = join(folder, 'code', 'v1', 'topics')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('gives back what was written', () => {
    writeCompiled(path, code)
    expect(readCompiled(path)).toEqual(code)
    expect(readdirSync(join(folder, 'code', 'v1'))).toEqual(['topics'])
  })

  it('has nothing where there is no file', () => {
    expect(readCompiled(path).size).toBe(0)
  })

  it('takes no damaged file, wherever the damage is', () => {
    writeCompiled(path, code)
    const whole = readFileSync(path)
    for (let index = 0; index < whole.length; index++) {
      const damaged = Buffer.from(whole)
      damaged[index]! ^= 1
      writeFileSync(path, damaged)
      // What stands in the first line may be another name, but the code of it is whole.
      for (const bytes of readCompiled(path).values()) expect(whole.includes(bytes)).toBe(true)
      writeFileSync(path, whole.subarray(0, index))
      expect(readCompiled(path).size).toBe(0)
    }
  })

  it('does without where there can be no folder', () => {
    writeFileSync(join(folder, 'code'), '')
    writeCompiled(path, code)
    expect(readCompiled(path).size).toBe(0)
  })

  it('keeps the folders of the four builds used last', () => {
    for (let build = 1; build <= 6; build++) {
      writeCompiled(join(folder, 'code', `v${build}`, 'topics'), code)
      utimesSync(join(folder, 'code', `v${build}`), build, build)
    }
    expect(readdirSync(join(folder, 'code')).sort()).toEqual(['v3', 'v4', 'v5', 'v6'])
  })
})
