import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSpecs } from '../../src/cli/commands.ts'
import { CommandExit } from '../../src/cli/exit.ts'
import { profileGuard } from '../../src/cli/profile-guard.ts'
import { mayOmitBootstrap, resolveBootstrap, sessionProperties } from '../../src/cli/session.ts'
import { takeSessionOptions } from '../../src/cli/session-options.ts'
import { setChangeGuard } from '../../src/client/change-guard.ts'
import { setCurrentProfile } from '../../src/config/profiles/current.ts'
import { type MemoryIo, memoryIo } from './memory-io.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-session-'))
})
afterEach(() => {
  setChangeGuard(undefined)
  rmSync(dir, { recursive: true, force: true })
})

const io = (env: Record<string, string> = {}): MemoryIo => memoryIo([], { KT_CONFIG_DIR: dir, ...env })
const write = (text: string): void => writeFileSync(join(dir, 'profiles.yaml'), text)
const two = `profiles:
  a: { bootstrap: 'a:1', properties: { client.id: me } }
  b: { bootstrap: ['b:1', 'b:2'] }
`
const spec = { options: [{ name: 'bootstrap-server' }] }

describe('which cluster', () => {
  it.each([
    ['the option before all names', 'given:1', { KT_BOOTSTRAP_SERVER: 'env:1', KT_PROFILE: 'b' }, undefined, 'given:1'],
    [
      'the variable with an address before profiles',
      undefined,
      { KT_BOOTSTRAP_SERVER: 'env:1', KT_PROFILE: 'b' },
      undefined,
      'env:1',
    ],
    ['KT_PROFILE before the chosen one', undefined, { KT_PROFILE: 'b' }, undefined, 'b:1,b:2'],
    ['the chosen one', undefined, {}, undefined, 'a:1'],
    ['--profile before every variable', undefined, { KT_BOOTSTRAP_SERVER: 'env:1', KT_PROFILE: 'a' }, 'b', 'b:1,b:2'],
    ['another address of the cluster of --profile', 'given:1', {}, 'b', 'given:1'],
  ])('%s', async (_what, given, env, profile, expected) => {
    write(two)
    setCurrentProfile({ KT_CONFIG_DIR: dir }, 'a')
    const session = profile === undefined ? {} : { profile }
    expect(await resolveBootstrap({ ...io(env), session }, given)).toBe(expected)
  })

  it('gives the properties of a profile to its own cluster only', async () => {
    write(two)
    setCurrentProfile({ KT_CONFIG_DIR: dir }, 'a')
    expect(Object.fromEntries(await sessionProperties(io(), undefined))).toEqual({ 'client.id': 'me' })
    expect((await sessionProperties(io(), 'other:1')).size).toBe(0)
    expect((await sessionProperties(io({ KT_BOOTSTRAP_SERVER: 'other:1' }), undefined)).size).toBe(0)
    expect((await sessionProperties({ ...io(), session: { profile: 'a' } }, 'other:1')).size).toBe(1)
  })

  it('goes back to the embedded broker when told so', () => {
    write(two)
    setCurrentProfile({ KT_CONFIG_DIR: dir }, 'a')
    expect(mayOmitBootstrap(io())).toBe(true)
    expect(mayOmitBootstrap({ ...io(), session: { profile: 'embedded' } })).toBe(false)
    expect(mayOmitBootstrap({ ...io({ KT_EMBEDDED: '' }), session: { profile: 'embedded' } })).toBe(true)
    setCurrentProfile({ KT_CONFIG_DIR: dir }, undefined)
    expect(mayOmitBootstrap(io())).toBe(false)
  })

  it('tells which profiles there are when one is not', async () => {
    write(two)
    const error = await resolveBootstrap(io({ KT_PROFILE: 'c' }), undefined).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: `There is no profile 'c' in ${dir}/profiles.yaml.` })
    expect((error as { nextStep: string }).nextStep).toContain('The profiles are a, b;')
  })
})

describe('options of every command with a cluster', () => {
  it('are taken off the arguments', () => {
    const taken = takeSessionOptions(spec, ['--list', '--profile', 'a', '--confirm=a', '--', '--profile', 'b'], io())
    expect(taken.args).toEqual(['--list', '--', '--profile', 'b'])
    expect(taken.io.session).toEqual({ profile: 'a', confirm: 'a' })
  })

  it('stay where there is no cluster', () => {
    const args = ['--profile', 'a']
    expect(takeSessionOptions({ options: [{ name: 'files' }] }, args, io()).args).toBe(args)
  })

  it.each([[['--profile']], [['--profile', '--list']], [['--profile=']], [['--profile', 'a', '--profile', 'b']]])(
    'refuse %j',
    (args) => {
      expect(() => takeSessionOptions(spec, args, io())).toThrow(CommandExit)
    },
  )

  it('are described with every command that has a cluster, once', async () => {
    for (const { name, options, hasNoSession } of await loadSpecs()) {
      const names = options.map((one) => one.name)
      const hasCluster = !hasNoSession && (names.includes('bootstrap-server') || names.includes('broker-list'))
      expect([name, names.filter((one) => one === 'profile').length]).toEqual([name, hasCluster ? 1 : 0])
    }
  })
})

describe('the guard of a profile', () => {
  const at = (terminal: boolean, confirm?: string) => ({
    ...io(),
    isTTY: terminal,
    stdinIsTTY: terminal,
    session: confirm === undefined ? {} : { confirm },
  })
  const guard = { name: 'prod', protected: true, readOnly: false }

  it('is not there for a plain profile', () => {
    expect(profileGuard({ name: 'dev', protected: false, readOnly: false }, io())).toBeUndefined()
  })

  it('refuses every change of a read-only one, confirmed or not', async () => {
    const one = profileGuard({ name: 'prod', protected: true, readOnly: true }, at(false, 'prod'))!
    await expect(one.beforeChange('deleteTopics')).rejects.toThrow('read-only: it does not let you delete topics')
    await expect(one.beforeChange('joinGroup', 'Billing')).rejects.toThrow('does not let you join group Billing.')
    await expect(one.beforeChange('commitOffsets', 'g')).rejects.toThrow('does not let you commit offsets of group g.')
  })

  it('wants the name of a protected one where nobody can type it', async () => {
    const session = at(false)
    await expect(profileGuard(guard, session)!.beforeChange('deleteTopics')).rejects.toThrow('has to be confirmed')
    expect(session.session).toEqual({ refused: true })
    await expect(profileGuard(guard, at(false, 'dev'))!.beforeChange('deleteTopics')).rejects.toThrow("names 'dev'")
    await profileGuard(guard, at(false, 'prod'))!.beforeChange('deleteTopics')
  })

  it('asks once at a terminal', async () => {
    let questions = 0
    const answer = (text: string) => async (): Promise<string> => {
      questions++
      return text
    }
    const right = profileGuard(guard, at(true), answer('prod '))!
    await right.beforeChange('deleteTopics')
    await right.beforeChange('createTopics')
    expect(questions).toBe(1)
    await expect(profileGuard(guard, at(true), answer('yes'))!.beforeChange('x')).rejects.toThrow('not its name')
    await expect(profileGuard(guard, at(true), answer(''))!.beforeChange('x')).rejects.toThrow(CommandExit)
  })
})
