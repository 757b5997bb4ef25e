import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OffsetMap } from '../../../src/connect/api/record.ts'
import { fileSourcePlugin } from '../../../src/connect/file/source.ts'
import { FileSourceTask } from '../../../src/connect/file/source-task.ts'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-file-'))
  path = join(dir, 'in.txt')
})
afterEach(() => rmSync(dir, { recursive: true }))

const quiet = { error() {}, warn() {}, info() {}, debug() {} }

const start = async (offset: OffsetMap | null = null, more: Record<string, string> = {}): Promise<FileSourceTask> => {
  const task = new FileSourceTask()
  const props = { file: path, topic: 't', ...more }
  await task.start(props, { props, log: quiet, offsets: { offset: async () => offset } })
  return task
}

/** What there is to read now: an aborted signal keeps the last poll from waiting. */
const drain = async (task: FileSourceTask): Promise<[unknown, unknown][]> => {
  const read: [unknown, unknown][] = []
  for (;;) {
    const end = new AbortController()
    const timer = setTimeout(() => end.abort(), 20)
    const records = await task.poll(end.signal)
    clearTimeout(timer)
    if (records === null) return read
    read.push(...records.map(({ value, sourceOffset }): [unknown, unknown] => [value, sourceOffset.position]))
  }
}

describe('FileStreamSource', () => {
  it('waits for the end of a line, and goes on from a stored offset, in bytes', async () => {
    writeFileSync(path, 'één\r\ntwo\nthr')
    const task = await start()
    expect(await drain(task)).toEqual([
      ['één', 7],
      ['two', 11],
    ])
    appendFileSync(path, 'ee\n')
    expect(await drain(task)).toEqual([['three', 17]])
    await task.stop()
    const again = await start({ position: 7 })
    expect(await drain(again)).toEqual([
      ['two', 11],
      ['three', 17],
    ])
    await again.stop()
  })

  it('gives no more than batch.size lines at a time', async () => {
    writeFileSync(path, 'a\nb\nc\n')
    const task = await start(null, { 'batch.size': '2' })
    const signal = new AbortController().signal
    expect((await task.poll(signal))?.map(({ value }) => value)).toEqual(['a', 'b'])
    expect((await task.poll(signal))?.map(({ value }) => value)).toEqual(['c'])
    await task.stop()
  })

  it('cuts lines as Java does, wherever it goes on', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '\n', '\r', '\r\n'), { maxLength: 12 })
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        writeFileSync(path, `${content}\n`)
        const task = await start()
        const whole = await drain(task)
        await task.stop()
        expect(whole.map(([value]) => value)).toEqual(`${content}\n`.split(/\r\n|\r|\n/).slice(0, -1))
        const middle = Math.floor(whole.length / 2)
        const rest = await start({ position: whole[middle]![1] as number })
        expect(await drain(rest)).toEqual(whole.slice(middle + 1))
        await rest.stop()
      }),
      { numRuns: 15 },
    )
  })

  it('takes only offsets that make sense', () => {
    const connector = fileSourcePlugin.makeConnector()
    const alter = (props: Record<string, string>, partition: OffsetMap, offset: OffsetMap | null) => () =>
      connector.alterOffsets!(props, [[partition, offset]])
    const props = { file: path }
    expect(alter(props, { filename: path }, { position: 3 })()).toBe(true)
    expect(alter(props, { filename: path }, null)()).toBe(true)
    expect(alter(props, { filename: path }, { position: -3 })).toThrow('should be a non-negative value')
    expect(alter(props, { filename: path }, { position: 'x' })).toThrow('is expected to be a Long value')
    expect(alter(props, { filename: path }, {})).toThrow("contain the key 'position'")
    expect(alter(props, {}, null)).toThrow("should contain the key 'filename'")
    expect(alter({}, { filename: path }, null)).toThrow('stdin is used for input')
    expect(connector.exactlyOnceSupport!(props)).toBe('SUPPORTED')
    expect(connector.exactlyOnceSupport!({})).toBe('UNSUPPORTED')
  })
})
