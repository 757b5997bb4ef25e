import { durationText } from '../shared/duration-text.ts'
import type { Snapshot } from './measure.ts'
import type { LagRow } from './rows.ts'

/** What no row may exceed; undefined is no limit. */
export interface Limits {
  maxLag: number | undefined
  maxTimeBehindMs: number | undefined
}

/** Exit codes of `kt lag`. */
export const WITHIN = 0
export const FAILED = 1
export const EXCEEDED = 2

/** What a measurement comes to. */
export interface Verdict {
  code: number
  /** Why, a line each. */
  reasons: string[]
}

export const hasLimits = ({ maxLag, maxTimeBehindMs }: Limits): boolean =>
  maxLag !== undefined || maxTimeBehindMs !== undefined

/** A row as people call it: `billing/orders-0`. */
export const rowName = ({ group, topic, partition }: LagRow): string =>
  `${group}${topic === null ? '' : `/${topic}`}${partition === null ? '' : `-${partition}`}`

/** Whether a row goes beyond a limit. */
export const exceeds = ({ lag, timeBehindMs }: LagRow, { maxLag, maxTimeBehindMs }: Limits): boolean =>
  (maxLag !== undefined && lag !== null && lag > maxLag) ||
  (maxTimeBehindMs !== undefined && timeBehindMs !== null && timeBehindMs > maxTimeBehindMs)

const excessOf = (row: LagRow, limits: Limits): string[] => {
  const { maxLag, maxTimeBehindMs } = limits
  const reasons: string[] = []
  if (maxLag !== undefined && row.lag !== null && row.lag > maxLag) {
    reasons.push(`${rowName(row)}: the lag of ${row.lag} is beyond ${maxLag}`)
  }
  if (maxTimeBehindMs !== undefined && row.timeBehindMs !== null && row.timeBehindMs > maxTimeBehindMs) {
    reasons.push(
      `${rowName(row)}: the next record is ${durationText(row.timeBehindMs)} old, beyond ${durationText(maxTimeBehindMs)}`,
    )
  }
  return reasons
}

/** What can't be told is not within a limit. */
const doubtOf = (row: LagRow, { maxTimeBehindMs }: Limits): string[] => {
  if (row.unknown > 0 || row.topic === null)
    return [`${rowName(row)}: the lag is not known (${row.note ?? 'no answer'})`]
  const isAgeless = row.members.some(({ lag, timeBehindMs }) => (lag ?? 0) > 0 && timeBehindMs === null)
  if (maxTimeBehindMs !== undefined && isAgeless) return [`${rowName(row)}: the time of the next record is not known`]
  return []
}

/** Holds a measurement against the limits: exceeded before unknown before within. */
export const judge = (snapshot: Snapshot, rows: readonly LagRow[], limits: Limits): Verdict => {
  const failures = snapshot.failures.map(({ group, error }) => `${group}: ${error.message}`)
  const excess = rows.flatMap((row) => excessOf(row, limits))
  if (excess.length > 0) return { code: EXCEEDED, reasons: [...excess, ...failures] }
  const doubts = hasLimits(limits) ? rows.flatMap((row) => doubtOf(row, limits)) : []
  if (hasLimits(limits) && rows.length === 0 && failures.length === 0)
    doubts.push('There is no group to hold against the limit.')
  const reasons = [...failures, ...doubts]
  return { code: reasons.length > 0 ? FAILED : WITHIN, reasons }
}
