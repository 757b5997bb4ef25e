import type { Io } from '../../src/cli/io.ts'
import type { Output } from '../../src/cli/output.ts'

/** An Output that keeps what it is given. */
export class MemoryOutput implements Output {
  closed = false
  readonly #chunks: Buffer[] = []

  write(data: string | Buffer): void {
    if (!this.closed) this.#chunks.push(Buffer.from(data as Buffer))
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}

export interface MemoryIo extends Io {
  out: MemoryOutput
  err: MemoryOutput
  /** Pretends that the user pressed Ctrl-C. */
  interrupt(): void
}

/** An Io without a terminal: input from `stdin`, output kept, no embedded broker. */
export const memoryIo = (stdin: readonly (string | Buffer)[] = [], env: Record<string, string> = {}): MemoryIo => {
  const handlers = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>()
  return {
    async *stdin() {
      for (const chunk of stdin) yield Buffer.from(chunk as Buffer)
    },
    out: new MemoryOutput(),
    err: new MemoryOutput(),
    // No profile of whoever runs the tests.
    env: { KT_EMBEDDED: 'off', KT_CONFIG_DIR: '/nonexistent', ...env },
    isTTY: false,
    stderrIsTTY: false,
    stdinIsTTY: false,
    columns: undefined,
    colour: false,
    onInterrupt: (handler) => {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    interrupt: () => {
      for (const handler of handlers) handler('SIGINT')
    },
  }
}
