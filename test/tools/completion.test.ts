import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLoaders, loadSpecs } from '../../src/cli/commands.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { typedInZsh } from './zsh-typing.ts'

const commands = Object.keys(commandLoaders)

/** Runs `kt completion` with these arguments. */
async function completion(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = memoryIo()
  const code = await runCommand(await commandLoaders.completion!(), args, io)
  return { code, out: io.out.text, err: io.err.text }
}

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).error === undefined

let dir: string
let file: (shell: string) => string

/** Standard output of a shell, of which nothing may go to standard error. */
function shell(name: string, args: string[], script: string): string[] {
  const { stdout, stderr } = spawnSync(name, [...args, '-c', script], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: dir, LANG: 'C.UTF-8' },
  })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kt-completion-'))
  file = (name) => join(dir, `script.${name}`)
  for (const name of ['bash', 'zsh', 'fish']) writeFileSync(file(name), (await completion(name)).out)
  writeFileSync(join(dir, 'my client.properties'), '')
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('kt completion', () => {
  it.each(['bash', 'zsh', 'fish'])('knows every command and option in %s, the same each time', async (name) => {
    const { code, out, err } = await completion(name)
    expect([code, err]).toEqual([0, ''])
    expect((await completion(name)).out).toBe(out)
    for (const spec of await loadSpecs()) {
      expect(out).toContain(spec.name)
      for (const option of spec.options.filter(({ deprecated }) => !deprecated)) expect(out).toContain(option.name)
    }
  })

  it('says how to install itself', async () => {
    const { code, out } = await completion('--help')
    expect(code).toBe(0)
    for (const text of ['Usage: kt completion bash|zsh|fish', '~/.bashrc', '~/.zshrc', 'completions/kt.fish']) {
      expect(out).toContain(text)
    }
  })

  it.each([[[], 'Which shell?'] as const, [['tcsh'], "no completion for 'tcsh'"] as const])(
    '%s fails',
    async (args, text) => {
      const { code, out, err } = await completion(...args)
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain(text)
      expect(err).toContain('Usage: kt completion bash|zsh|fish')
    },
  )
})

/** What bash would offer for the last of these words, as its readline cuts them. */
const inBash = (...words: string[]): string[] => {
  const array = words.map((word) => `'${word}'`).join(' ')
  return shell(
    'bash',
    ['--norc'],
    `. '${file('bash')}'
     function=$(complete -p kt | sed 's/.*-F \\([^ ]*\\) kt/\\1/')
     COMP_WORDS=(${array}) COMP_CWORD=${words.length - 1}
     "$function" kt
     printf '%s\\n' "\${COMPREPLY[@]}"`,
  )
}

describe.runIf(has('bash'))('in bash', () => {
  it.each<[string[], string[]]>([
    [['kt', 'top'], ['topics']],
    [
      ['kt', 'console-'],
      ['console-consumer', 'console-producer', 'console-share-consumer'],
    ],
    [['kt', '--v'], ['--version']],
    [['kt', 'help', 'get'], ['get-offsets']],
    [['kt', 'topics', '--des'], ['--describe']],
    [
      ['kt', 'topics', '--list', '--output', ''],
      ['json', 'yaml', 'table'],
    ],
    [['kt', 'topics', '--output', '=', 'y'], ['yaml']],
    [
      ['kt', 'topics', '--output', '='],
      ['json', 'yaml', 'table'],
    ],
    [['kt', 'topics', '--topic', ''], []],
    [['kt', 'topics', '--command-config', 'my'], ['my client.properties']],
    [
      ['kt', 'broker', 'st'],
      ['start', 'stop', 'status'],
    ],
    [['kt', 'broker', 'start', '--p'], ['--port']],
    [
      ['kt', 'configs', '--entity-type', 'broker'],
      ['brokers', 'broker-loggers'],
    ],
    [['kt', 'consumer-groups', '--list', '--state', 'E'], ['Empty']],
    [['kt', 'consumer-groups', '--list', '--state', '--ty'], ['--type']],
    [['kt', 'server-start', 'my'], ['my client.properties']],
    [['kt', 'nonsense', '--'], []],
  ])('%j', (words, expected) => {
    expect(inBash(...words)).toEqual(expected)
  })

  it('offers all commands', () => {
    expect(inBash('kt', '')).toEqual([...commands.toSorted(), 'help', '--help', '--version'])
  })
})

describe.runIf(has('fish'))('in fish', () => {
  const inFish = (line: string): string[] =>
    shell('fish', ['--no-config'], `source '${file('fish')}'; complete -C '${line}'`).map(
      (text) => text.split('\t', 1)[0]!,
    )

  it.each<[string, string[]]>([
    ['kt top', ['topics']],
    ['kt help get', ['get-offsets']],
    ['kt topics --des', ['--describe']],
    ['kt topics --list --output ', ['json', 'table', 'yaml']],
    ['kt topics --output=y', ['--output=yaml']],
    ['kt topics --topic ', []],
    ['kt topics --command-config my', ['my client.properties']],
    ['kt broker st', ['start', 'status', 'stop']],
    ['kt broker start st', []],
    ['kt configs --entity-type top', ['topics']],
    ['kt configs --entity-type topics --entity-def', ['--entity-default']],
    ['kt server-start my', ['my client.properties']],
  ])('%s', (line, expected) => {
    expect(inFish(line).toSorted()).toEqual(expected)
  })
})

describe.runIf(has('zsh'))('in zsh', () => {
  /** Types into an interactive zsh in a pseudo-terminal and reads what it lists. */
  const inZsh = (line: string): string => shell('zsh', ['-f'], typedInZsh(file('zsh'), line)).join('\n')

  it.each<[string, RegExp]>([
    ['kt ', /topics\s+-- Create, list, describe/],
    ['kt topics --de', /--delete[\s\S]*--describe/],
    ['kt topics --output ', /json\s+table\s+yaml|json\s+yaml\s+table/],
    ['kt broker ', /logs\s+start\s+status\s+stop/],
  ])('%s', (line, expected) => {
    expect(inZsh(line)).toMatch(expected)
  })
})
