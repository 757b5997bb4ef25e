import { describe, expect, it } from 'vitest'
import { Re2 } from '../../../../src/broker/group/regex/re2.ts'
import { Re2SyntaxError } from '../../../../src/broker/group/regex/re2-error.ts'

const TEXTS = [
  '',
  'a',
  'b',
  'ab',
  'AB',
  'aa',
  'a.b',
  'A',
  'x',
  ']',
  '^',
  '7',
  '-',
  'a{1',
  'a{',
  '{1}',
  'a{,2}',
  'abc',
  '_',
]

describe('Re2', () => {
  it.each<readonly [pattern: string, matches: readonly string[]]>([
    ['(?<n>a)', ['a']],
    ['(?i)AB', ['ab', 'AB']],
    ['a{,2}', ['a{,2}']],
    ['[[:alpha:]]+', ['a', 'b', 'ab', 'AB', 'aa', 'A', 'x', 'abc']],
    ['\\Qa.b\\E', ['a.b']],
    ['\\pL+', ['a', 'b', 'ab', 'AB', 'aa', 'A', 'x', 'abc']],
    ['\\z', ['']],
    ['^*', ['']],
    ['[]a]', ['a', ']']],
    ['\\x{41}', ['A']],
    ['\\_', ['_']],
    ['(?i:a)', ['a', 'A']],
    ['(?-i)a', ['a']],
    ['a??', ['', 'a']],
    ['$^', ['']],
    ['', ['']],
    ['(?P<1a>x)', ['x']],
    ['\\07', []],
    ['[\\d-z]', ['7', '-']],
    ['(?s).', ['a', 'b', 'A', 'x', ']', '^', '7', '-', '_']],
    [
      '\\A.*',
      ['', 'a', 'b', 'ab', 'AB', 'aa', 'a.b', 'A', 'x', ']', '^', '7', '-', 'a{1', 'a{', '{1}', 'a{,2}', 'abc', '_'],
    ],
    ['[[:^alpha:]]', [']', '^', '7', '-', '_']],
    ['a{1', ['a{1']],
    ['a{', ['a{']],
    ['|', ['']],
    ['a||b', ['', 'a', 'b']],
    ['(|a)*', ['', 'a', 'aa']],
  ])('matches whole texts by %s as RE2/J does', (pattern, matches) => {
    const re2 = new Re2(pattern)
    expect(TEXTS.filter((text) => re2.matches(text))).toEqual(matches)
  })

  it.each<readonly [pattern: string, description: string]>([
    ['[', 'missing closing ]'],
    ['(', 'missing closing )'],
    ['a)', 'regexp/syntax: internal error'],
    [')', 'regexp/syntax: internal error'],
    ['*', 'missing argument to repetition operator'],
    ['a**', 'invalid nested repetition operator'],
    ['a*+', 'invalid nested repetition operator'],
    ['a++', 'invalid nested repetition operator'],
    ['a{2}{3}', 'invalid nested repetition operator'],
    ['a{1001}', 'invalid repeat count'],
    ['a{2,1}', 'invalid repeat count'],
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['(?!a)', 'invalid or unsupported Perl syntax'],
    ['(?<=a)', 'invalid named capture'],
    ['\\1', 'invalid escape sequence'],
    ['\\', 'trailing backslash at end of expression'],
    ['[z-a]', 'invalid character class range'],
    ['(?P<n>a)(?P<n>b)', 'duplicate capture group name'],
    ['(?P<n', 'invalid named capture'],
    ['(?x)a', 'invalid or unsupported Perl syntax'],
    ['[[:foo:]]', 'invalid character class range'],
    ['\\p{Foo}', 'invalid character class range'],
    ['\\C', 'invalid escape sequence'],
    ['\\8', 'invalid escape sequence'],
    ['\\Z', 'invalid escape sequence'],
    ['a|*', 'missing argument to repetition operator'],
    ['(*)', 'missing argument to repetition operator'],
    ['x{1000}{1000}', 'invalid nested repetition operator'],
    ['[^]', 'missing closing ]'],
    ['[a', 'missing closing ]'],
    ['\\x4', 'invalid escape sequence'],
    ['\\y', 'invalid escape sequence'],
    ['(?:', 'missing closing )'],
    ['(?i', 'invalid or unsupported Perl syntax'],
    ['(?P=n)', 'invalid or unsupported Perl syntax'],
    ['[a-\\d]', 'invalid escape sequence'],
    ['{1}', 'missing argument to repetition operator'],
    ["(?'n'a)", 'invalid or unsupported Perl syntax'],
  ])('refuses %s in RE2/J’s words', (pattern, description) => {
    expect(() => new Re2(pattern)).toThrow(new Re2SyntaxError(description))
  })

  it('refuses what would be too large', () => {
    expect(() => new Re2('((a{100}){100}){100}')).toThrow(Re2SyntaxError)
    expect(() => new Re2('((){1000}){1000}')).toThrow(Re2SyntaxError)
    expect(() => new Re2('('.repeat(5000))).toThrow(Re2SyntaxError)
  })

  it('matches in linear time what makes others backtrack', () => {
    expect(new Re2('(a|a)*(a*)*(a+)+b').matches('a'.repeat(249))).toBe(false)
  })
})
