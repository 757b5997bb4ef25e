import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** A name, and what is known of it: partitions of a topic, type of a group. */
export interface Known {
  name: string
  detail: string
}

/** Names younger than this are not asked for again. */
export const FRESH_MS = 5_000
/** Names older than this are not shown. */
export const USABLE_MS = 24 * 3_600_000
/** How long nothing is asked after an attempt that has not brought names yet. */
export const RETRY_MS = 5000
/** More names than this are no help at the Tab key. */
const MAX_NAMES = 20_000
const MAX_FILE_BYTES = 4 * 1024 * 1024
/** Files in the folder; the oldest go. */
const MAX_FILES = 200
const HEADER = 'kt-names 1'

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

const FILE = /^names-.*/

/** Names of one sort of one cluster, in one file; when it was written is when they were asked for. */
export class NameCache {
  readonly #directory: string
  readonly #path: string

  constructor(directory: string, id: string, source: string) {
    this.#directory = directory
    this.#path = join(directory, `names-${id}-${source}`)
  }

  /** The names, and whether they should be asked for again; undefined when there are none to show. */
  read(): { names: Known[]; fresh: boolean } | undefined {
    const stat = statOf(this.#path)
    const ageMs = stat === undefined ? Number.POSITIVE_INFINITY : Date.now() - stat.mtimeMs
    if (stat === undefined || ageMs > USABLE_MS || stat.size > MAX_FILE_BYTES) return undefined
    try {
      const [header, ...lines] = readFileSync(this.#path, 'utf8').split('\n')
      if (header !== HEADER) return undefined
      const names = lines.map((line) => {
        const [name = '', detail = ''] = line.split('\t')
        return { name, detail }
      })
      return { names, fresh: ageMs < FRESH_MS }
    } catch {
      return undefined
    }
  }

  /** Replaces the names, all at once, in the folder that `claim` has made. Those with control characters can't be typed and are left out. */
  write(names: readonly Known[]): void {
    const typable = names.filter(({ name }) => name !== '' && !/[\u0000-\u001f\u007f]/.test(name)).slice(0, MAX_NAMES)
    const text = [HEADER, ...typable.map(({ name, detail }) => `${name}\t${detail}`)].join('\n')
    const temporary = `${this.#path}.${process.pid}`
    try {
      writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
      renameSync(temporary, this.#path)
    } finally {
      rmSync(temporary, { force: true })
    }
    rmSync(this.#attempt, { force: true })
    this.#prune()
  }

  get #attempt(): string {
    return `${this.#path}.asked`
  }

  /** May the cluster be asked now? Notes that it is: whoever comes next waits for the answer, or for RETRY_MS. */
  claim(): boolean {
    const stat = statOf(this.#attempt)
    if (stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) < RETRY_MS) return false
    if (mkdirSync(this.#directory, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(this.#directory, 0o700)
    writeFileSync(this.#attempt, '', { mode: 0o600 })
    return true
  }

  /** Notes that the cluster gave no names: nobody needs to wait. */
  fail(): void {
    writeFileSync(this.#attempt, 'failed', { mode: 0o600 })
  }

  get failed(): boolean {
    return (statOf(this.#attempt)?.size ?? 0) > 0
  }

  /** Removes what is old or too much; never what was just written, which others may be as young as. */
  #prune(): void {
    const files = readdirSync(this.#directory)
      .filter((name) => FILE.test(name) && join(this.#directory, name) !== this.#path)
      .map((name) => ({
        path: join(this.#directory, name),
        mtimeMs: statOf(join(this.#directory, name))?.mtimeMs ?? 0,
      }))
      .sort((a, b) => b.mtimeMs - a.mtimeMs)
    for (const [i, { path, mtimeMs }] of files.entries()) {
      if (i >= MAX_FILES - 1 || Date.now() - mtimeMs > USABLE_MS) rmSync(path, { force: true })
    }
  }
}
