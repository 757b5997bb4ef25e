import { isTerminal, RecordState } from './record-state.ts'

/** The offsets that were acquired together; what has been split since keeps it. */
export interface Origin {
  readonly first: number
  readonly last: number
}

/** What offsets were before a change that isn't persisted yet. */
interface Before {
  readonly state: RecordState
  readonly deliveryCount: number
  readonly memberId: string
  readonly lockedUntilMs: number
  readonly change: Change
}

/** One acknowledgement or release while it is being persisted. */
export interface Change {
  readonly memberId: string
}

/** Consecutive offsets with the same state. */
export interface Run {
  first: number
  last: number
  state: RecordState
  /** Deliveries so far, the present one included. */
  deliveryCount: number
  /** Who holds them; '' unless they are acquired. */
  memberId: string
  /** When the lock ends, on the monotonic clock; 0 unless they are acquired. */
  lockedUntilMs: number
  readonly origin: Origin
  before: Before | undefined
}

/**
 * The records a share partition has handed out: a window from the start offset to the first offset never fetched, as runs of
 * offsets with the same state. Offsets of the window that are in no run are to be fetched (again).
 */
export class InFlight {
  /** First offset that is not done with (SPSO). */
  start: number
  /** The offset after the last that was ever acquired (SPEO + 1). */
  end: number
  /** Disjoint, in order of offset. Changed in place. */
  readonly runs: Run[] = []

  constructor(start: number) {
    this.start = start
    this.end = start
  }

  /** Index of the first run that ends at or after an offset. */
  indexAt(offset: number): number {
    let low = 0
    let high = this.runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.runs[middle]!.last < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Makes an offset the first of its run, if it is inside one. */
  splitAt(offset: number): void {
    const index = this.indexAt(offset)
    const run = this.runs[index]
    if (run === undefined || run.first >= offset) return
    this.runs.splice(index + 1, 0, { ...run, first: offset })
    run.last = offset - 1
  }

  /** The runs that make up the known offsets from `first` to `last`; runs that reach beyond are split. */
  range(first: number, last: number): Run[] {
    this.splitAt(first)
    this.splitAt(last + 1)
    const found: Run[] = []
    for (let index = this.indexAt(first); index < this.runs.length; index++) {
      const run = this.runs[index]!
      if (run.first > last) break
      found.push(run)
    }
    return found
  }

  /** Adds a run where there is none. */
  insert(run: Run): void {
    this.runs.splice(this.indexAt(run.first), 0, run)
    this.end = Math.max(this.end, run.last + 1)
  }

  /** Where to read next: the first record that can be acquired, or the end. */
  get nextFetchOffset(): number {
    let at = this.start
    for (let index = this.indexAt(at); index < this.runs.length; index++) {
      const run = this.runs[index]!
      if (run.first > at) return at
      if (isFree(run)) return Math.max(run.first, at)
      at = run.last + 1
    }
    return at
  }

  /** The offset after the last of the `count` first records from `from` on that can be acquired, if the log has all offsets. */
  endOfAcquirable(from: number, count: number): number {
    let at = from
    let left = count
    for (let index = this.indexAt(from); index < this.runs.length; index++) {
      const run = this.runs[index]!
      left -= Math.max(0, run.first - at)
      if (left <= 0) return run.first + left
      at = Math.max(at, run.first)
      if (isFree(run)) left -= run.last + 1 - at
      at = run.last + 1
      if (left <= 0) return at + left
    }
    return at + left
  }

  /** Records of the window that will not be delivered again. */
  get terminalCount(): number {
    let count = 0
    for (const { first, last, state } of this.runs) {
      if (isTerminal(state)) count += last - Math.max(first, this.start) + 1
    }
    return count
  }

  /** Records of the window that may still be delivered. */
  get liveCount(): number {
    return this.end - this.start - this.terminalCount
  }

  /** Moves the start over what is done with, and joins neighbours that are. */
  settle(): void {
    let done = 0
    for (const { first, last, state, before } of this.runs) {
      if (first > this.start || !isTerminal(state) || before !== undefined) break
      this.start = last + 1
      done++
    }
    this.runs.splice(0, done)
    let kept: Run | undefined
    let count = 0
    for (const run of this.runs) {
      if (kept !== undefined && isSettled(kept) && isSettled(run) && kept.last + 1 === run.first) kept.last = run.last
      else {
        kept = run
        this.runs[count++] = run
      }
    }
    this.runs.length = count
  }

  /** Forgets everything below an offset: the log doesn't have it any more. */
  dropBelow(offset: number): void {
    if (offset <= this.start) return
    this.splitAt(offset)
    this.runs.splice(0, this.indexAt(offset))
    this.start = offset
    this.end = Math.max(this.end, offset)
    this.settle()
  }
}

/** True when the records of a run can be acquired. */
export function isFree({ state, before }: Run): boolean {
  return state === RecordState.AVAILABLE && before === undefined
}

function isSettled({ state, before }: Run): boolean {
  return isTerminal(state) && before === undefined
}

/** A run without anybody's lock. */
export function unlockedRun(first: number, last: number, state: RecordState, deliveryCount: number): Run {
  return {
    first,
    last,
    state,
    deliveryCount,
    memberId: '',
    lockedUntilMs: 0,
    origin: { first, last },
    before: undefined,
  }
}

/** Begins to change a run; `rollBack` takes it back, `complete` makes it final. */
export function beginChange(run: Run, state: RecordState, change: Change): void {
  const { deliveryCount, memberId, lockedUntilMs } = run
  run.before = { state: run.state, deliveryCount, memberId, lockedUntilMs, change }
  run.state = state
  run.memberId = ''
  run.lockedUntilMs = 0
}

/** Takes a change back. */
export function rollBack(run: Run): void {
  if (run.before === undefined) return
  const { state, deliveryCount, memberId, lockedUntilMs } = run.before
  Object.assign(run, { state, deliveryCount, memberId, lockedUntilMs, before: undefined })
}
