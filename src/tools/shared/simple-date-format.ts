/** A pattern Java's SimpleDateFormat refuses. */
export class DatePatternError extends Error {
  override name = 'DatePatternError'
  readonly exceptionClass = 'java.lang.IllegalArgumentException'
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

const zone = (date: Date, colon: boolean): string => {
  const minutes = -date.getTimezoneOffset()
  const two = (n: number): string => String(Math.trunc(n)).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(size / 60)}${colon ? ':' : ''}${two(size % 60)}`
}

const year = (date: Date, count: number): string =>
  count === 2 ? String(date.getFullYear() % 100).padStart(2, '0') : String(date.getFullYear()).padStart(count, '0')

const name = (names: readonly string[], index: number, count: number): string =>
  count >= 4 ? names[index]! : names[index]!.slice(0, 3)

const zoneName = (date: Date): string =>
  new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).find((p) => p.type === 'timeZoneName')
    ?.value ?? ''

const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 864e5,
  ) + 1

/** What the letters of a pattern stand for; a number is padded with zeros to as many places as there are letters. */
const fields: Readonly<Record<string, (date: Date, count: number) => string | number>> = {
  G: () => 'AD',
  y: year,
  Y: year,
  M: (date, count) => (count >= 3 ? name(months, date.getMonth(), count) : date.getMonth() + 1),
  L: (date, count) => (count >= 3 ? name(months, date.getMonth(), count) : date.getMonth() + 1),
  d: (date) => date.getDate(),
  D: dayOfYear,
  E: (date, count) => name(days, date.getDay(), count),
  u: (date) => date.getDay() || 7,
  a: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  H: (date) => date.getHours(),
  k: (date) => date.getHours() || 24,
  K: (date) => date.getHours() % 12,
  h: (date) => date.getHours() % 12 || 12,
  m: (date) => date.getMinutes(),
  s: (date) => date.getSeconds(),
  S: (date) => date.getMilliseconds(),
  z: zoneName,
  Z: (date) => zone(date, false),
  X: (date, count) => zone(date, count === 3).slice(0, count === 1 ? 3 : undefined),
}

/**
 * Java's SimpleDateFormat with a pattern, in the time zone of the process.
 * @throws DatePatternError
 */
export const simpleDateFormat = (pattern: string): ((timeMs: number) => string) => {
  const parts: ((date: Date) => string)[] = []
  for (const [text] of pattern.matchAll(/'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (text.startsWith("'")) {
      if (text.length < 2 || !text.endsWith("'")) throw new DatePatternError('Unterminated quote')
      const literal = text === "''" ? "'" : text.slice(1, -1).replaceAll("''", "'")
      parts.push(() => literal)
    } else if (/[A-Za-z]/.test(text)) {
      const field = Object.hasOwn(fields, text[0]!) ? fields[text[0]!] : undefined
      if (field === undefined) throw new DatePatternError(`Illegal pattern character '${text[0]}'`)
      parts.push((date) => {
        const value = field(date, text.length)
        return typeof value === 'number' ? String(value).padStart(text.length, '0') : value
      })
    } else parts.push(() => text)
  }
  return (timeMs) => {
    const date = new Date(timeMs)
    return parts.map((part) => part(date)).join('')
  }
}
