import { offsetOfFileName, SNAPSHOT_SUFFIX, segmentFileName } from './file-names.ts'
import { type FileSystem, readWholeFile, writeAtomically } from './file-system.ts'
import type { StorageLogger } from './logger.ts'
import type { CompletedTransaction } from './producer-append-info.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerStateEntry } from './producer-state-entry.ts'

/**
 * The producers of one log: their last batches and open transactions (Kafka's ProducerStateManager). The state belongs to
 * `mapEndOffset`: everything below it is contained. Changes since the last `commit` can be rolled back, for when the
 * bytes they belong to couldn't be written.
 */
export class ProducerStateManager {
  readonly #fileSystem: FileSystem
  readonly #directory: string
  readonly #logger: StorageLogger
  #expirationMs: number
  readonly #producers = new Map<number, ProducerStateEntry>()
  /** Producer id → first offset, for transactions under way. */
  readonly #ongoing = new Map<number, number>()
  /** Ended transactions whose marker is not below the high watermark yet. */
  #unreplicated: CompletedTransaction[] = []
  readonly #undo = new Map<number, ProducerStateEntry | undefined>()
  #mapEndOffset = 0
  #snapshotOffset = 0

  constructor(fileSystem: FileSystem, directory: string, logger: StorageLogger, expirationMs: number) {
    this.#fileSystem = fileSystem
    this.#directory = directory
    this.#logger = logger
    this.#expirationMs = expirationMs
  }

  get mapEndOffset(): number {
    return this.#mapEndOffset
  }

  get producers(): ReadonlyMap<number, ProducerStateEntry> {
    return this.#producers
  }

  set expirationMs(expirationMs: number) {
    this.#expirationMs = expirationMs
  }

  lastEntry(producerId: number): ProducerStateEntry | undefined {
    return this.#producers.get(producerId)
  }

  /** First offset of the earliest transaction that is open, or ended by a marker not below the high watermark. */
  get firstUnstableOffset(): number | undefined {
    let first: number | undefined
    for (const offset of this.#ongoing.values()) if (first === undefined || offset < first) first = offset
    for (const txn of this.#unreplicated) if (first === undefined || txn.firstOffset < first) first = txn.firstOffset
    return first
  }

  get hasOngoingTransactions(): boolean {
    return this.#ongoing.size > 0
  }

  /** Adopts an entry that ProducerAppendInfo built. */
  update(entry: ProducerStateEntry): void {
    const id = entry.producerId
    if (!this.#undo.has(id)) this.#undo.set(id, this.#producers.get(id))
    this.#put(entry)
  }

  #put(entry: ProducerStateEntry): void {
    this.#producers.set(entry.producerId, entry)
    if (entry.currentTxnFirstOffset >= 0) this.#ongoing.set(entry.producerId, entry.currentTxnFirstOffset)
    else this.#ongoing.delete(entry.producerId)
  }

  /** Remembers an ended transaction until the high watermark has passed its marker. */
  completeTransaction(txn: CompletedTransaction): void {
    this.#unreplicated.push(txn)
  }

  /** The last stable offset as it will be once `txn` counts as ended: what .txnindex entries carry. */
  lastStableOffsetAfter(txn: CompletedTransaction): number {
    let first = txn.lastOffset + 1
    for (const [producerId, offset] of this.#ongoing) {
      if (producerId !== txn.producerId && offset < first) first = offset
    }
    return first
  }

  highWatermarkUpdated(highWatermark: number): void {
    if (this.#unreplicated.length === 0) return
    this.#unreplicated = this.#unreplicated.filter((txn) => txn.lastOffset >= highWatermark)
  }

  updateMapEndOffset(offset: number): void {
    this.#mapEndOffset = offset
  }

  /** The bytes of all updates so far are in the file: they can't be rolled back any more. */
  commit(): void {
    if (this.#undo.size > 0) this.#undo.clear()
  }

  /** Takes back all updates since the last commit; the log ends at `logEndOffset` again. */
  rollback(logEndOffset: number): void {
    for (const [producerId, entry] of this.#undo) {
      if (entry) this.#put(entry)
      else {
        this.#producers.delete(producerId)
        this.#ongoing.delete(producerId)
      }
    }
    this.#undo.clear()
    this.#unreplicated = this.#unreplicated.filter((txn) => txn.lastOffset < logEndOffset)
    this.#mapEndOffset = logEndOffset
  }

  /** Forgets producers that have been silent for producer.id.expiration.ms and have no open transaction. */
  removeExpired(nowMs: number): void {
    for (const entry of this.#producers.values()) {
      if (this.#isExpired(entry, nowMs)) this.#producers.delete(entry.producerId)
    }
  }

  #isExpired(entry: ProducerStateEntry, nowMs: number): boolean {
    return entry.currentTxnFirstOffset < 0 && nowMs - entry.lastTimestamp >= this.#expirationMs
  }

  /** Writes a snapshot at the map end offset, unless the last one is of the same offset. Throws the system error. */
  takeSnapshot(): void {
    if (this.#mapEndOffset <= this.#snapshotOffset) return
    const name = segmentFileName(this.#mapEndOffset, SNAPSHOT_SUFFIX)
    // Not fsynced: a torn snapshot fails its checksum, and an older one and the log replace it.
    writeAtomically(
      this.#fileSystem,
      this.#directory,
      name,
      encodeProducerSnapshot([...this.#producers.values()]),
      false,
    )
    this.#snapshotOffset = this.#mapEndOffset
  }

  /** Offsets of the snapshots on disk, ascending. */
  snapshotOffsets(): number[] {
    const offsets: number[] = []
    for (const name of this.#fileSystem.list(this.#directory)) {
      if (name.endsWith(SNAPSHOT_SUFFIX)) offsets.push(offsetOfFileName(name)!)
    }
    return offsets.filter((offset) => offset !== undefined).sort((a, b) => a - b)
  }

  /** Empties the state and starts at the newest usable snapshot within (logStartOffset, logEndOffset]. */
  reload(logStartOffset: number, logEndOffset: number, nowMs: number): void {
    this.clear()
    this.#mapEndOffset = logStartOffset
    this.#snapshotOffset = logStartOffset
    for (const offset of this.snapshotOffsets().reverse()) {
      const path = this.snapshotPath(offset)
      if (offset > logEndOffset || offset <= logStartOffset) {
        this.#fileSystem.remove(path)
        continue
      }
      if (this.#mapEndOffset === logStartOffset) this.#load(path, offset, nowMs)
    }
  }

  #load(path: string, offset: number, nowMs: number): void {
    try {
      const content = readWholeFile(this.#fileSystem, path)
      for (const entry of decodeProducerSnapshot(content ?? Buffer.alloc(0))) {
        if (!this.#isExpired(entry, nowMs)) this.#put(entry)
      }
      this.#mapEndOffset = offset
      this.#snapshotOffset = offset
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#logger.warn(`The producer snapshot ${path} is dropped: ${why}`)
      this.#fileSystem.remove(path)
    }
  }

  clear(): void {
    this.#producers.clear()
    this.#ongoing.clear()
    this.#unreplicated = []
    this.#undo.clear()
  }

  /** Empties the state; the log starts afresh at `offset`. All snapshots go. */
  startAt(offset: number): void {
    this.clear()
    for (const snapshot of this.snapshotOffsets()) this.#fileSystem.remove(this.snapshotPath(snapshot))
    this.#mapEndOffset = offset
    this.#snapshotOffset = offset
  }

  snapshotPath(offset: number): string {
    return `${this.#directory}/${segmentFileName(offset, SNAPSHOT_SUFFIX)}`
  }

  /** Drops snapshots that belong to no segment, but for the newest one. */
  removeStraySnapshots(baseOffsets: ReadonlySet<number>): void {
    const offsets = this.snapshotOffsets()
    const newest = offsets.at(-1)
    for (const offset of offsets) {
      if (offset !== newest && !baseOffsets.has(offset)) this.#fileSystem.remove(this.snapshotPath(offset))
    }
  }
}
