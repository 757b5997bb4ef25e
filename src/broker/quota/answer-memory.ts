/** Bytes of records that may be on their way to clients, all together, before answers get smaller. */
const BUDGET_BYTES = 32 * 1024 * 1024
/** One answer gets no more than this share of what is left, so that there is always something left. */
const SHARE = 4
/** What an answer gets however little is left: consumers must get on. */
const FLOOR_BYTES = 128 * 1024

/** Memory that one answer holds. */
export interface AnswerReservation {
  /** Most bytes of records to read for it, one batch that is larger aside. */
  readonly bytes: number
  /** What was really read; may be less or, by one batch, more. */
  use(bytes: number): void
  /** The bytes are out of memory, or never came into it. Can be called more than once. */
  release(): void
}

/**
 * Bounds the memory that clients can tie up by asking for records and not reading the answers. The more of it is in use, the less a fetch
 * gets; at worst one batch, which is what each slow reader can cost.
 */
export class AnswerMemory {
  private usedBytes = 0

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
    return { bytes: granted, use: hold, release: () => hold(0) }
  }
}
