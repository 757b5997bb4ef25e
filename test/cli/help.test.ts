import { describe, expect, it } from 'vitest'
import { commandLoaders, loadSpecs } from '../../src/cli/commands.ts'
import { CommandExit } from '../../src/cli/exit.ts'
import { help, overview } from '../../src/cli/help.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { usageExit } from '../../src/cli/usage.ts'
import { memoryIo } from './memory-io.ts'

/** Answers `kt <args>`; `explained` are the commands whose help was asked for. */
async function ask(...args: string[]): Promise<{ code: number; out: string; err: string; explained: string[] }> {
  const io = memoryIo()
  const explained: string[] = []
  const code = await help(args, io, (command) => Promise.resolve(void explained.push(command)))
  return { code, out: io.out.text, err: io.err.text, explained }
}

describe('help', () => {
  it('lists every command once, in a section, on one line of 80 columns', async () => {
    const specs = await loadSpecs()
    const text = overview(specs)
    for (const { name } of specs) expect(text.match(new RegExp(`^  ${name}  `, 'gm')), name).toHaveLength(1)
    expect(text).not.toContain('\nMore\n')
    expect(text.split('\n').filter((line) => /^ {2}\S+ {2,}/.test(line) && line.length > 80)).toEqual([])
    expect(overview([...specs, { ...specs[0]!, name: 'brand-new' }])).toMatch(/\nMore\n {2}brand-new /)
  })

  it.each([[[]], [['--help']], [['-h']], [['help']], [['help', '--help']]])('%j shows where to start', async (args) => {
    const { code, out, err } = await ask(...args)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('kt topics --create --topic hello')
  })

  it('hands the help of a command on', async () => {
    expect(await ask('help', 'topics')).toEqual({ code: 0, out: '', err: '', explained: ['topics'] })
  })

  it.each([
    [['tpoics'], 'tpoics is not a kt command; did you mean `kt topics`?\n'],
    [['kafka-topics.sh', '--list'], 'kafka-topics.sh is not a kt command; did you mean `kt topics`?\n'],
    [['help', 'grops'], 'grops is not a kt command; did you mean `kt groups`?\n'],
    [['xyzzy'], 'xyzzy is not a kt command; `kt --help` lists the commands\n'],
    [['constructor'], 'constructor is not a kt command; `kt --help` lists the commands\n'],
    [['--list'], '--list is not an option of kt itself; options come after the command, and `kt --help` lists those\n'],
  ])('%j is not known', async (args, message) => {
    expect(await ask(...args)).toMatchObject({ code: 2, out: '', err: message })
  })
})

describe('wrong usage', () => {
  it('shows the options, but only points to them at a terminal', async () => {
    const { spec } = await commandLoaders.topics!()
    const module = { spec, run: () => Promise.resolve(usageExit(spec, 'Which topic?')) }
    const piped = memoryIo()
    expect(await runCommand(module, [], piped)).toBe(1)
    expect(piped.err.text).toMatch(/^Which topic\?\nOption +Description\n/)
    const terminal = { ...memoryIo(), isTTY: true }
    expect(await runCommand(module, [], terminal)).toBe(1)
    expect(terminal.err.text).toBe('Which topic?\n`kt topics --help` shows the options.\n')
    expect(new CommandExit(1, 'text\n').brief).toBe('text\n')
  })

  it.each([
    ['topics', '--lst', '--list'],
    ['topics', '--replica-as', '--replica-assignment'],
    ['configs', '--entity-typ=topics', '--entity-type'],
    ['topics', '--xyzzy', undefined],
  ])('kt %s %s: guesses at a terminal', async (name, option, meant) => {
    const module = await commandLoaders[name]!()
    const piped = memoryIo()
    expect(await runCommand(module, ['--bootstrap-server', 'h:1', option], piped)).toBe(1)
    expect(piped.err.text).toContain('is not a recognized option')
    expect(piped.err.text).not.toContain('Did you mean')
    const terminal = { ...memoryIo(), stderrIsTTY: true }
    await runCommand(module, ['--bootstrap-server', 'h:1', option], terminal)
    expect(terminal.err.text).toBe(`${piped.err.text}${meant === undefined ? '' : `Did you mean ${meant}?\n`}`)
  })

  it('leaves the guess to argparse4j where that made one', async () => {
    const io = { ...memoryIo(), stderrIsTTY: true }
    expect(await runCommand(await commandLoaders.cluster!(), ['cluster-id', '--bootstrap-servr', 'h:1'], io)).toBe(1)
    expect(io.err.text.match(/Did you mean/g)).toHaveLength(1)
  })
})
