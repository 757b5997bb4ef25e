import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

describe('code compiled at an earlier start', () => {
  let cache: string
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'kt-cache-'))
  })
  afterEach(() => rmSync(cache, { recursive: true, force: true }))

  const kt = (args: readonly string[], env: Record<string, string> = {}): string =>
    execFileSync(process.execPath, [run, ...args], {
      encoding: 'utf8',
      env: { ...process.env, KT_CACHE_DIR: cache, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const files = (): string[] =>
    readdirSync(cache, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  const uuid = /^[\w-]{22}\n$/

  it('is kept for each command, and used', () => {
    expect(kt(['storage', 'random-uuid'])).toMatch(uuid)
    expect(files().map((path) => path.split('/').at(-1))).toEqual(['storage'])
    const written = readFileSync(files()[0]!)
    expect(kt(['storage', 'random-uuid'])).toMatch(uuid)
    // Nothing was compiled that it didn't have.
    expect(readFileSync(files()[0]!)).toEqual(written)
  })

  it('grows with what another action needs, and keeps the rest', () => {
    kt(['storage', 'random-uuid'])
    const before = readFileSync(files()[0]!).length
    kt(['storage', 'version-mapping'])
    expect(readFileSync(files()[0]!).length).toBeGreaterThan(before)
  })

  it('is made anew when it is damaged', () => {
    kt(['storage', 'random-uuid'])
    const path = files()[0]!
    const whole = readFileSync(path)
    const damaged = Buffer.from(whole)
    for (let index = 200; index < damaged.length; index += 97) damaged[index]! ^= 0x55
    writeFileSync(path, damaged)
    expect(kt(['storage', 'random-uuid'])).toMatch(uuid)
    expect(readFileSync(path).equals(damaged)).toBe(false)
  })

  it('is not kept for a command that failed, nor where Node is told to do without', () => {
    expect(() => kt(['storage', 'nonsense'])).toThrow()
    kt(['storage', 'random-uuid'], { NODE_DISABLE_COMPILE_CACHE: '1' })
    expect(files()).toEqual([])
  })
})
