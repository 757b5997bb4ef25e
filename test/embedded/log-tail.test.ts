import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RotatingFile } from '../../src/broker/process/rotating-file.ts'
import { followFile, lastLines } from '../../src/embedded/log-tail.ts'

let root: string
let path: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kt-tail-'))
  path = join(root, 'kt-broker.log')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('lastLines', () => {
  it('gives the last lines of any file', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 })), fc.nat(12), fc.boolean(), (texts, count, ends) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '))
        const content = lines.join('\n') + (ends && lines.length > 0 ? '\n' : '')
        writeFileSync(path, content)
        const all = content.match(/[^\n]*\n|[^\n]+$/g) ?? []
        expect(lastLines(path, count).toString()).toBe(all.slice(Math.max(0, all.length - count)).join(''))
      }),
      { numRuns: 60 },
    )
  })

  it('reads no more than the end of a large file', () => {
    writeFileSync(path, `${'x'.repeat(99)}\n`.repeat(20_000))
    appendFileSync(path, 'one\ntwo\n')
    expect(lastLines(path, 2).toString()).toBe('one\ntwo\n')
    expect(lastLines(path, 1500).length).toBe(1498 * 100 + 8)
  })
})

describe('followFile', () => {
  it('goes on through a rotation', async () => {
    const log = new RotatingFile(path, { maxBytes: 30, keep: 1 })
    log.write('before\n')
    let text = ''
    let seen = (): void => {}
    const done = new Promise<void>((resolve) => {
      seen = () => {
        if (text.includes('line 9\n')) resolve()
      }
    })
    const stop = followFile(path, statSync(path).size, (data) => {
      text += data.toString()
      seen()
    })
    log.write('line 1\n')
    for (let index = 8; index <= 9; index++) log.write(`line ${index}\n`)
    await done
    stop()
    log.close()
    expect(text).toBe('line 1\nline 8\nline 9\n')
  })
})

describe('RotatingFile', () => {
  it('keeps its files small and few', () => {
    const log = new RotatingFile(path, { maxBytes: 100, keep: 2 })
    for (let index = 0; index < 100; index++) log.write(`line number ${index}\n`)
    log.close()
    for (const name of ['', '.1', '.2']) expect(statSync(path + name).size).toBeLessThanOrEqual(100)
    expect(statSync(`${path}.3`, { throwIfNoEntry: false })).toBeUndefined()
    expect(lastLines(path, 1).toString()).toBe('line number 99\n')
  })
})
