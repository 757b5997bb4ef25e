import { describe, expect, it } from 'vitest'
import { javaFindRegex, javaRegex, javaReplaceFirst, PatternSyntaxError } from '../../src/base/java-regex.ts'

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

  it.each([
    ['t-(', 'Unclosed group near index 3\nt-('],
    ['t-[a', 'Unclosed character class near index 3\nt-[a\n   ^'],
    ['*a', "Dangling meta character '*' near index 0\n*a\n^"],
    ['ab|+', "Dangling meta character '+' near index 3\nab|+\n   ^"],
    ['a***', "Dangling meta character '*' near index 2\na***\n  ^"],
    ['a)', "Unmatched closing ')' near index 0\na)\n^"],
    ['(a)[)])', "Unmatched closing ')' near index 5\n(a)[)])\n     ^"],
    [')', "Unmatched closing ')'\n)"],
    ['a)(b', "Unmatched closing ')' near index 0\na)(b\n^"],
  ])('refuse %s in the words of Java', (pattern, complaint) => {
    expect(() => javaRegex(pattern)).toThrow(new PatternSyntaxError(complaint))
    expect(() => javaFindRegex(pattern)).toThrow(new PatternSyntaxError(complaint))
  })

  it.each(['$1', '$', `\${no}`, '\\'])('refuse the replacement %s', (replacement) => {
    expect(() => javaReplaceFirst(javaFindRegex('a'), 'abc', replacement)).toThrow()
  })
})
