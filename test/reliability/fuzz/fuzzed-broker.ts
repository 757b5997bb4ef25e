import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('broker.mts', import.meta.url))
const MAX_KEPT_LINES = 20
/** What a broker must never say, whatever comes in. */
const INTERNAL = / (ERROR|FATAL) |failed unexpectedly/
/** A line of the log, or of the stack that follows one. */
const LOG_LINE = /^(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] [A-Z]+ |ports=|\s+\S|\w*Error\b)/

/** A broker in a process of its own whose log is watched. */
export class FuzzedBroker {
  /** Lines of its log that tell of a defect. */
  readonly internalErrors: string[] = []
  /** Lines that are none: somebody has put a line break into the log. */
  readonly forgedLines: string[] = []
  private readonly child: ChildProcess
  private readonly dir: string
  private ports: Record<string, number> = {}

  private constructor(child: ChildProcess, dir: string) {
    this.child = child
    this.dir = dir
  }

  static async start(overrides: Readonly<Record<string, string>>): Promise<FuzzedBroker> {
    const dir = await mkdtemp(join(tmpdir(), 'kt-fuzz-'))
    const args = ['--import', 'tsx', script, dir, JSON.stringify(overrides)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const broker = new FuzzedBroker(child, dir)
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the broker ended with ${code} before it was ready`)))
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (line.startsWith('ports=')) {
          broker.ports = JSON.parse(line.slice('ports='.length)) as Record<string, number>
          resolve()
        } else broker.onLine(line)
      })
    })
    return broker
  }

  private onLine(line: string): void {
    if (INTERNAL.test(line) && this.internalErrors.length < MAX_KEPT_LINES) this.internalErrors.push(line)
    if (!LOG_LINE.test(line) && this.forgedLines.length < MAX_KEPT_LINES) this.forgedLines.push(line)
  }

  port(listener: string): number {
    const port = this.ports[listener]
    if (port === undefined) throw new RangeError(`there is no listener ${listener}`)
    return port
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resident memory; 0 where /proc doesn't say. */
  residentBytes(): number {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
    } catch {
      return 0
    }
  }

  async stop(): Promise<void> {
    if (this.isRunning) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve))
      this.child.stdin?.end()
      await ended
    }
    await rm(this.dir, { recursive: true, force: true })
  }
}
