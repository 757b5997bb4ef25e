import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'

const MIB = 1024 * 1024

/** What was read so far. */
export interface Reading {
  records: number
  bytes: number
}

/** Java's %.4f. */
const four = (value: number): string => value.toFixed(4)

/** One line for an interval: what was read in all, and how fast in between. */
export const progressLine = (
  time: string,
  now: Reading,
  last: Reading,
  elapsedMs: number,
  rebalance: { ms: number } | undefined,
): string => {
  const records = now.records - last.records
  const mib = (now.bytes - last.bytes) / MIB
  const basic = [
    time,
    '0',
    four(now.bytes / MIB),
    four((1000 * mib) / elapsedMs),
    String(now.records),
    four((records / elapsedMs) * 1000),
  ]
  if (rebalance === undefined) return basic.join(', ')
  const fetchMs = elapsedMs - rebalance.ms
  const rate = (amount: number): string => four(fetchMs <= 0 ? 0 : (1000 * amount) / fetchMs)
  return [...basic, rebalance.ms, fetchMs, rate(mib), rate(records)].join(', ')
}

/** The line at the end of a consumer's measurement. */
export const printSummary = (
  io: Io,
  dates: (timeMs: number) => string,
  read: Reading,
  startMs: number,
  endMs: number,
  rebalanceMs: number,
): void => {
  const seconds = (endMs - startMs) / 1000
  const fetchMs = endMs - startMs - rebalanceMs
  const mib = read.bytes / MIB
  const cells = [
    dates(startMs),
    dates(endMs),
    four(mib),
    four(mib / seconds),
    read.records,
    four(read.records / seconds),
    rebalanceMs,
    fetchMs,
    four(mib / (fetchMs / 1000)),
    four(read.records / (fetchMs / 1000)),
  ]
  println(io.out, cells.join(', '))
}
