import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextUndo, readUndo, setUnfinished, undoDir, undoNames, writeUndo } from '../../src/tools/undo/undo-file.ts'
import type { UndoRecord } from '../../src/tools/undo/undo-schema.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-undo-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const env = () => ({ KT_STATE_DIR: dir })
const record = (time: string): UndoRecord => ({
  version: 1,
  time,
  cluster: { id: 'c', server: 'h:1' },
  change: { kind: 'configs', type: 'topic', name: 'a/b', entries: [{ name: 'x', before: null, after: '1' }] },
})

describe('undo files', () => {
  it('are read as they were written, newest first', async () => {
    const older = writeUndo(env(), record('2026-01-01T00:00:00.000Z'))
    const newer = writeUndo(env(), record('2026-01-02T00:00:00.000Z'))
    expect(undoNames(env()).map((name) => join(undoDir(env()), name))).toEqual([newer, older])
    expect(await readUndo(older)).toEqual(record('2026-01-01T00:00:00.000Z'))
  })

  it('are bounded in number and age, and other files are left alone', () => {
    mkdirSync(undoDir(env()), { recursive: true })
    writeFileSync(join(undoDir(env()), 'notes.txt'), 'mine')
    const day = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()
    for (let n = 0; n < 105; n++) writeUndo(env(), record(day(n)))
    expect(undoNames(env())).toHaveLength(100)
    expect(undoNames(env()).at(-1)).toMatch(/^20260101T0005/)
    writeUndo(env(), record('2026-03-01T00:00:00.000Z'))
    expect(undoNames(env())).toHaveLength(1)
    expect(readdirSync(undoDir(env()))).toContain('notes.txt')
  })

  it('that were not put back to the end are next again, before what putting them back left', async () => {
    expect(await nextUndo(env())).toBeUndefined()
    const change = writeUndo(env(), record('2026-01-01T00:00:00.000Z'))
    setUnfinished(env(), change)
    expect(await nextUndo(env())).toEqual({ path: change, isUnfinished: false })
    const own = writeUndo(env(), { ...record('2026-01-02T00:00:00.000Z'), undoes: change })
    expect(await nextUndo(env())).toEqual({ path: change, isUnfinished: true })
    setUnfinished(env(), undefined)
    expect(await nextUndo(env())).toEqual({ path: own, isUnfinished: false })
    setUnfinished(env(), change)
    const newer = writeUndo(env(), record('2026-01-03T00:00:00.000Z'))
    expect(await nextUndo(env())).toEqual({ path: newer, isUnfinished: false })
  })

  it.each([
    ['', 'it is not JSON'],
    ['{}', 'version: '],
    ['{"version":2}', 'version: '],
    [
      JSON.stringify({ ...record('2026-01-01T00:00:00.000Z'), change: { kind: 'offsets', group: 1 } }),
      'change.group: ',
    ],
  ])('refuse %j', async (text, reason) => {
    const path = join(dir, 'u.json')
    writeFileSync(path, text)
    await expect(readUndo(path)).rejects.toThrow(reason)
  })
})
