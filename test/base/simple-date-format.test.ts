import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SimpleDateFormat } from '../../src/base/simple-date-format.ts'

const utc = (pattern: string) => new SimpleDateFormat(pattern, 'UTC')

describe('SimpleDateFormat', () => {
  it.each([
    ['yyyy-MM-dd', '2021-03-04', Date.UTC(2021, 2, 4)],
    ['yyyy-MM-dd', '2021-13-32 and more', Date.UTC(2022, 1, 1)],
    ['yyyyMMdd', '20210304', Date.UTC(2021, 2, 4)],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2021-03-04T05:06:07.089+02:00', Date.UTC(2021, 2, 4, 3, 6, 7, 89)],
    ['EEE, d MMM yyyy HH:mm:ss Z', 'Thu, 4 Mar 2021 05:06:07 -0130', Date.UTC(2021, 2, 4, 6, 36, 7)],
    ['d MMMM yyyy h a', '4 march 2021 12 AM', Date.UTC(2021, 2, 4)],
    ['yyyy D', '2021 63', Date.UTC(2021, 2, 4)],
    ['z', 'GMT+1:30', -90 * 60_000],
    ["''HH", "'05", 5 * 3_600_000],
    ['HH:mm', ' 5: 7', (5 * 60 + 7) * 60_000],
  ])('%s reads %s', (pattern, text, timeMs) => {
    expect(utc(pattern).parse(text)).toBe(timeMs)
  })

  it.each([
    ['yyyy-MM-dd', '2021/03/04'],
    ['HH:mm', '12'],
    ['MMM', 'Foo'],
    ['Z', 'here'],
    ['yyyyMMdd', '202103'],
  ])('%s does not read %s', (pattern, text) => {
    expect(utc(pattern).parse(text)).toBeNull()
  })

  it('reads two digits as a year near now', () => {
    const year = new Date().getFullYear()
    const read = new Date(utc('yy').parse(String(year % 100).padStart(2, '0'))!)
    expect(read.getUTCFullYear()).toBe(year)
  })

  it('reads what it wrote, here and in UTC', () => {
    const times = fc.integer({ min: Date.UTC(1600, 0), max: Date.UTC(9999, 0) })
    fc.assert(
      fc.property(times, fc.constantFrom('local' as const, 'UTC' as const), (timeMs, zone) => {
        const format = new SimpleDateFormat('G yyyy-MM-dd HH:mm:ss.SSS X', zone)
        expect(Math.abs(format.parse(format.format(timeMs))! - timeMs)).toBeLessThan(3_600_000)
        expect(utc("yyyy-MM-dd'T'HH:mm:ss.SSSZ").parse(utc("yyyy-MM-dd'T'HH:mm:ss.SSSZ").format(timeMs))).toBe(timeMs)
      }),
    )
  })
})
