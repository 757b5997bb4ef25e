import type { PartitionLag, Snapshot } from './measure.ts'
import { type LagRow, rowKey } from './rows.ts'

/** How a row moves. Rates are records a second; null is: not known yet. */
export interface Movement {
  produceRate: number | null
  consumeRate: number | null
  /** Until the slowest partition has no lag; Infinity when the row doesn't shrink, or a partition stands still for a minute. */
  etaMs: number | null
  /** Lags measured so far, oldest first. */
  history: readonly number[]
}

interface Sample {
  timeMs: number
  end: number
  current: number
}

/** Consumers commit every five seconds unless told otherwise, so that shorter windows would show bursts. */
const windowMs = 30_000
/** A group that hasn't committed for so long stands still; before, nothing can be said. */
const patienceMs = 11_000
/** A partition that waits for so long, while others are read, will not be read. */
const stuckMs = 60_000
/** A lag that is read in this time is what comes between two commits, not a backlog. */
const keepingUpMs = 10_000
const historyLength = 120

const partitionKey = ({ group, topic, partition }: PartitionLag): string => rowKey({ group, topic, partition })

/** Remembers measurements, and makes rates of them. */
export class RateBook {
  readonly #windowMs: number
  #samples = new Map<string, Sample[]>()
  #histories = new Map<string, number[]>()
  #moved = new Map<string, { current: number; movedMs: number; lastMs: number }>()

  /** @param intervalMs between measurements; windows hold three of them at least */
  constructor(intervalMs: number) {
    this.#windowMs = Math.max(windowMs, 3 * intervalMs)
  }

  /** Takes in a measurement and its rows; what is no longer there is forgotten. */
  add(snapshot: Snapshot, rows: readonly LagRow[]): void {
    const samples = new Map<string, Sample[]>()
    for (const one of snapshot.partitions) {
      if (one.logEndOffset === null || one.currentOffset === null) continue
      const key = partitionKey(one)
      const sample = { timeMs: snapshot.timeMs, end: one.logEndOffset, current: one.currentOffset }
      samples.set(key, this.#extended(this.#samples.get(key) ?? [], sample))
    }
    this.#moved = new Map(
      [...samples].map(([key, list]) => {
        const { timeMs, current } = list.at(-1)!
        const before = this.#moved.get(key)
        return [key, { current, movedMs: before?.current === current ? before.movedMs : timeMs, lastMs: timeMs }]
      }),
    )
    this.#samples = samples
    const histories = new Map<string, number[]>()
    for (const row of rows) {
      const history = this.#histories.get(rowKey(row)) ?? []
      histories.set(rowKey(row), row.lag === null ? history : [...history, row.lag].slice(-historyLength))
    }
    this.#histories = histories
  }

  #extended(samples: readonly Sample[], sample: Sample): Sample[] {
    const last = samples.at(-1)
    // Offsets that go back were reset, or the topic is a new one.
    if (last && (sample.end < last.end || sample.current < last.current)) return [sample]
    const inWindow = samples.filter(({ timeMs }) => timeMs >= sample.timeMs - this.#windowMs)
    return [...inWindow, sample]
  }

  /** How a row of the last measurement moves. */
  movement(row: LagRow): Movement {
    const history = this.#histories.get(rowKey(row)) ?? []
    const each = row.members.map((member) => ({ member, rates: this.#ratesOf(member) }))
    const known = each.flatMap(({ rates }) => (rates ? [rates] : []))
    if (known.length === 0) return { produceRate: null, consumeRate: null, etaMs: null, history }
    const sums: Rates = {
      produce: known.reduce((total, { produce }) => total + produce, 0),
      consume: known.reduce((total, { consume }) => total + consume, 0),
      observedMs: Math.max(...known.map(({ observedMs }) => observedMs)),
    }
    const etas = each.map(({ member, rates }) => {
      const own = etaOf(member.lag, rates)
      if (!rates || (own !== null && own !== Number.POSITIVE_INFINITY)) return own
      // Consumers may read one partition after another: one that waits has the time of the row, unless it waits for long.
      return this.#restedMs(member) >= stuckMs ? Number.POSITIVE_INFINITY : etaOf(row.lag, sums)
    })
    const etaMs = etas.includes(null) ? null : Math.max(...(etas as number[]))
    return { produceRate: sums.produce, consumeRate: sums.consume, etaMs, history }
  }

  /** For how long a partition's group has been seen at the same offset. */
  #restedMs(member: PartitionLag): number {
    const since = this.#moved.get(partitionKey(member))
    return since === undefined ? 0 : since.lastMs - since.movedMs
  }

  #ratesOf(member: PartitionLag): Rates | undefined {
    const samples = this.#samples.get(partitionKey(member)) ?? []
    const [first, last] = [samples[0], samples.at(-1)]
    if (!first || !last || last.timeMs <= first.timeMs) return undefined
    const observedMs = last.timeMs - first.timeMs
    return {
      produce: ((last.end - first.end) * 1000) / observedMs,
      consume: ((last.current - first.current) * 1000) / observedMs,
      observedMs,
    }
  }
}

interface Rates {
  produce: number
  consume: number
  observedMs: number
}

const etaOf = (lag: number | null, rates: Rates | undefined): number | null => {
  if (lag === 0) return 0
  if (lag === null || !rates) return null
  if (rates.consume === 0 && rates.observedMs < patienceMs) return null
  const readMs = rates.consume > 0 ? (lag / rates.consume) * 1000 : Number.POSITIVE_INFINITY
  if (readMs <= keepingUpMs) return readMs
  const shrinking = rates.consume - rates.produce
  return shrinking > 0 ? (lag / shrinking) * 1000 : Number.POSITIVE_INFINITY
}

const bars = '▁▂▃▄▅▆▇█'

/** Values as bars, the last `width` of them, scaled to the largest; 0 is the lowest bar. */
export const sparkline = (values: readonly number[], width: number): string => {
  const shown = values.slice(-width)
  const top = Math.max(1, ...shown)
  return shown.map((value) => bars[Math.min(7, Math.ceil((value / top) * 7))]).join('')
}
