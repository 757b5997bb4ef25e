import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'

/** What RE2/J, which brokers use for subscriptions, lacks or refuses, with its words. */
const refusals: readonly (readonly [pattern: RegExp, description: string])[] = [
  [/\\$/, 'trailing backslash at end of expression'],
  [/\(\?(?:=|!|<=|<!|>)/, 'invalid or unsupported Perl syntax'],
  [/\\[1-9]/, 'invalid escape sequence'],
  [/(?:[*+?]|\{\d+(?:,\d*)?\})[*+]/, 'invalid nested repetition operator'],
  [/^[*+?]|[(|][*+?](?!:|P<|[imsU-]+[:)])/, 'missing argument to repetition operator'],
]

const withoutClasses = (regex: string): string => regex.replace(/\\./g, '_').replace(/\[\^?\]?[^\]]*\]/g, '_')

const complaint = (regex: string): string | undefined => {
  const plain = withoutClasses(regex)
  if (plain.includes('[')) return 'missing closing ]'
  let depth = 0
  for (const letter of plain) {
    if (letter === '(') depth++
    else if (letter === ')' && --depth < 0) return 'regexp/syntax: internal error'
  }
  const known = refusals.find(([pattern], i) => pattern.test(i < 3 ? regex : plain))
  if (known !== undefined) return known[1]
  if (depth > 0) return 'missing closing )'
  for (const [, low, high] of plain.matchAll(/\{(\d+),(\d+)\}/g)) {
    if (Number(low) > Number(high)) return 'invalid repeat count'
  }
  try {
    new RegExp(regex.replace(/\(\?P</g, '(?<').replace(/^\(\?[imsU]+\)/, ''))
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/^.*: /, '')
  }
}

/** `--validate-regex`: says whether a subscription with this expression would work. */
export const validateRegex = (io: Io, regex: string): void => {
  const reason = complaint(regex)
  println(
    io.out,
    reason === undefined
      ? `The regular expression \`${regex}\` is valid.`
      : `The regular expression \`${regex}\` is invalid: ${reason}.`,
  )
}
