import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatTime,
  parseTimeSpec,
  resolveTimeSpec,
  tryTimeSpec,
  type Zone,
} from '../../../src/tools/shared/time-spec.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** A zone of the tz database. */
const zoneNamed = (name: string): Zone => {
  const fresh = (): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  const format = formats.get(name) ?? fresh()
  formats.set(name, format)
  return (timeMs) => {
    const part = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]))
    const wall = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
    return Math.round((wall - Math.floor(timeMs / 1000) * 1000) / 60_000)
  }
}

const berlin = zoneNamed('Europe/Berlin')
const now = Date.parse('2026-11-22T15:46:00Z')
const at = (text: string, zone: Zone = berlin, nowMs = now): string => {
  const place = resolveTimeSpec(parseTimeSpec(text), nowMs, zone)
  return place.kind === 'time' ? formatTime(place.timestampMs, zone) : JSON.stringify(place)
}

describe('times', () => {
  it.each([
    ['-1h', '2026-11-22T15:46:00+01:00'],
    ['-90s', '2026-11-22T16:44:30+01:00'],
    ['-2d3h', '2026-11-20T13:46:00+01:00'],
    ['-1w', '2026-11-15T16:46:00+01:00'],
    ['-1.5h', '2026-11-22T15:16:00+01:00'],
    ['-250ms', '2026-11-22T16:45:59.750+01:00'],
    ['@now', '2026-11-22T16:46:00+01:00'],
    ['@now:+1h', '2026-11-22T17:46:00+01:00'],
    ['@today', '2026-11-22T00:00:00+01:00'],
    ['@yesterday', '2026-11-21T00:00:00+01:00'],
    ['@yesterday:+2h', '2026-11-21T02:00:00+01:00'],
    ['@yesterday:-30m', '2026-11-20T23:30:00+01:00'],
    ['@yesterdayT18:00', '2026-11-21T18:00:00+01:00'],
    ['@tomorrow', '2026-11-23T00:00:00+01:00'],
    ['@2026-01-01', '2026-01-01T00:00:00+01:00'],
    ['@2026-07-01', '2026-07-01T00:00:00+02:00'],
    ['@2026-01-01T10:00', '2026-01-01T10:00:00+01:00'],
    ['@2026-01-01 10:00:30', '2026-01-01T10:00:30+01:00'],
    ['@2026-01-01T10:00:30.5', '2026-01-01T10:00:30.500+01:00'],
    ['@2026-01-01T10:00Z', '2026-01-01T11:00:00+01:00'],
    ['@2026-01-01T10:00+02:00', '2026-01-01T09:00:00+01:00'],
    ['@2026-01-01T10:00-0330', '2026-01-01T14:30:00+01:00'],
    ['@2026-01-01T10:00Z:+2h', '2026-01-01T13:00:00+01:00'],
    ['@1767225600', '2026-01-01T01:00:00+01:00'],
    ['@1767225600000', '2026-01-01T01:00:00+01:00'],
    ['1767225600000', '2026-01-01T01:00:00+01:00'],
    ['@0', '1970-01-01T01:00:00+01:00'],
    ['-9999999w', '1970-01-01T01:00:00+01:00'],
  ])('%s is %s', (text, expected) => expect(at(text)).toBe(expected))

  it.each([
    ['when clocks go forward', '@2026-03-29T02:30', '2026-03-29T03:30:00+02:00'],
    ['when clocks go back', '@2026-10-25T02:30', '2026-10-25T02:30:00+02:00'],
    ['when the second of both is meant', '@2026-10-25T02:30+01:00', '2026-10-25T02:30:00+01:00'],
    ['on the day of the change, which has 25 hours', '@2026-10-25:+24h', '2026-10-25T23:00:00+01:00'],
  ])('%s: %s', (_when, text, expected) => expect(at(text)).toBe(expected))

  it('begins a day at its first hour where there is no midnight', () => {
    const zone = zoneNamed('America/Santiago')
    expect(at('@2026-09-06', zone)).toBe('2026-09-06T01:00:00-03:00')
  })

  it('takes today from the zone, not from UTC', () => {
    expect(at('@today', zoneNamed('Pacific/Auckland'))).toBe('2026-11-23T00:00:00+13:00')
  })
})

describe('places', () => {
  it.each([
    ['earliest', { kind: 'earliest' }],
    ['Beginning', { kind: 'earliest' }],
    ['latest', { kind: 'latest' }],
    ['end', { kind: 'latest' }],
    ['4711', { kind: 'offset', offset: 4711 }],
    ['0', { kind: 'offset', offset: 0 }],
    ['-10', { kind: 'before-end', count: 10 }],
    ['+10', { kind: 'after-start', count: 10 }],
  ])('%s', (text, expected) => expect(resolveTimeSpec(parseTimeSpec(text), now)).toEqual(expected))
})

describe('what is refused', () => {
  it.each([
    ['', 'none of the forms'],
    ['-', 'none of the forms'],
    ['-1x', 'none of the forms'],
    ['-3h2d', 'none of the forms'],
    ['1h', 'so long ago is written -1h'],
    ['+1h', 'written @now:+1h'],
    ['2026-01-01', 'as in @2026-01-01'],
    ['@', 'after @ comes'],
    ['@noon', 'after @ comes'],
    ['@2026-02-30', 'no such day'],
    ['@2026-13-01', 'no such day'],
    ['@2026-01-01T24:00', 'no such time of day'],
    ['@2026-01-01T10:00+19:00', 'no zone is so far'],
    ['@today:+2', 'after @ comes'],
    ['@today:+2q', '"2q" is no duration'],
    ['@99999999999999999', 'after @ comes'],
    ['@9999999999999999', 'too far'],
    ['99999999999999999999', 'too large'],
    ['-99999999999999999999', 'too large'],
  ])('"%s": %s', (text, why) => {
    expect(() => parseTimeSpec(text)).toThrow(why)
    expect(tryTimeSpec(text)).toBeUndefined()
  })
})

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC']
const zone = fc.constantFrom(...zones).map(zoneNamed)
const instant = fc.integer({ min: 0, max: Date.UTC(2037, 0) / 1000 }).map((seconds) => seconds * 1000)
const two = (n: number): string => String(n).padStart(2, '0')

describe('any time', () => {
  it('comes back from its own text, whatever the zone', () => {
    fc.assert(
      fc.property(instant, zone, (timeMs, in_) => {
        const text = `@${formatTime(timeMs, in_)}`
        expect(resolveTimeSpec(parseTimeSpec(text), 0, in_)).toEqual({ kind: 'time', timestampMs: timeMs })
      }),
    )
  })

  it('of the clock on the wall is shown there then, and not before; if it is left out, it is after the gap', () => {
    fc.assert(
      fc.property(instant, zone, (timeMs, in_) => {
        // A wall time that may be shown once, twice or never.
        const wall = new Date(timeMs)
        const text = `@${wall.toISOString().slice(0, 19)}`
        const place = resolveTimeSpec(parseTimeSpec(text), 0, in_) as { timestampMs: number }
        const shownAt = (ms: number): number => ms + in_(ms) * 60_000
        const candidates = [-26, 26].flatMap((hours) => {
          const minutes = in_(timeMs + hours * 3_600_000)
          const found = timeMs - minutes * 60_000
          return shownAt(found) === timeMs ? [found] : []
        })
        if (candidates.length === 0) expect(shownAt(place.timestampMs)).toBeGreaterThan(timeMs)
        else expect(place.timestampMs).toBe(Math.max(0, Math.min(...candidates)))
      }),
      { numRuns: 500 },
    )
  })

  it('of a duration is exactly so long ago', () => {
    const parts = fc.tuple(fc.nat(9), fc.nat(30), fc.nat(50), fc.nat(99), fc.nat(99), fc.nat(999))
    fc.assert(
      fc.property(parts, zone, ([w, d, h, m, s, ms], in_) => {
        const text = `-${w}w${d}d${h}h${m}m${s}s${ms}ms`
        const agoMs = ((((w * 7 + d) * 24 + h) * 60 + m) * 60 + s) * 1000 + ms
        expect(resolveTimeSpec(parseTimeSpec(text), now, in_)).toEqual({ kind: 'time', timestampMs: now - agoMs })
      }),
    )
  })

  it('of a day is where its date begins: the instant before is another day', () => {
    fc.assert(
      fc.property(instant, zone, fc.constantFrom('@today', '@yesterday'), (timeMs, in_, word) => {
        const dayMs = 86_400_000
        const nowMs = timeMs + 3 * dayMs
        const place = resolveTimeSpec(parseTimeSpec(word), nowMs, in_) as { timestampMs: number }
        const dayOf = (ms: number): number => Math.floor((ms + in_(ms) * 60_000) / dayMs)
        const wanted = dayOf(nowMs) - (word === '@today' ? 0 : 1)
        // Apia left a whole day out.
        if (dayOf(place.timestampMs) !== wanted) expect(two(new Date(place.timestampMs).getUTCDate())).toBe('30')
        else expect(dayOf(place.timestampMs - 1)).toBeLessThan(wanted)
      }),
    )
  })

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'@-+:0123456789hdmsTZ .today') }), (text) => {
        const spec = tryTimeSpec(text)
        if (spec !== undefined) resolveTimeSpec(spec, now, berlin)
      }),
    )
  })
})
