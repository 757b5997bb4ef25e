import { describe, expect, it } from 'vitest'
import { resolveDataDir } from '../../src/embedded/data-dir.ts'
import { idleTimeoutMs } from '../../src/embedded/idle-timeout.ts'

describe('data directory', () => {
  it.each([
    [{ KT_DATA_DIR: '/data' }, 'linux', '/data'],
    [{ XDG_DATA_HOME: '/xdg' }, 'linux', '/xdg/kt'],
    [{ XDG_DATA_HOME: 'relative' }, 'linux', '/people/me/.local/share/kt'],
    [{}, 'linux', '/people/me/.local/share/kt'],
    [{ XDG_DATA_HOME: '/xdg' }, 'darwin', '/people/me/Library/Application Support/kt'],
    [{ KT_DATA_DIR: '/data' }, 'darwin', '/data'],
  ] as const)('%j on %s is %s', (env, platform, expected) => {
    expect(resolveDataDir(env, platform, '/people/me')).toBe(expected)
  })

  it('is in LOCALAPPDATA on Windows', () => {
    expect(resolveDataDir({ LOCALAPPDATA: 'C:\\Data' }, 'win32', 'C:\\me')).toMatch(/^C:\\Data.kt$/)
  })
})

describe('idle timeout', () => {
  it.each([
    [undefined, 4 * 3_600_000],
    ['', 4 * 3_600_000],
    ['0', 0],
    ['90', 90_000],
    ['250ms', 250],
    ['30m', 1_800_000],
    ['2d', 172_800_000],
  ])('%s is %d ms', (text, expected) => expect(idleTimeoutMs({ KT_IDLE_TIMEOUT: text })).toBe(expected))

  it.each(['soon', '-1', '1.5h'])('refuses %s', (text) => {
    expect(() => idleTimeoutMs({ KT_IDLE_TIMEOUT: text })).toThrow(`KT_IDLE_TIMEOUT is '${text}'`)
  })
})
