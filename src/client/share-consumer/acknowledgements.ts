/** What becomes of a record (KIP-932, KIP-1222). */
export const Acknowledge = {
  /** An offset without a record: compacted away, or a marker. */
  GAP: 0,
  ACCEPT: 1,
  /** Give it to someone again. */
  RELEASE: 2,
  /** Never give it to anyone again. */
  REJECT: 3,
  /** Keep it longer; another acknowledgement follows. */
  RENEW: 4,
} as const
export type AcknowledgeType = (typeof Acknowledge)[keyof typeof Acknowledge]

/** A run of offsets with the same fate, as the protocol has it. */
export interface AcknowledgementBatch {
  firstOffset: bigint
  lastOffset: bigint
  acknowledgeTypes: number[]
}

/**
 * Acknowledgements of one partition that are still to be sent. Kept as runs, since records are mostly acknowledged in the order of
 * their offsets.
 */
export class Acknowledgements {
  private runs: { first: number; last: number; type: AcknowledgeType }[] = []

  get isEmpty(): boolean {
    return this.runs.length === 0
  }

  /** Notes the fate of the offsets from `first` to `last`. */
  add(first: number, last: number, type: AcknowledgeType): void {
    const run = this.runs.at(-1)
    if (run !== undefined && run.type === type && run.last + 1 === first) run.last = last
    else this.runs.push({ first, last, type })
  }

  /** Hands over what there is, in the order of offsets. */
  take(): AcknowledgementBatch[] {
    const runs = this.runs.sort((a, b) => a.first - b.first)
    this.runs = []
    return runs.map(({ first, last, type }) => ({
      firstOffset: BigInt(first),
      lastOffset: BigInt(last),
      acknowledgeTypes: [type],
    }))
  }
}
