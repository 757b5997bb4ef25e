import { type InFlight, isFree, type Run, unlockedRun } from './in-flight.ts'
import { RecordState } from './record-state.ts'

/** How strictly the record limit of a fetch is taken (KIP-1206). */
export const AcquireMode = { BATCH_OPTIMIZED: 0, RECORD_LIMIT: 1 } as const

/** Where a batch of the log begins and ends. */
export interface LogBatch {
  readonly baseOffset: number
  readonly lastOffset: number
}

/** Consecutive records handed to a member. */
export interface Acquired {
  first: number
  last: number
  deliveryCount: number
}

export interface AcquireRequest {
  readonly memberId: string
  /** Offset that was read from. */
  readonly fetchOffset: number
  /** What was read, in order, not empty. */
  readonly batches: readonly LogBatch[]
  readonly maxRecords: number
  /** Records per batch of the answer, where whole log batches allow it. */
  readonly batchSize: number
  readonly isRecordLimit: boolean
  /** share.partition.max.record.locks */
  readonly maxRecordLocks: number
  /** share.delivery.count.limit */
  readonly deliveryCountLimit: number
  /** When the locks end, on the monotonic clock. */
  readonly lockedUntilMs: number
}

/** From this number of deliveries on a batch is handed out in ever smaller parts: a record that can't be processed shows. */
function throttledFrom(deliveryCountLimit: number): number {
  return Math.max(2, Math.ceil(deliveryCountLimit / 2))
}

/** Acquires what can be acquired of the records read, for one member. */
class Acquisition {
  readonly acquired: Acquired[] = []
  readonly #inFlight: InFlight
  readonly #request: AcquireRequest
  #count = 0
  #max: number
  #last: number
  #isOver = false

  constructor(inFlight: InFlight, request: AcquireRequest) {
    this.#inFlight = inFlight
    this.#request = request
    const { maxRecords, maxRecordLocks, fetchOffset, batches } = request
    this.#last = batches.at(-1)!.lastOffset
    this.#max = Math.min(maxRecords, maxRecordLocks - inFlight.liveCount)
    if (this.#max > 0) return
    // Full: only what lies inside the window may be acquired, it is counted already.
    this.#max = Math.min(maxRecords, inFlight.end - fetchOffset)
    this.#last = Math.min(this.#last, inFlight.end - 1)
  }

  run(): void {
    const from = Math.max(this.#request.fetchOffset, this.#inFlight.start)
    for (let at = from; at <= this.#last && !this.#isOver && this.#count < this.#max; ) {
      const run = this.#inFlight.runs[this.#inFlight.indexAt(at)]
      if (run === undefined || run.first > at) {
        const gapLast = Math.min(this.#last, run === undefined ? this.#last : run.first - 1)
        this.#acquireNew(at, gapLast)
        at = gapLast + 1
      } else {
        at = this.#acquireAgain(at)
      }
    }
  }

  #take(first: number, last: number, deliveryCount: number): void {
    this.#count += last - first + 1
    const before = this.acquired.at(-1)
    const continues = before !== undefined && before.last + 1 === first && before.deliveryCount === deliveryCount
    if (continues && deliveryCount > 1) before.last = last
    else this.acquired.push({ first, last, deliveryCount })
  }

  /** Records that were never delivered: batches of the log stay together unless the limit is strict. */
  #acquireNew(first: number, lastKnown: number): void {
    const { isRecordLimit, batchSize, batches } = this.#request
    const limit = this.#max - this.#count
    let last = lastKnown
    if (last - first + 1 > limit) {
      const wanted = first + limit - 1
      last = isRecordLimit ? wanted : Math.min(lastKnown, endOfBatch(batches, wanted))
      this.#isOver = true
    }
    let start = first
    for (const { baseOffset } of isRecordLimit ? [] : batches) {
      if (baseOffset > last || last - first + 1 <= batchSize) break
      if (baseOffset - start < batchSize) continue
      this.#addNew(start, baseOffset - 1)
      start = baseOffset
    }
    this.#addNew(start, last)
  }

  #addNew(first: number, last: number): void {
    const { memberId, lockedUntilMs } = this.#request
    this.#inFlight.insert({ ...unlockedRun(first, last, RecordState.ACQUIRED, 1), memberId, lockedUntilMs })
    this.#take(first, last, 1)
  }

  /** Goes on after the records that were acquired together with the one at `at`. */
  #acquireAgain(at: number): number {
    const { origin } = this.#inFlight.runs[this.#inFlight.indexAt(at)]!
    const last = Math.min(origin.last, this.#last)
    const free = this.#inFlight.range(at, last).filter((run) => run.origin === origin && isFree(run))
    const next = this.#endOf(at, last, origin)
    if (free.length === 0) return next
    const { deliveryCountLimit, isRecordLimit } = this.#request
    const from = throttledFrom(deliveryCountLimit)
    const highest = Math.max(...free.map(({ deliveryCount }) => deliveryCount))
    const isThrottled = highest >= from
    if (isThrottled && this.#count > 0) {
      this.#isOver = true
      return next
    }
    let most = isRecordLimit ? this.#max - this.#count : Number.POSITIVE_INFINITY
    if (isThrottled) {
      const { deliveryCount } = free.find((run) => run.deliveryCount >= from)!
      const size = origin.last - origin.first + 1
      most = Math.min(most, Math.max(1, Math.floor(size / 2 ** (deliveryCount - from + 1))))
    }
    let taken = 0
    for (const run of free) {
      const isLastTry = deliveryCountLimit > 2 && run.deliveryCount === deliveryCountLimit - 1
      if (isLastTry && this.#count > 0) break
      const size = isLastTry ? 1 : Math.min(run.last - run.first + 1, most - taken)
      if (size <= 0) break
      this.#again(run, run.first + size - 1)
      taken += size
      if (isLastTry || taken >= most) break
    }
    if (isThrottled && taken > 0) this.#isOver = true
    return next
  }

  /** The offset after the known ones of an origin: the next thing to look at. */
  #endOf(at: number, last: number, origin: Run['origin']): number {
    let end = at
    for (let index = this.#inFlight.indexAt(at); index < this.#inFlight.runs.length; index++) {
      const run = this.#inFlight.runs[index]!
      if (run.first > last || run.first > end || run.origin !== origin) break
      end = run.last + 1
    }
    return Math.max(end, at + 1)
  }

  #again(run: Run, last: number): void {
    this.#inFlight.splitAt(last + 1)
    const { memberId, lockedUntilMs } = this.#request
    run.state = RecordState.ACQUIRED
    run.deliveryCount++
    run.memberId = memberId
    run.lockedUntilMs = lockedUntilMs
    this.#take(run.first, run.last, run.deliveryCount)
  }
}

/** The last offset of the log batch that holds `offset`; `offset` itself when none does. */
function endOfBatch(batches: readonly LogBatch[], offset: number): number {
  for (const { baseOffset, lastOffset } of batches) {
    if (offset >= baseOffset && offset <= lastOffset) return lastOffset
  }
  return offset
}

/**
 * Hands records to a member, as many as the limits allow.
 *
 * @returns what was acquired, in order; batches of the log are kept together, and records delivered often come alone
 */
export function acquire(inFlight: InFlight, request: AcquireRequest): Acquired[] {
  const acquisition = new Acquisition(inFlight, request)
  acquisition.run()
  return acquisition.acquired
}
