import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { parseJavaDuration } from '../../config/java-duration.ts'
import { resolveAndTell } from '../shared/offsets-at.ts'
import { formatTime, parseSpan, parseTimeSpec, tryTimeSpec } from '../shared/time-spec.ts'

const parseError = (message: string): Error => new Error(`java.text.ParseException: ${message}`)

const pattern = /^(\d{4,})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,3})(Z|[+-]\d{2}(?::?\d{2})?)/

/**
 * The argument of `--to-datetime`: Kafka's Utils.getDateTime. Without a zone it is UTC.
 * @returns ms since 1970
 * @throws Error with Kafka's message
 */
export const parseDateTime = (text: string): number => {
  const parts = text.split('T')
  if (parts.length < 2) {
    throw parseError("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format")
  }
  const zoned = /[+\-Z]/.test(parts[1]!) ? text : `${text}Z`
  const match = pattern.exec(zoned)
  const fail = (): never => {
    throw parseError(`Unparseable date: "${zoned}"`)
  }
  if (match === null) return fail()
  const [year, month, day, hour, minute, second, ms] = match.slice(1, 8).map(Number) as number[]
  const date = new Date(0)
  date.setUTCFullYear(year!, month! - 1, day)
  date.setUTCHours(hour!, minute, second, ms)
  const isReal =
    date.getUTCMonth() === month! - 1 && date.getUTCDate() === day && hour! < 24 && minute! < 60 && second! < 60
  if (!isReal) return fail()
  const zone = match[8]!
  if (zone === 'Z') return date.getTime()
  const digits = zone.replace(/\D/g, '').padEnd(4, '0')
  const offsetMinutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return date.getTime() - (zone.startsWith('-') ? -1 : 1) * offsetMinutes * 60_000
}

/**
 * The argument of `--by-duration`, an ISO-8601 duration.
 * @returns ms
 * @throws Error with Java's message
 */
export const parseDuration = (text: string): number => {
  const durationMs = parseJavaDuration(text)
  if (durationMs === null) {
    const exceptionClass = 'java.time.format.DateTimeParseException'
    throw Object.assign(new Error('Text cannot be parsed to a Duration'), { exceptionClass })
  }
  return durationMs
}

/**
 * The argument of `--to-datetime`: what Kafka takes, or a time in kt's own words, which is then said on standard error.
 * @returns ms since 1970
 * @throws Error with Kafka's message; TimeSpecError for what starts with @
 */
export const dateTimeOf = (text: string, io: Io): number => {
  const spec = text.startsWith('@') ? parseTimeSpec(text) : tryTimeSpec(text)
  if (spec?.kind !== 'time') return parseDateTime(text)
  const place = resolveAndTell(text, io)
  return place.kind === 'time' ? place.timestampMs : parseDateTime(text)
}

/**
 * Where the last while of `--by-duration` starts: what Kafka takes, or `1h` and `-1h`, which is then said on standard error.
 * @returns ms since 1970
 * @throws Error with Java's message
 */
export const durationStart = (text: string, io: Io): number => {
  const nowMs = Date.now()
  const spanMs = parseSpan(text.replace(/^-/, ''))
  if (spanMs === undefined || parseJavaDuration(text) !== null) return nowMs - parseDuration(text)
  const startMs = Math.max(0, nowMs - spanMs)
  println(io.err, `${text} is ${formatTime(startMs)}`)
  return startMs
}
