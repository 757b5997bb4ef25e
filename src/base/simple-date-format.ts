/** java.text.SimpleDateFormat, English, with lenient reading as by default. The calendar is Gregorian also before 1582. */

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
const halves = ['AM', 'PM']
const eras = ['BC', 'AD']

/** A moment's wall clock time, told by the UTC fields of `wall`. */
interface Moment {
  readonly wall: Date
  readonly offsetMinutes: number
  readonly zone: string
}

const zoneName = (date: Date): string =>
  new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).find((p) => p.type === 'timeZoneName')
    ?.value ?? ''

const offset = (minutes: number, colon: string): string => {
  const two = (n: number): string => String(Math.trunc(n)).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(size / 60)}${colon}${two(size % 60)}`
}

const isoOffset = (minutes: number, count: number): string => {
  if (minutes === 0) return 'Z'
  return offset(minutes, count === 3 ? ':' : '').slice(0, count === 1 ? 3 : undefined)
}

const yearText = (year: number, count: number): string | number =>
  count === 2 ? String(year % 100).padStart(2, '0') : year

const eraYear = (year: number): number => (year > 0 ? year : 1 - year)

const name = (names: readonly string[], index: number, count: number): string =>
  count >= 4 ? names[index]! : names[index]!.slice(0, 3)

const DAY_MS = 86_400_000

const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1

const monthText = ({ wall }: Moment, count: number): string | number =>
  count >= 3 ? name(months, wall.getUTCMonth(), count) : wall.getUTCMonth() + 1

/** Weeks begin on Sundays, and the first has 1 January. */
function weekOfYear(date: Date): { week: number; year: number } {
  const saturday = new Date(date.getTime() + (6 - date.getUTCDay()) * DAY_MS)
  return { week: Math.ceil(dayOfYear(saturday) / 7), year: saturday.getUTCFullYear() }
}

const weekOfMonth = (date: Date): number => Math.ceil((date.getUTCDate() + 6 - date.getUTCDay()) / 7)

/** What the letters of a pattern stand for; a number is padded with zeros to as many places as there are letters. */
const formats: Readonly<Record<string, (moment: Moment, count: number) => string | number>> = {
  G: ({ wall }) => eras[wall.getUTCFullYear() > 0 ? 1 : 0]!,
  y: ({ wall }, count) => yearText(eraYear(wall.getUTCFullYear()), count),
  Y: ({ wall }, count) => yearText(weekOfYear(wall).year, count),
  M: monthText,
  L: monthText,
  w: ({ wall }) => weekOfYear(wall).week,
  W: ({ wall }) => weekOfMonth(wall),
  D: ({ wall }) => dayOfYear(wall),
  d: ({ wall }) => wall.getUTCDate(),
  F: ({ wall }) => Math.ceil(wall.getUTCDate() / 7),
  E: ({ wall }, count) => name(days, wall.getUTCDay(), count),
  u: ({ wall }) => wall.getUTCDay() || 7,
  a: ({ wall }) => halves[wall.getUTCHours() < 12 ? 0 : 1]!,
  H: ({ wall }) => wall.getUTCHours(),
  k: ({ wall }) => wall.getUTCHours() || 24,
  K: ({ wall }) => wall.getUTCHours() % 12,
  h: ({ wall }) => wall.getUTCHours() % 12 || 12,
  m: ({ wall }) => wall.getUTCMinutes(),
  s: ({ wall }) => wall.getUTCSeconds(),
  S: ({ wall }) => wall.getUTCMilliseconds(),
  z: ({ zone }) => zone,
  Z: ({ offsetMinutes }) => offset(offsetMinutes, ''),
  X: ({ offsetMinutes }, count) => isoOffset(offsetMinutes, count),
}

/** What has been read of a moment. */
interface Reading {
  era?: number
  year?: number
  month?: number
  day?: number
  dayOfYear?: number
  hour?: number
  halfHour?: number
  half?: number
  minute?: number
  second?: number
  ms?: number
  offsetMinutes?: number
}

type NumberField = 'year' | 'day' | 'dayOfYear' | 'hour' | 'halfHour' | 'minute' | 'second' | 'ms'

const numberFields: Readonly<Record<string, NumberField | null>> = {
  ...{ y: 'year', Y: 'year', d: 'day', D: 'dayOfYear', H: 'hour', k: 'hour', K: 'halfHour', h: 'halfHour' },
  ...{ m: 'minute', s: 'second', S: 'ms', w: null, W: null, F: null, u: null },
}

const zoneHours: Readonly<Record<string, number>> = {
  ...{ UTC: 0, GMT: 0, Z: 0, EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 },
  ...{ CET: 1, CEST: 2, EET: 2, EEST: 3, WET: 0, WEST: 1, BST: 1, JST: 9, IST: 5.5, MSK: 3 },
}

interface Part {
  readonly letter: string | null
  readonly text: string
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = []
  for (const [text] of pattern.matchAll(/'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (text.startsWith("'")) {
      if (text.length < 2 || !text.endsWith("'")) throw new DatePatternError('Unterminated quote')
      parts.push({ letter: null, text: text === "''" ? "'" : text.slice(1, -1).replaceAll("''", "'") })
    } else if (/[A-Za-z]/.test(text)) {
      const letter = text[0]!
      if (!Object.hasOwn(formats, letter)) throw new DatePatternError(`Illegal pattern character '${letter}'`)
      if (letter === 'X' && text.length > 3)
        throw new DatePatternError(`invalid ISO 8601 format: length=${text.length}`)
      parts.push({ letter, text })
    } else parts.push({ letter: null, text })
  }
  return parts
}

const isNumeric = ({ letter, text }: Part): boolean =>
  letter !== null && (Object.hasOwn(numberFields, letter) || ((letter === 'M' || letter === 'L') && text.length < 3))

export class SimpleDateFormat {
  private readonly parts: readonly Part[]
  private readonly isUtc: boolean

  /**
   * @param zone the time zone of the process unless told otherwise
   * @throws DatePatternError
   */
  constructor(pattern: string, zone: 'local' | 'UTC' = 'local') {
    this.parts = partsOf(pattern)
    this.isUtc = zone === 'UTC'
  }

  format(timeMs: number): string {
    const date = new Date(timeMs)
    const offsetMinutes = this.isUtc ? 0 : -date.getTimezoneOffset()
    const wall = new Date(timeMs + offsetMinutes * 60_000)
    // A zone's name is costly to find out.
    const zone = this.isUtc || !this.parts.some(({ letter }) => letter === 'z') ? 'UTC' : zoneName(date)
    const moment: Moment = { wall, offsetMinutes, zone }
    return this.parts
      .map(({ letter, text }) => {
        if (letter === null) return text
        const value = formats[letter]!(moment, text.length)
        return typeof value === 'number' ? String(value).padStart(text.length, '0') : value
      })
      .join('')
  }

  /**
   * Reads a text that begins as the pattern says; numbers beyond their range carry over (lenient), what follows is ignored.
   * @returns milliseconds since 1970; null if the text doesn't match
   */
  parse(text: string): number | null {
    const reading: Reading = {}
    let position = 0
    for (const [index, part] of this.parts.entries()) {
      const next = this.parts[index + 1]
      // Numbers that touch have as many digits as the pattern has letters.
      const isAbutting = isNumeric(part) && next !== undefined && isNumeric(next)
      const length = readPart(part, text.slice(position), isAbutting, reading)
      if (length === null) return null
      position += length
    }
    return this.timeOf(reading)
  }

  private timeOf(reading: Reading): number {
    const { year = 1970, month = 0, era = 1, minute = 0, second = 0, ms = 0, half = 0 } = reading
    const day = reading.dayOfYear ?? reading.day ?? 1
    const hour = reading.hour ?? (reading.halfHour ?? 0) + half * 12
    const wall = new Date(0)
    wall.setUTCFullYear(era === 1 ? year : 1 - year, reading.dayOfYear === undefined ? month : 0, day)
    wall.setUTCHours(hour, minute, second, ms)
    if (reading.offsetMinutes !== undefined) return wall.getTime() - reading.offsetMinutes * 60_000
    return this.isUtc ? wall.getTime() : localTime(wall)
  }
}

/** @returns the moment at which clocks here show what `wall` has as UTC */
function localTime(wall: Date): number {
  const local = new Date(2000, 0)
  local.setFullYear(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate())
  local.setHours(wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds(), wall.getUTCMilliseconds())
  return local.getTime()
}

/** @returns how many characters were read; null if they don't fit */
function readPart(part: Part, text: string, isAbutting: boolean, reading: Reading): number | null {
  if (part.letter === null) return text.startsWith(part.text) ? part.text.length : null
  const blank = /^[ \t]*/.exec(text)![0].length
  const length = readField(part.letter, part.text.length, text.slice(blank), isAbutting, reading)
  return length === null ? null : blank + length
}

function readField(letter: string, count: number, text: string, isAbutting: boolean, reading: Reading): number | null {
  switch (letter) {
    case 'G':
      return readName(eras, text, (index) => Object.assign(reading, { era: index }))
    case 'a':
      return readName(halves, text, (index) => Object.assign(reading, { half: index }))
    case 'E':
      return readName(days, text, () => {})
    case 'z':
    case 'Z':
    case 'X':
      return readZone(letter, count, text, reading)
  }
  if (count >= 3 && (letter === 'M' || letter === 'L')) {
    return readName(months, text, (index) => Object.assign(reading, { month: index }))
  }
  const number = (isAbutting ? new RegExp(`^\\d{${count}}`) : /^-?\d+/).exec(text)?.[0]
  if (number === undefined) return null
  const value = Number(number)
  if (letter === 'M' || letter === 'L') reading.month = value - 1
  else if (letter === 'y' && count <= 2 && /^\d\d$/.test(number)) reading.year = fullYear(value)
  else if (letter === 'k') reading.hour = value === 24 ? 0 : value
  else if (letter === 'h') reading.halfHour = value === 12 ? 0 : value
  else if (numberFields[letter]) reading[numberFields[letter]] = value
  return number.length
}

/** Two digits mean a year from 80 years ago to 20 years ahead. */
function fullYear(value: number): number {
  const earliest = new Date().getFullYear() - 80
  const century = earliest - (earliest % 100)
  return century + value + (value < earliest % 100 ? 100 : 0)
}

function readName(names: readonly string[], text: string, found: (index: number) => void): number | null {
  const lower = text.toLowerCase()
  for (const length of [undefined, 3]) {
    const index = names.findIndex((each) => lower.startsWith(each.slice(0, length).toLowerCase()))
    if (index < 0) continue
    found(index)
    return names[index]!.slice(0, length).length
  }
  return null
}

const isoZones = [/^([+-])(\d\d)()/, /^([+-])(\d\d)(\d\d)/, /^([+-])(\d\d):(\d\d)/]

function readZone(letter: string, count: number, text: string, reading: Reading): number | null {
  if (letter === 'X') {
    if (text.startsWith('Z')) {
      reading.offsetMinutes = 0
      return 1
    }
    return readOffset(isoZones[count - 1]!, text, reading)
  }
  const named = /^[A-Za-z]+/.exec(text)?.[0]
  if (named === undefined) return readOffset(/^([+-])(\d\d)(\d\d)/, text, reading)
  const hours = Object.hasOwn(zoneHours, named.toUpperCase()) ? zoneHours[named.toUpperCase()]! : null
  if (hours === null) return null
  const more = named.toUpperCase() === 'GMT' ? readOffset(/^([+-])(\d\d?):(\d\d)/, text.slice(3), reading) : null
  if (more !== null) return 3 + more
  reading.offsetMinutes = hours * 60
  return named.length
}

function readOffset(pattern: RegExp, text: string, reading: Reading): number | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const minutes = Number(match[2]) * 60 + Number(match[3])
  reading.offsetMinutes = match[1] === '-' ? -minutes : minutes
  return match[0].length
}
