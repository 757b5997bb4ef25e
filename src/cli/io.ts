import { fstatSync, read } from 'node:fs'
import { isatty } from 'node:tty'
import type { FailedThing } from './machine.ts'
import { FdOutput, type Output, SyncOutput } from './output.ts'

/** What `--profile` and `--confirm` were given, on every command that talks to a cluster, and what came of it. */
export interface Session {
  profile?: string
  confirm?: string
  /** The profile in use, once it is. */
  active?: string
  /** Its changes are asked about, or refused, by its guard: no other question is needed. */
  guarded?: boolean
  /** A change was refused: the command has failed, whatever it makes of that. */
  refused?: boolean
  /** The undo file that is being put back, for the undo files of that. */
  undoes?: string
}

/**
 * Everything a command touches outside itself, so that tests can put something else there. Data goes to `out`, all else to
 * `err`.
 */
export interface Io {
  /** Standard input as chunks of bytes; read at most once. */
  stdin(): AsyncIterable<Buffer>
  out: Output
  err: Output
  env: Record<string, string | undefined>
  /** Options that are not the command's own; there when a command runs. */
  session?: Session
  /** Is standard output a terminal? */
  isTTY: boolean
  /** Is standard error a terminal? Only there is Kafka's text added to. */
  stderrIsTTY: boolean
  /** Is standard input a terminal? Only then may a command ask questions. */
  stdinIsTTY: boolean
  /** Width of the terminal, undefined when output is not one. */
  columns: number | undefined
  /** May output be coloured? A terminal, and NO_COLOR unset. */
  colour: boolean
  /** Calls `handler` on Ctrl-C or SIGTERM instead of ending the process; returns the way back. */
  onInterrupt(handler: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Where the document goes when a program reads it; `out` is then for text that is no part of it. */
  document?: Output
  /** Notes a failure for the error document, when a program reads it; `thing` is which of several things failed. */
  failed?(error: unknown, thing?: FailedThing): void
}

/** Prints a line; Java's println. */
export const println = (output: Output, text = ''): void => output.write(`${text}\n`)

const onInterrupt = (handler: (signal: 'SIGINT' | 'SIGTERM') => void): (() => void) => {
  const onInt = (): void => handler('SIGINT')
  const onTerm = (): void => handler('SIGTERM')
  process.on('SIGINT', onInt)
  process.on('SIGTERM', onTerm)
  return () => {
    process.off('SIGINT', onInt)
    process.off('SIGTERM', onTerm)
  }
}

const FILE_CHUNK_BYTES = 1024 * 1024

const isFile = (fd: number): boolean => {
  try {
    return fstatSync(fd).isFile()
  } catch {
    return false
  }
}

const readChunk = (fd: number, buffer: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, bytesRead) => (error ? reject(error) : resolve(bytesRead)))
  })

/** A file in large pieces, the next one being read while one is worked on. A piece is valid until the one after it is asked for. */
async function* readFileChunks(fd: number): AsyncGenerator<Buffer> {
  let [current, next] = [Buffer.allocUnsafeSlow(FILE_CHUNK_BYTES), Buffer.allocUnsafeSlow(FILE_CHUNK_BYTES)]
  let reading = readChunk(fd, current)
  for (;;) {
    const bytesRead = await reading
    if (bytesRead === 0) return
    reading = readChunk(fd, next)
    // A failure is thrown when its turn comes, not while the piece before is worked on.
    reading.catch(() => {})
    yield current.subarray(0, bytesRead)
    ;[current, next] = [next, current]
  }
}

/** The process's own standard streams, environment and signals. */
export const processIo = (): Io & { out: FdOutput; err: SyncOutput } => {
  const outIsTTY = isatty(1)
  return {
    stdin: () => (isFile(0) ? readFileChunks(0) : (process.stdin as unknown as AsyncIterable<Buffer>)),
    out: new FdOutput(1),
    err: new SyncOutput(2),
    env: process.env,
    isTTY: outIsTTY,
    stderrIsTTY: isatty(2),
    stdinIsTTY: isatty(0),
    columns: outIsTTY ? process.stdout.columns : undefined,
    colour: outIsTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
    onInterrupt,
  }
}
