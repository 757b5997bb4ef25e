/**
 * How kt writes times and places in a log, wherever an option asks for one:
 *
 *   -1h  -90s  -2d3h  -1.5h        so long before now; units w d h m s ms, largest first, and never without one
 *   @2026-01-01  @2026-01-01T10:00[:30[.5]][Z|+02:00]      a day or time, of the local zone unless it names one
 *   @now  @today  @yesterday  @tomorrow  @yesterdayT18:00
 *   @1767225600  @1767225600000    seconds or (12 digits and more) milliseconds since 1970
 *   @…:+2h  @…:-30m                a while after or before any of these
 *   earliest  beginning  latest  end
 *   4711                           an offset; 13 digits are milliseconds since 1970
 *   -N  +N                         N from the end, N from the start
 */
export type TimeSpec =
  | { kind: 'earliest' | 'latest' }
  | { kind: 'offset'; offset: number }
  /** N before the end, or after the start. */
  | { kind: 'before-end' | 'after-start'; count: number }
  | { kind: 'time'; base: TimeBase; shiftMs: number }

export type TimeBase =
  | { at: 'now' }
  | { at: 'epoch'; epochMs: number }
  /** The clock on the wall: of a day counted from today, or of a date. `zoneMinutes` is east of UTC; without it, the zone is asked. */
  | { at: 'clock'; day: number | [year: number, month: number, day: number]; timeMs: number; zoneMinutes?: number }

/** What a TimeSpec stands for once the time is known. */
export type Place = Exclude<TimeSpec, { kind: 'time' }> | { kind: 'time'; timestampMs: number }

/** A time zone: how many minutes its clocks are ahead of UTC at an instant. */
export type Zone = (timeMs: number) => number

/** The zone of the process. */
export const localZone: Zone = (timeMs) => -new Date(timeMs).getTimezoneOffset()

/** Something that is no time or place. */
export class TimeSpecError extends Error {
  override name = 'TimeSpecError'
  readonly nextStep =
    'Write -1h, -2d3h, @2026-01-31, @2026-01-31T10:00, @2026-01-31T10:00Z, @yesterday, @today:+2h, @1767225600, ' +
    'earliest, latest, an offset, -N (N before the end) or +N (N after the start).'
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** The last instant a Date can hold. */
const MAX_TIME_MS = 8.64e15

const units: readonly (readonly [name: string, ms: number])[] = [
  ['w', 7 * DAY_MS],
  ['d', DAY_MS],
  ['h', 60 * MINUTE_MS],
  ['m', MINUTE_MS],
  ['s', 1000],
  ['ms', 1],
]
const durationPattern = new RegExp(`^${units.map(([name]) => `(?:(\\d+(?:\\.\\d+)?)${name})?`).join('')}$`)
const clockPattern =
  /^(?:(today|yesterday|tomorrow)|(\d{4})-(\d{2})-(\d{2}))(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3})\d*)?)?(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?)?)?$/
const shiftPattern = /:([+-])([\d.]+[a-z][\d.a-z]*)$/
const days: Record<string, number> = { yesterday: -1, today: 0, tomorrow: 1 }

const fail = (text: string, why: string): never => {
  throw new TimeSpecError(`"${text}" is no time or offset: ${why}.`)
}

/**
 * `1h30m` → ms; a day has 24 hours.
 * @returns undefined for what is no duration
 */
export const parseSpan = (text: string): number | undefined => {
  const match = durationPattern.exec(text)
  if (match === null || text === '') return undefined
  return Math.round(units.reduce((sum, [, ms], i) => sum + Number(match[i + 1] ?? 0) * ms, 0))
}

const clock = (text: string, match: RegExpExecArray): TimeBase => {
  const number = (index: number): number => Number(match[index] ?? 0)
  const [year, month, day] = [number(2), number(3), number(4)]
  const [hour, minute, second] = [number(5), number(6), number(7)]
  const word = match[1]
  if (word === undefined) {
    const date = new Date(Date.UTC(year, month - 1, day))
    date.setUTCFullYear(year)
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) fail(text, 'there is no such day')
  }
  if (hour > 23 || minute > 59 || second > 59) fail(text, 'there is no such time of day')
  const ms = Number((match[8] ?? '').padEnd(3, '0'))
  const base = {
    at: 'clock' as const,
    day: word === undefined ? ([year, month, day] satisfies [number, number, number]) : days[word]!,
    timeMs: ((hour * 60 + minute) * 60 + second) * 1000 + ms,
  }
  if (match[9] === 'Z') return { ...base, zoneMinutes: 0 }
  if (match[10] === undefined) return base
  const size = number(11) * 60 + number(12)
  if (size > 18 * 60 || number(12) > 59) fail(text, 'no zone is so far from UTC')
  return { ...base, zoneMinutes: match[10] === '-' ? -size : size }
}

const parseAt = (text: string): TimeSpec => {
  const shift = shiftPattern.exec(text)
  const size = shift === null ? 0 : parseSpan(shift[2]!)
  if (size === undefined) return fail(text, `"${shift?.[2]}" is no duration`)
  const shiftMs = shift?.[1] === '-' ? -size : size
  const body = text.slice(1, shift?.index)
  if (body === 'now') return { kind: 'time', base: { at: 'now' }, shiftMs }
  if (/^\d{1,16}$/.test(body)) {
    const epochMs = Number(body) * (body.length < 12 ? 1000 : 1)
    return epochMs > MAX_TIME_MS
      ? fail(text, 'it is too far away')
      : { kind: 'time', base: { at: 'epoch', epochMs }, shiftMs }
  }
  const match = clockPattern.exec(body)
  if (match === null) return fail(text, 'after @ comes a day, a time, seconds since 1970, now, today or yesterday')
  return { kind: 'time', base: clock(text, match), shiftMs }
}

const count = (text: string): number => {
  const value = Number(text.slice(1))
  return Number.isSafeInteger(value) ? value : fail(text, 'the number is too large')
}

const plainNumber = (text: string): TimeSpec => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) return fail(text, 'the number is too large')
  return text.length === 13
    ? { kind: 'time', base: { at: 'epoch', epochMs: value }, shiftMs: 0 }
    : { kind: 'offset', offset: value }
}

/**
 * Reads a time or a place in a log.
 * @throws TimeSpecError
 */
export const parseTimeSpec = (text: string): TimeSpec => {
  const word = text.toLowerCase()
  if (word === 'earliest' || word === 'beginning') return { kind: 'earliest' }
  if (word === 'latest' || word === 'end') return { kind: 'latest' }
  if (text.startsWith('@')) return parseAt(text)
  if (/^\d+$/.test(text)) return plainNumber(text)
  if (/^-\d+$/.test(text)) return { kind: 'before-end', count: count(text) }
  if (/^\+\d+$/.test(text)) return { kind: 'after-start', count: count(text) }
  const span = text.startsWith('-') ? parseSpan(text.slice(1)) : undefined
  if (span !== undefined) return { kind: 'time', base: { at: 'now' }, shiftMs: -span }
  if (/^\+.*[a-z]$/.test(text) && parseSpan(text.slice(1)) !== undefined) {
    return fail(text, `so long after now is written @now:${text}`)
  }
  if (parseSpan(text) !== undefined) return fail(text, `so long ago is written -${text}`)
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) return fail(text, `a date is written with an @ before it, as in @${text}`)
  return fail(text, 'it is in none of the forms there are')
}

/** As `parseTimeSpec`, with undefined for what it refuses. */
export const tryTimeSpec = (text: string): TimeSpec | undefined => {
  try {
    return parseTimeSpec(text)
  } catch {
    return undefined
  }
}

/**
 * The instant at which clocks of a zone show a time, given as ms since 1970 as though it were UTC. A time that comes twice, when
 * clocks go back, is the first of the two; one that is left out, when they go forward, is as far after the change as it claims to be
 * (02:30 is 03:30), as in Java and JavaScript.
 */
const instantOf = (wallMs: number, zone: Zone): number => {
  const before = wallMs - zone(wallMs - DAY_MS) * MINUTE_MS
  const after = wallMs - zone(wallMs + DAY_MS) * MINUTE_MS
  const isShown = (instant: number): boolean => instant + zone(instant) * MINUTE_MS === wallMs
  return [before, after].filter(isShown).sort((a, b) => a - b)[0] ?? before
}

const baseMs = (base: TimeBase, nowMs: number, zone: Zone): number => {
  if (base.at === 'now') return nowMs
  if (base.at === 'epoch') return base.epochMs
  const { day, timeMs, zoneMinutes } = base
  const ownZone: Zone = zoneMinutes === undefined ? zone : () => zoneMinutes
  let midnightMs: number
  if (typeof day === 'number') {
    const wallNowMs = nowMs + ownZone(nowMs) * MINUTE_MS
    midnightMs = (Math.floor(wallNowMs / DAY_MS) + day) * DAY_MS
  } else {
    const date = new Date(0)
    date.setUTCFullYear(day[0], day[1] - 1, day[2])
    midnightMs = date.getTime()
  }
  return instantOf(midnightMs + timeMs, ownZone)
}

/** What a spec stands for at an instant, in a zone; the same spec with the same arguments is always the same. */
export const resolveTimeSpec = (spec: TimeSpec, nowMs: number, zone: Zone = localZone): Place => {
  if (spec.kind !== 'time') return spec
  const timestampMs = Math.max(0, Math.min(MAX_TIME_MS, baseMs(spec.base, nowMs, zone) + spec.shiftMs))
  return { kind: 'time', timestampMs }
}

/** ISO 8601 with the zone's distance from UTC: `2026-11-22T16:46:00+01:00`, with milliseconds when there are any. */
export const formatTime = (timestampMs: number, zone: Zone = localZone): string => {
  const minutes = zone(timestampMs)
  const text = new Date(Math.min(MAX_TIME_MS, timestampMs + minutes * MINUTE_MS))
    .toISOString()
    .replace(/\.000Z$|Z$/, '')
  const two = (n: number): string => String(n).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${text}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
