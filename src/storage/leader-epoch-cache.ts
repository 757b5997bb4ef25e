import { readCheckpoint } from './checkpoint-file.ts'
import { type FileSystem, writeAtomically } from './file-system.ts'
import type { StorageLogger } from './logger.ts'

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint'

export interface EpochEntry {
  epoch: number
  startOffset: number
}

/**
 * Which leader epoch began at which offset (Kafka's LeaderEpochFileCache). Entries rise in both epoch and offset.
 * Changes are in memory until `save`; the log saves before the first batch of a new epoch is written.
 */
export class LeaderEpochCache {
  readonly #fileSystem: FileSystem
  readonly #directory: string
  #entries: readonly EpochEntry[]
  #isDirty = false
  #isSynced = true

  constructor(fileSystem: FileSystem, directory: string, entries: EpochEntry[] = []) {
    this.#fileSystem = fileSystem
    this.#directory = directory
    this.#entries = entries
  }

  static load(fileSystem: FileSystem, directory: string, logger: StorageLogger): LeaderEpochCache {
    const cache = new LeaderEpochCache(fileSystem, directory)
    for (const line of readCheckpoint(fileSystem, `${directory}/${LEADER_EPOCH_FILE}`, logger)) {
      const found = /^(\d+) (\d+)$/.exec(line)
      if (found) cache.assign(Number(found[1]), Number(found[2]))
      else logger.warn(`The line "${line}" of ${directory}/${LEADER_EPOCH_FILE} is malformed and is ignored.`)
    }
    cache.#isDirty = false
    return cache
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries
  }

  get latestEpoch(): number | undefined {
    return this.#entries.at(-1)?.epoch
  }

  /** Notes that `epoch` begins at `startOffset`. Entries that contradict it are dropped. */
  assign(epoch: number, startOffset: number): void {
    const latest = this.#entries.at(-1)
    if (latest && latest.epoch === epoch && startOffset >= latest.startOffset) return
    if (epoch < 0 || startOffset < 0) return
    // A new array each time: who holds the old one can go back to it.
    const kept = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset)
    this.#replace([...kept, { epoch, startOffset }])
  }

  /** Goes back to entries seen before. */
  restore(entries: readonly EpochEntry[]): void {
    if (entries !== this.#entries) this.#replace(entries)
  }

  /**
   * Where `epoch` ended: the largest known epoch not above it, and the start of the epoch after it (the log end offset
   * if it is the latest). Undefined epochs give -1/-1, as OffsetForLeaderEpoch answers.
   */
  endOffsetFor(epoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    const latest = this.latestEpoch
    if (latest === undefined || epoch === -1 || epoch > latest) return { epoch: -1, endOffset: -1 }
    if (epoch === latest) return { epoch, endOffset: logEndOffset }
    const higher = this.#entries.findIndex((entry) => entry.epoch > epoch)
    const next = this.#entries[higher]!
    const floor = this.#entries[higher - 1]
    return { epoch: floor ? floor.epoch : epoch, endOffset: next.startOffset }
  }

  /** The epoch that was current when `offset` was written; undefined below the first entry. */
  epochForOffset(offset: number): number | undefined {
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      if (this.#entries[index]!.startOffset <= offset) return this.#entries[index]!.epoch
    }
    return undefined
  }

  /** Drops what begins at or after `endOffset`. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset)
    if (kept.length !== this.#entries.length) this.#replace(kept)
  }

  /** Forgets what ended before `startOffset`; the epoch in force there now begins at it. */
  truncateFromStart(startOffset: number): void {
    const before = this.#entries.filter((entry) => entry.startOffset <= startOffset)
    const inForce = before.at(-1)
    if (!inForce || (before.length === 1 && inForce.startOffset === startOffset)) return
    this.#replace([{ epoch: inForce.epoch, startOffset }, ...this.#entries.slice(before.length)])
  }

  clear(): void {
    if (this.#entries.length > 0) this.#replace([])
  }

  /** Writes the file if anything changed, without fsync. Throws the system error. */
  save(): void {
    if (!this.#isDirty) return
    this.#write(false)
    this.#isDirty = false
    this.#isSynced = false
  }

  /** Makes the file durable. Needed before the recovery point passes the start of an epoch. */
  sync(): void {
    if (this.#isSynced && !this.#isDirty) return
    this.#write(true)
    this.#isDirty = false
    this.#isSynced = true
  }

  #write(durable: boolean): void {
    const lines = this.#entries.map((entry) => `${entry.epoch} ${entry.startOffset}`)
    const text = `${['0', lines.length, ...lines].join('\n')}\n`
    writeAtomically(this.#fileSystem, this.#directory, LEADER_EPOCH_FILE, text, durable)
  }

  #replace(entries: readonly EpochEntry[]): void {
    this.#entries = entries
    this.#isDirty = true
  }
}
