import type { ReadMemory } from '../../storage/read-memory.ts'
import { ReadBuffers } from './read-buffers.ts'

/** Bytes of records that may be on their way to clients, all together, before answers get smaller. */
const BUDGET_BYTES = 16 * 1024 * 1024
/** One answer gets no more than this share of what is left, so that there is always something left. */
const SHARE = 4
/** What an answer gets however little is left: consumers must get on. */
const FLOOR_BYTES = 128 * 1024

/** Memory that one answer holds; what the log's reads take from it is used again after `release`. */
export interface AnswerReservation extends ReadMemory {
  /** Most bytes of records to read for it, one batch that is larger aside. */
  readonly bytes: number
  /** What was really read; may be less or, by one batch, more. */
  use(bytes: number): void
  /** The bytes are out of memory, or never came into it. Can be called more than once. */
  release(): void
  /** As `release`, while a read may still fill the buffers: they are not used again. */
  forget(): void
}

/**
 * Bounds the memory that clients can tie up by asking for records and not reading the answers. The more of it is in use, the less a fetch
 * gets; at worst one batch, which is what each slow reader can cost.
 */
export class AnswerMemory {
  private usedBytes = 0
  private readonly buffers = new ReadBuffers()

  /** Bytes reserved now. */
  get used(): number {
    return this.usedBytes
  }

  reserve(wantedBytes: number): AnswerReservation {
    const share = Math.max(FLOOR_BYTES, Math.floor((BUDGET_BYTES - this.usedBytes) / SHARE))
    const granted = Math.min(wantedBytes, share)
    let held = granted
    this.usedBytes += held
    const hold = (bytes: number): void => {
      this.usedBytes += bytes - held
      held = bytes
    }
    const { buffers } = this
    const taken = new Set<Buffer>()
    const take = (sizeBytes: number): Buffer => {
      const buffer = buffers.take(sizeBytes)
      taken.add(buffer)
      return buffer
    }
    const giveBack = (buffer: Buffer): void => {
      if (taken.delete(buffer)) buffers.giveBack(buffer)
    }
    const forget = (): void => {
      taken.clear()
      hold(0)
    }
    const release = (): void => {
      for (const buffer of taken) buffers.giveBack(buffer)
      forget()
    }
    return { bytes: granted, use: hold, take, giveBack, release, forget }
  }
}
