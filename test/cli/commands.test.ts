import { describe, expect, it } from 'vitest'
import { commandLoaders } from '../../src/cli/commands.ts'
import { CommandExit, NotYetSupportedError } from '../../src/cli/exit.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../src/cli/session.ts'
import { suggestCommand } from '../../src/cli/suggest.ts'
import { memoryIo } from './memory-io.ts'

const mine = ['topics', 'configs', 'get-offsets', 'consumer-groups', 'console-producer', 'console-consumer']

describe('commands', () => {
  it.each(mine)('%s describes itself', async (name) => {
    const { spec } = await commandLoaders[name]!()
    expect(spec.name).toBe(name)
    expect(spec.script).toBe(`kafka-${name}`)
    expect(spec.examples.length).toBeGreaterThan(1)
    const names = spec.options.map((option) => option.name)
    expect(new Set(names).size).toBe(names.length)
    for (const option of spec.options) expect(option.description, option.name).not.toBe('')
  })

  it.each(mine)('%s says its usage with code 1 and its version with 0', async (name) => {
    const module = await commandLoaders[name]!()
    const help = memoryIo()
    expect(await runCommand(module, [], help)).toBe(1)
    expect(help.err.text).toMatch(/^Option\s+Description$/m)
    expect(help.out.text).toBe('')
    const version = memoryIo()
    expect(await runCommand(module, ['--version'], version)).toBe(0)
    expect(version.out.text).toBe('4.3.0\n')
  })
})

describe('runCommand', () => {
  const spec = { name: 'x', script: 'x', summary: '', description: '', options: [], examples: [] }
  const failing = (error: unknown) => ({ spec, run: () => Promise.reject(error) })

  it('turns exits and errors into text and codes', async () => {
    const io = memoryIo()
    expect(await runCommand(failing(new CommandExit(3, 'gone\n')), [], io)).toBe(3)
    expect(io.err.text).toBe('gone\n')
    const other = memoryIo()
    expect(await runCommand(failing(new NotYetSupportedError('later')), [], other)).toBe(1)
    expect(other.err.text).toBe('later\n')
  })

  it('shows a stack only when asked to', async () => {
    const io = memoryIo([], { KT_DEBUG: '1' })
    await runCommand(failing(new Error('broken')), [], io)
    expect(io.err.text).toContain('broken\nError: broken\n    at ')
  })
})

describe('session', () => {
  it('takes the option, else the environment', async () => {
    expect(await resolveBootstrap(memoryIo(), 'a:1')).toBe('a:1')
    expect(await resolveBootstrap(memoryIo([], { KT_BOOTSTRAP_SERVER: 'b:2' }), undefined)).toBe('b:2')
    await expect(resolveBootstrap(memoryIo(), undefined)).rejects.toThrow('--bootstrap-server must be specified')
  })

  it('insists on the option only when told so', () => {
    expect(mayOmitBootstrap({ env: {} })).toBe(true)
    expect(mayOmitBootstrap({ env: { KT_EMBEDDED: 'off' } })).toBe(false)
    expect(mayOmitBootstrap({ env: { KT_EMBEDDED: 'off', KT_BOOTSTRAP_SERVER: 'b:2' } })).toBe(true)
  })
})

describe('suggestCommand', () => {
  it.each([
    ['tpoics', 'topics'],
    ['kafka-topics.sh', 'topics'],
    ['kafka-topics', 'topics'],
    ['console-p', 'console-producer'],
    ['xyzzy', undefined],
  ])('%s → %s', (typed, expected) => {
    expect(suggestCommand(typed, mine)).toBe(expected)
  })
})
