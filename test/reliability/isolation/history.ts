import type { Outcome } from './transactional-producer.ts'

/** A transaction as its producer knows it. */
export interface PastTransaction {
  producer: string
  /** In the order they were sent. */
  values: { partition: number; value: string }[]
  outcome: Outcome
}

/** What went wrong; empty when nothing did. */
export type Violations = string[]

const MOST_TOLD = 20

/** What all readers have seen of a topic's partitions, offset by offset. */
export class SeenLog {
  readonly violations: Violations = []
  private readonly values = new Map<string, string>()

  /** A reader got this record. Another reader, or another time, the same offset must hold the same. */
  saw(topic: string, partition: number, offset: number, value: string, by: string): void {
    const place = `${topic}-${partition}@${offset}`
    const before = this.values.get(place)
    if (before === undefined) this.values.set(place, value)
    else if (before !== value) this.violations.push(`${place} was ${before} and is ${value} to ${by}`)
  }

  /** Values of a topic, by partition, in order of offset. */
  inOrder(topic: string): Map<number, string[]> {
    const places = [...this.values].flatMap(([place, value]) => {
      const match = /^(.*)-(\d+)@(\d+)$/.exec(place)
      return match?.[1] === topic ? [{ partition: Number(match[2]), offset: Number(match[3]), value }] : []
    })
    places.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
    const byPartition = new Map<number, string[]>()
    for (const { partition, value } of places) {
      const list = byPartition.get(partition)
      if (list) list.push(value)
      else byPartition.set(partition, [value])
    }
    return byPartition
  }
}

function duplicates(values: Iterable<string>): string[] {
  const seen = new Set<string>()
  return [...values].filter((value) => seen.size === seen.add(value).size)
}

/** Each value at most once, committed transactions whole, aborted ones not at all, those in doubt one or the other. */
export function checkTransactions(history: readonly PastTransaction[], log: Map<number, string[]>): Violations {
  const violations: Violations = []
  const found = new Set([...log.values()].flat())
  for (const value of duplicates([...log.values()].flat())) violations.push(`${value} is there twice`)
  const known = new Set(history.flatMap(({ values }) => values.map(({ value }) => value)))
  for (const value of found) if (!known.has(value)) violations.push(`${value} was never sent`)
  for (const { producer, values, outcome } of history) {
    const there = values.filter(({ value }) => found.has(value)).length
    const whole = there === values.length
    if (outcome === 'committed' && !whole)
      violations.push(`${producer}: ${values.length - there} committed values lost`)
    if (outcome === 'aborted' && there > 0) violations.push(`${producer}: ${there} aborted values are visible`)
    if (outcome === 'unknown' && there > 0 && !whole) violations.push(`${producer}: half a transaction is visible`)
  }
  return violations.slice(0, MOST_TOLD)
}

/** Within a partition a producer's values come in the order it sent them. */
export function checkOrder(history: readonly PastTransaction[], log: Map<number, string[]>): Violations {
  const order = new Map<string, { producer: string; index: number }>()
  const counts = new Map<string, number>()
  for (const { producer, values } of history) {
    for (const { value } of values) {
      const index = counts.get(producer) ?? 0
      counts.set(producer, index + 1)
      order.set(value, { producer, index })
    }
  }
  const violations: Violations = []
  for (const [partition, values] of log) {
    const last = new Map<string, number>()
    for (const value of values) {
      const sent = order.get(value)
      if (!sent) continue
      if (sent.index < (last.get(sent.producer) ?? -1))
        violations.push(`${value} is out of order in partition ${partition}`)
      last.set(sent.producer, sent.index)
    }
  }
  return violations.slice(0, MOST_TOLD)
}

/** What went through the pipe is what went in: each value once, in the same order, partition by partition. */
export function checkPipe(source: Map<number, string[]>, target: Map<number, string[]>): Violations {
  const violations: Violations = []
  for (const [partition, values] of source) {
    const through = target.get(partition) ?? []
    const at = values.findIndex((value, i) => through[i] !== value)
    if (at >= 0)
      violations.push(`pipe, partition ${partition}: ${values[at]} came in at ${at}, ${through[at]} went out`)
    else if (through.length > values.length)
      violations.push(`pipe, partition ${partition}: ${through[values.length]} too many`)
  }
  return violations
}
