import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onKafka, startTestBroker, type TestBroker } from './test-broker.ts'

const root = join(import.meta.dirname, '../..')
const program = join(root, 'bin/run.js')

/** What a command printed and how it ended. */
export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** A process that goes on; `text` is what it has printed so far. */
export interface Background {
  child: ChildProcess
  /** Waits until standard output or error has the text. Fails when the process ends without it. */
  until(text: string): Promise<void>
  ended: Promise<Outcome>
}

/** A place of its own for each test: data, brokers and files that no other test sees. */
export class Sandbox {
  readonly dir = mkdtempSync(join(tmpdir(), 'kt-integration-'))
  readonly dataDir = join(this.dir, 'data')
  readonly env: Record<string, string>
  readonly #children = new Set<ChildProcess>()
  #kafka: TestBroker | undefined

  constructor() {
    if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('dist/ is not built: npm run build')
    mkdirSync(join(this.dir, 'run'))
    const {
      NODE_OPTIONS: _options,
      KT_BOOTSTRAP_SERVER: _server,
      KT_PROFILE: _profile,
      ...env
    } = process.env as Record<string, string>
    this.env = {
      ...env,
      KT_DATA_DIR: this.dataDir,
      KT_RUN_DIR: join(this.dir, 'run'),
      KT_CONFIG_DIR: join(this.dir, 'config'),
      KT_STATE_DIR: join(this.dir, 'state'),
      COLUMNS: '80',
      NO_COLOR: '1',
    }
  }

  /**
   * Starts the broker that commands use from now on: the embedded one, in a process of its own, or a real Kafka
   * (`npm run on-kafka`).
   * @returns its address
   */
  async startBroker(): Promise<string> {
    if (onKafka) {
      this.#kafka = await startTestBroker()
      this.env.KT_BOOTSTRAP_SERVER = this.#kafka.bootstrapServers
      return this.#kafka.bootstrapServers
    }
    const { code, stderr } = await this.run(['broker', 'start', '--port', '0'])
    if (code !== 0) throw new Error(`kt broker start ended with ${code}:\n${stderr}`)
    return (await this.status()).bootstrap
  }

  /** Starts `kt` with these arguments. */
  start(args: readonly string[], env: Record<string, string> = {}, input = ''): Background {
    const started = this.#spawn(args, env)
    started.child.stdin!.end(input)
    return started
  }

  /** Starts `kt` with its input left open: `type` writes to it. */
  startTyping(args: readonly string[]): Background & { type(text: string): void } {
    const started = this.#spawn(args, {})
    return { ...started, type: (text) => void started.child.stdin!.write(text) }
  }

  #spawn(args: readonly string[], env: Record<string, string>): Background {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.dir,
      env: { ...this.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // A command that doesn't read its input may be gone before it is written.
    child.stdin!.on('error', () => {})
    this.#children.add(child)
    let stdout = ''
    let stderr = ''
    const listeners = new Set<() => void>()
    const changed = (): void => {
      for (const listener of listeners) listener()
    }
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      changed()
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      changed()
    })
    const ended = new Promise<Outcome>((resolve) => {
      child.once('close', (code) => {
        this.#children.delete(child)
        resolve({ code, stdout, stderr })
      })
    })
    const until = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stdout.includes(text) && !stderr.includes(text)) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        void ended.then(() => reject(new Error(`kt ${args.join(' ')} ended without "${text}":\n${stdout}${stderr}`)))
        look()
      })
    return { child, until, ended }
  }

  /** Runs `kt` to its end. */
  run(args: readonly string[], env: Record<string, string> = {}, input = ''): Promise<Outcome> {
    return this.start(args, env, input).ended
  }

  /** `kt broker status` as data. */
  async status(): Promise<{ status: string; pid: number; bootstrap: string; logFile: string }> {
    const { stdout } = await this.run(['broker', 'status', '--output', 'json'])
    return (JSON.parse(stdout) as [{ status: string; pid: number; bootstrap: string; logFile: string }])[0]
  }

  /** Ends everything and removes the files. */
  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    await this.run(['broker', 'stop'])
    await this.#kafka?.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Resolves when a process that is no child is gone. */
export function untilGone(pid: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      try {
        process.kill(pid, 0)
      } catch {
        clearInterval(timer)
        resolve()
      }
    }, 10)
  })
}

/** Something that listens on a free port of localhost. */
export async function occupyPort(): Promise<{ port: number; free(): Promise<void> }> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    free: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
