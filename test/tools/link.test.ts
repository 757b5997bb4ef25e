import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSpecs } from '../../src/cli/commands.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { linkCommand } from '../../src/tools/link/command.ts'
import { memoryIo } from '../cli/memory-io.ts'

const fromSources = [process.execPath, resolve('bin/dev.js')]

let base: string

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kt-link-'))
})

afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

async function link(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = memoryIo([], { PATH: `/bin:${join(base, 'found')}` })
  const code = await runCommand(
    linkCommand(loadSpecs, () => fromSources),
    args,
    io,
  )
  return { code, out: io.out.text, err: io.err.text }
}

describe('kt link', () => {
  it('writes a script for every command that mirrors one, which runs it', async () => {
    const dir = join(base, "it's a new one")
    const { code, out, err } = await link(dir)
    expect(code).toBe(0)
    const names = (await loadSpecs())
      .filter(({ script }) => /^(?:kafka|connect)-/.test(script))
      .map(({ script }) => script)
    expect(
      out
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ', 1)[0]),
    ).toEqual(names.map((one) => `${one}.sh`).sort())
    expect(out).toMatch(/^kafka-topics\.sh +kt topics$/m)
    expect(err).toContain(`Wrote ${names.length} scripts to ${dir}.\nTo have them found: export PATH=`)
    expect(statSync(join(dir, 'kafka-topics.sh')).mode & 0o777).toBe(0o755)
    const run = spawnSync(join(dir, 'kafka-topics.sh'), ['--list', '--topic', 'a b'], {
      encoding: 'utf8',
      env: { ...process.env, KT_EMBEDDED: 'off', KT_BOOTSTRAP_SERVER: '' },
    })
    expect([run.status, run.stderr.split('\n', 1)[0]]).toEqual([1, '--bootstrap-server must be specified'])
  }, 60_000)

  it('says nothing of PATH when the directory is on it', async () => {
    const dir = join(base, 'found')
    expect((await link(dir)).err).toBe(`Wrote ${readScripts(await loadSpecs())} scripts to ${dir}.\n`)
  })

  it('leaves files of others alone, unless forced', async () => {
    const [theirs, target] = [join(base, 'kafka-topics.sh'), join(base, 'target')]
    writeFileSync(target, 'precious')
    symlinkSync(target, theirs)
    const refused = await link(base)
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toContain(`  ${theirs}\n--force replaces them.`)
    expect(statSync(join(base, 'kafka-groups.sh'), { throwIfNoEntry: false })).toBeUndefined()
    expect((await link(base, '--force')).code).toBe(0)
    expect(readFileSync(target, 'utf8')).toBe('precious')
    expect(readFileSync(theirs, 'utf8')).toMatch(/^#!\/bin\/sh\n# Written by `kt link`\.\nexec .* topics "\$@"\n$/)
    expect((await link(base)).code).toBe(0)
  })

  it.each([[[]], [['a', 'b']]])('%j is no directory', async (args) => {
    expect(await link(...args)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('Usage: kt link DIRECTORY'),
    })
  })

  it('explains itself', async () => {
    expect(await link('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--force') })
  })
})

function readScripts(specs: Awaited<ReturnType<typeof loadSpecs>>): number {
  return specs.filter(({ script }) => /^(?:kafka|connect)-/.test(script)).length
}
