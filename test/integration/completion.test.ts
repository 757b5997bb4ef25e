import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, watch, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typedInZsh } from '../tools/zsh-typing.ts'
import { occupyPort, Sandbox } from './kt.ts'

const kt = join(import.meta.dirname, '../../bin/run.js')
const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

let box: Sandbox
let cacheDir: string

beforeAll(async () => {
  box = new Sandbox()
  cacheDir = join(box.dir, 'cache')
  mkdirSync(cacheDir)
  mkdirSync(join(box.dir, 'bin'))
  writeFileSync(join(box.dir, 'bin/kt'), `#!/bin/sh\nexec '${process.execPath}' '${kt}' "$@"\n`, { mode: 0o755 })
  for (const shell of shells) writeFileSync(join(box.dir, shell), (await box.run(['completion', shell])).stdout)
})
afterAll(() => box.close())

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** Runs a script in a shell that has the completion; it may print nothing but its result. */
const inShell = (shell: Shell, args: string[], script: string, env: Record<string, string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(shell, [...args, '-c', script], {
      cwd: box.dir,
      env: {
        ...box.env,
        ...env,
        HOME: box.dir,
        LANG: 'C.UTF-8',
        KT_CACHE_DIR: cacheDir,
        PATH: `${join(box.dir, 'bin')}:${process.env.PATH}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', () => (stderr === '' ? resolve(stdout) : reject(new Error(stderr))))
  })

/** As bash cuts a line into words: `:` and `=` are words of their own. */
const bashWords = (line: string): string[] => {
  const words = line.match(/[^\s:=]+|[:=]+/g) ?? []
  return /\s$/.test(line) ? [...words, ''] : words
}

const press: Record<Shell, (line: string, env: Record<string, string>) => Promise<string[]>> = {
  bash: async (line, env) => {
    const words = bashWords(line)
    const script = `. ./bash
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
      COMP_LINE='${line}' COMP_POINT=${line.length}
      _kt kt
      printf '%s\\n' "\${COMPREPLY[@]}"`
    return lines(await inShell('bash', ['--norc'], script, env))
  },
  fish: async (line, env) =>
    lines(await inShell('fish', ['--no-config'], `source ./fish; complete -C '${line}'`, env)).map(
      (text) => text.split('\t', 1)[0]!,
    ),
  zsh: async (line, env) => {
    const text = await inShell('zsh', ['-f'], typedInZsh('./zsh', line), env)
    // Without what moves the cursor, and without the line itself, which is drawn again under the list.
    const plain = text.replace(/\u001b\[[\d;?]*[A-Za-z]|[\r\b\\]/g, ' ')
    return plain.slice(plain.indexOf(line)).replaceAll(line, ' ').split(/\s+/)
  },
}

/** Resolves when the folder of the cache satisfies a condition. */
const untilCache = (condition: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(cacheDir)
    const look = (): void => {
      if (!condition()) return
      watcher.close()
      resolve()
    }
    watcher.on('change', look)
    look()
  })

const cached = (source: string): string[] => readdirSync(cacheDir).filter((name) => name.endsWith(`-${source}`))

const age = (path: string, ms: number): void => {
  const time = new Date(Date.now() - ms)
  utimesSync(path, time, time)
}

describe('with an embedded broker', () => {
  beforeAll(async () => {
    expect((await box.run(['broker', 'start', '--port', '0'])).code).toBe(0)
    await box.run(['topics', '--create', '--topic', 'orders', '--partitions', '2'])
    await box.run(['topics', '--create', '--topic', 'prices'])
    await box.run(['console-producer', '--topic', 'orders'], {}, 'a\n')
    await box.run([
      'console-consumer',
      '--topic',
      'orders',
      '--group',
      'bill it',
      '--from-beginning',
      '--max-messages',
      '1',
    ])
    // The first time may take longer than the Tab key waits.
    for (const [words, source] of [
      ['topics', 'topics'],
      ['group', 'groups'],
      ['brokers', 'brokers'],
    ] as const) {
      await box.run(['completion', '--words', words, 'topics', ''], { KT_CACHE_DIR: cacheDir })
      await untilCache(() => cached(source).length > 0)
    }
  })

  const cases: [line: string, words: string[]][] = [
    ['kt console-consumer --topic o', ['orders']],
    ['kt topics --describe --topic orders,p', ['orders,prices']],
    ['kt lag ', ['bill it']],
    ['kt log-dirs --describe --broker-list ', ['1']],
    ['kt configs --alter --topic orders --add-config retention.b', ['retention.bytes=']],
    ['kt configs --entity-type topics --entity-name p', ['prices']],
    ['kt delete-records --topic orders:', ['orders:0', 'orders:1']],
  ]

  describe.each(shells)('in %s', (shell) => {
    it.runIf(has(shell)).each(cases)('%s', async (line, words) => {
      // bash replaces what follows a colon, and wants blanks escaped; zsh shows lists in columns, and a single match on the line.
      const inBash = words.map((word) => word.replace(/^.*:/, '').replaceAll(' ', '\\ '))
      const found = await press[shell](line, {})
      if (shell === 'zsh') for (const word of words.flatMap((text) => text.split(' '))) expect(found).toContain(word)
      else expect(found).toEqual(shell === 'bash' ? inBash : words)
    })
  })

  it.runIf(has('bash'))('in bash, within quotes and with what the shell would expand', async () => {
    for (const group of ['odd$name', "odd'name"]) {
      const read = [
        'console-consumer',
        '--topic',
        'orders',
        '--group',
        group,
        '--from-beginning',
        '--max-messages',
        '1',
      ]
      await box.run(read)
    }
    for (const name of cached('groups')) rmSync(join(cacheDir, name))
    await box.run(['completion', '--words', 'group', 'topics', ''], { KT_CACHE_DIR: cacheDir })
    await untilCache(() => cached('groups').length > 0)
    expect(await press.bash('kt lag odd', {})).toEqual(['odd\\$name', "odd\\'name"])
    expect(await press.bash('kt lag "odd$', {})).toEqual(['odd\\$name'])
    if (has('fish')) expect(await press.fish('kt lag odd\\$', {})).toEqual(['odd$name'])
  })

  it('shows old names at once and has new ones soon after', async () => {
    await box.run(['topics', '--create', '--topic', 'offers'])
    const [file] = cached('topics').map((name) => join(cacheDir, name))
    age(file!, 60_000)
    const line = 'kt console-consumer --topic o'
    expect(await press.bash(line, {})).toEqual(['orders'])
    await untilCache(() => Date.now() - statSync(file!).mtimeMs < 30_000)
    expect(await press.bash(line, {})).toEqual(['offers', 'orders'])
  })

  it('asks the cluster that the line names', async () => {
    const { bootstrap } = await box.status()
    const line = `kt console-consumer --bootstrap-server ${bootstrap} --topic pr`
    const before = cached('topics').length
    await press.bash(line, { KT_EMBEDDED: 'off' })
    await untilCache(() => cached('topics').length > before)
    expect(await press.bash(line, { KT_EMBEDDED: 'off' })).toEqual(['prices'])
    expect(await press.bash('kt console-consumer --topic pr', { KT_EMBEDDED: 'off' })).toEqual([])
  })

  it('knows profiles, and asks the cluster of the one that is chosen', async () => {
    const env = { KT_CONFIG_DIR: join(box.dir, 'config'), KT_EMBEDDED: 'off' }
    const { bootstrap } = await box.status()
    expect((await box.run(['profile', 'add', 'dev', '--bootstrap-server', bootstrap], env)).code).toBe(0)
    expect(await press.bash('kt profile us', env)).toEqual(['use'])
    expect(await press.bash('kt profile use ', env)).toEqual(['dev', 'embedded'])
    expect(await press.bash('kt topics --profile d', env)).toEqual(['dev'])
    const line = 'kt console-consumer --profile dev --topic pr'
    const before = cached('topics').length
    await press.bash(line, env)
    await untilCache(() => cached('topics').length > before)
    expect(await press.bash(line, env)).toEqual(['prices'])
    expect(await press.bash('kt console-consumer --topic pr', { ...env, KT_PROFILE: 'dev' })).toEqual(['prices'])
  })

  it.runIf(has('script'))('guesses at names at a terminal, and nowhere else', async () => {
    const line = 'kt topics --describe --topic ordrs'
    const said = "Error while executing topic command : Topic 'ordrs' does not exist as expected"
    const atTerminal = await inShell('bash', ['--norc'], `script -qec '${line}' /dev/null </dev/null || true`, {})
    expect(lines(atTerminal.replaceAll('\r', ''))).toEqual([said, 'Did you mean orders?'])
    expect(await inShell('bash', ['--norc'], `${line} 2>&1 || true`, {})).toBe(`${said}\n`)
  })
})

describe('without an answer', () => {
  it.each(shells.filter(has))('%s is silent about an address where nothing listens', async (shell) => {
    const { port, free } = await occupyPort()
    await free()
    const line = `kt console-consumer --bootstrap-server localhost:${port} --topic `
    const found = await press[shell](line, {})
    expect(found.filter((word) => /orders|prices|rror|ECONN/.test(word))).toEqual([])
    if (shell !== 'zsh') expect(found).toEqual([])
  })

  it('does not wait for a server that says nothing', async () => {
    const sockets = new Set<Socket>()
    const silent = createServer((socket) => void sockets.add(socket.on('error', () => {}).resume()))
    await new Promise<void>((resolve) => silent.listen(0, 'localhost', resolve))
    const { port } = silent.address() as AddressInfo
    // The server goes on saying nothing until the end: only a limit of time ends this.
    expect(await press.bash(`kt console-consumer --bootstrap-server localhost:${port} --topic `, {})).toEqual([])
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  it('starts no broker', async () => {
    const env = { KT_DATA_DIR: join(box.dir, 'none') }
    expect(await press.bash('kt console-consumer --topic ', env)).toEqual([])
    expect(existsSync(env.KT_DATA_DIR)).toBe(false)
  })
})
