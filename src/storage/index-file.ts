import { type FileSystem, readWholeFile, writeFully } from './file-system.ts'

/** The index doesn't fit its log: it is rebuilt from it. */
export class CorruptIndexError extends Error {
  override name = 'CorruptIndexError'
}

const INITIAL_ENTRIES = 64

/**
 * A file of fixed-size entries held in memory while in use. Entries are added in memory and written by `persist`, on
 * roll, flush and close: until then a crash costs nothing, since recovery rebuilds the indexes of what it re-scans.
 */
export class IndexFile {
  readonly entryBytes: number
  readonly #fileSystem: FileSystem
  #path: string
  #entries: Buffer | undefined
  #count = 0
  #persistedCount = 0
  #fileExists: boolean
  /** Whether the file holds bytes that a power cut could take. */
  #needsSync = false
  readonly #validate: (entries: Buffer, count: number) => void

  /**
   * @param fileExists false for a new segment: the index starts empty and the file is created by `persist`.
   * @param validate throws CorruptIndexError when loaded entries make no sense.
   */
  constructor(
    fileSystem: FileSystem,
    path: string,
    entryBytes: number,
    fileExists: boolean,
    validate: (entries: Buffer, count: number) => void,
  ) {
    this.#fileSystem = fileSystem
    this.#path = path
    this.entryBytes = entryBytes
    this.#fileExists = fileExists
    this.#validate = validate
    if (!fileExists) this.#entries = Buffer.alloc(0)
  }

  get path(): string {
    return this.#path
  }

  set path(path: string) {
    this.#path = path
  }

  /** Loads on first use. Throws CorruptIndexError when the file is missing, torn or senseless. */
  get entries(): Buffer {
    if (this.#entries === undefined) this.#load()
    return this.#entries!
  }

  get count(): number {
    if (this.#entries === undefined) this.#load()
    return this.#count
  }

  get sizeBytes(): number {
    return this.count * this.entryBytes
  }

  /** Bytes of memory the entries take now. */
  get residentBytes(): number {
    return this.#entries?.length ?? 0
  }

  #load(): void {
    const content = readWholeFile(this.#fileSystem, this.#path)
    if (content === undefined) throw new CorruptIndexError(`The index file ${this.#path} is missing.`)
    if (content.length % this.entryBytes !== 0) {
      throw new CorruptIndexError(
        `The index file ${this.#path} has ${content.length} bytes, which is no multiple of ${this.entryBytes}.`,
      )
    }
    const count = content.length / this.entryBytes
    this.#validate(content, count)
    this.#entries = content
    this.#count = count
    this.#persistedCount = count
  }

  /** Makes room for one more entry and returns the byte position to write it at in `entries`. */
  append(): number {
    const entries = this.entries
    const position = this.#count * this.entryBytes
    if (position + this.entryBytes > entries.length) {
      const grown = Buffer.alloc(Math.max(INITIAL_ENTRIES, this.#count * 2) * this.entryBytes)
      entries.copy(grown, 0, 0, position)
      this.#entries = grown
    }
    this.#count++
    return position
  }

  /** Forgets everything; the file is emptied by the next `persist`. */
  reset(): void {
    this.#entries = Buffer.alloc(0)
    this.#count = 0
    this.#persistedCount = -1
  }

  truncateEntries(count: number): void {
    if (count >= this.count) return
    this.#count = count
    if (this.#persistedCount > count) this.#persistedCount = -1
  }

  /** Writes what isn't in the file yet and makes it durable, the fdatasync off the event loop. */
  async persistDurably(): Promise<void> {
    const needsWrite = this.#entries !== undefined && !this.#isPersisted
    if (!needsWrite && !this.#needsSync) return
    const fd = this.#fileSystem.openReadWrite(this.#path)
    try {
      if (needsWrite) this.#write(fd)
      this.#needsSync = false
      await this.#fileSystem.sync(fd)
    } catch (error) {
      this.#needsSync = true
      throw error
    } finally {
      this.#fileSystem.close(fd)
    }
  }

  /** Writes what isn't in the file yet and cuts the file to size. */
  persist(): void {
    if (this.#entries === undefined || this.#isPersisted) return
    const fd = this.#fileSystem.openReadWrite(this.#path)
    try {
      this.#write(fd)
    } finally {
      this.#fileSystem.close(fd)
    }
  }

  get #isPersisted(): boolean {
    return this.#fileExists && this.#persistedCount === this.#count
  }

  #write(fd: number): void {
    if (this.#isPersisted) return
    const from = Math.max(0, this.#persistedCount) * this.entryBytes
    const end = this.#count * this.entryBytes
    this.#needsSync = true
    writeFully(this.#fileSystem, fd, [this.#entries!.subarray(from, end)], from)
    this.#fileSystem.truncate(fd, end)
    this.#fileExists = true
    this.#persistedCount = this.#count
  }

  /** Gives the memory back if the file holds everything. */
  evict(): void {
    if (this.#isPersisted) this.#entries = undefined
  }
}
