import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Where log lines go. */
export interface LogDestination {
  write(line: string): void
}

export interface RotationOptions {
  /** A file this large is put aside. */
  maxBytes?: number
  /** Files put aside that are kept: `name.1` is the newest. */
  keep?: number
}

const DEFAULT_MAX_BYTES = 5 * 1024 * 1024
const DEFAULT_KEEP = 2

/** An append-only log file of bounded size. A disk that refuses loses log lines, never the broker. */
export class RotatingFile implements LogDestination {
  readonly path: string
  readonly #maxBytes: number
  readonly #keep: number
  #fd: number | undefined
  #sizeBytes = 0

  constructor(path: string, options: RotationOptions = {}) {
    this.path = path
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#keep = options.keep ?? DEFAULT_KEEP
    mkdirSync(dirname(path), { recursive: true })
    this.#open()
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    try {
      if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#maxBytes) this.#rotate()
      if (this.#fd === undefined) this.#open()
      this.#sizeBytes += writeSync(this.#fd!, bytes)
    } catch {
      // Nowhere to report it: this is where reports go.
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #open(): void {
    this.#fd = openSync(this.path, 'a', 0o644)
    this.#sizeBytes = fstatSync(this.#fd).size
  }

  #rotate(): void {
    this.close()
    rmSync(`${this.path}.${this.#keep}`, { force: true })
    for (let index = this.#keep - 1; index >= 0; index--) {
      const from = index === 0 ? this.path : `${this.path}.${index}`
      try {
        renameSync(from, `${this.path}.${index + 1}`)
      } catch {
        // Not there yet.
      }
    }
    this.#open()
  }
}
