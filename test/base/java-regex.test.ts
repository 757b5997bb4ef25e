import { describe, expect, it } from 'vitest'
import { javaFindRegex, javaRegex, javaReplaceFirst } from '../../src/base/java-regex.ts'

describe('Java regular expressions', () => {
  it('match whole texts or parts of them', () => {
    expect(javaRegex('a|ab').test('ab')).toBe(true)
    expect(javaRegex('b').test('ab')).toBe(false)
    expect(javaFindRegex('b').test('ab')).toBe(true)
  })

  it.each([
    ['(.)(.)', '$2$1', 'bac'],
    ['(?<first>.)', `<\${first}>`, '<a>bc'],
    ['b', '\\$1\\\\', 'a$1\\c'],
    ['(a)', '$10', 'a0bc'],
    ['x', 'y', 'abc'],
    ['a|ab', 'X', 'Xbc'],
  ])('%s replaced by %s', (pattern, replacement, expected) => {
    expect(javaReplaceFirst(javaFindRegex(pattern), 'abc', replacement)).toBe(expected)
  })

  it.each(['$1', '$', `\${no}`, '\\'])('refuse the replacement %s', (replacement) => {
    expect(() => javaReplaceFirst(javaFindRegex('a'), 'abc', replacement)).toThrow()
  })
})
