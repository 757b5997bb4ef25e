/** A pattern Java would refuse; `message` is the compiler's complaint. */
export class PatternSyntaxError extends Error {
  override name = 'PatternSyntaxError'
  readonly exceptionClass = 'java.util.regex.PatternSyntaxException'
}

/** Where Java finds something to repeat that nothing stands before; -1 for nowhere. */
const danglingAt = (pattern: string): number => {
  const found = /(?:^|[^\\](?:\\\\)*)(?:[(|]|[*+?}][+?]?|^)([*+?])/.exec(pattern)
  return found === null ? -1 : found.index + found[0].length - 1
}

/** Where a parenthesis is closed that isn't open. */
const unmatchedAt = (pattern: string): number => {
  let depth = 0
  for (const { 0: piece, index } of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[()]/gs)) {
    if (piece === '(') depth++
    else if (piece === ')' && --depth < 0) return index
  }
  return -1
}

/** What Java says where JavaScript's compiler has complained: its words, an index, the pattern, and a mark under it. */
const javaComplaint = (pattern: string, complaint: string): string => {
  const said = (words: string, index: number): string => {
    const at = index < 0 ? '' : ` near index ${index}`
    const mark = index >= 0 && index < pattern.length ? `\n${' '.repeat(index)}^` : ''
    return `${words}${at}\n${pattern}${mark}`
  }
  switch (complaint) {
    case 'Unterminated group':
      return said('Unclosed group', pattern.length)
    case 'Unterminated character class':
      return said('Unclosed character class', pattern.length - 1)
    case "Unmatched ')'":
      return said("Unmatched closing ')'", unmatchedAt(pattern) - 1)
    case 'Nothing to repeat': {
      const index = danglingAt(pattern)
      return said(index < 0 ? complaint : `Dangling meta character '${pattern[index]}'`, index)
    }
    default:
      return said(complaint, -1)
  }
}

const classes: Record<string, string> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  XDigit: '0-9a-fA-F',
  Space: '\\s',
}

/** Rewrites what Java's syntax has and JavaScript's lacks: quoting, POSIX classes, possessive quantifiers, anchors. */
const translate = (pattern: string): string =>
  pattern
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, quoted: string) => quoted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .replace(/\[([^[\]]*)\\p\{(\w+)\}/g, (all, before: string, name: string) =>
      classes[name] === undefined ? all : `[${before}${classes[name]}`,
    )
    .replace(/\\p\{(\w+)\}/g, (all, name: string) => (classes[name] === undefined ? all : `[${classes[name]}]`))
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$')
    .replace(/\\h/g, '[ \\t]')
    .replace(/(?<!\\)([*+?}])\+/g, '$1')

/** @param wrap puts the translated pattern into its place */
const compile = (pattern: string, wrap: (body: string) => string): RegExp => {
  let flags = 'u'
  let body = pattern
  const inline = /^\(\?([ismux]+)\)/.exec(body)
  if (inline !== null) {
    body = body.slice(inline[0].length)
    flags += [...inline[1]!].filter((letter) => 'ism'.includes(letter)).join('')
  }
  const source = translate(body)
  const compiled = (compileFlags: string): RegExp => {
    // Alone first: what is wrapped around it could close what it leaves open.
    new RegExp(source, compileFlags)
    return new RegExp(wrap(source), compileFlags)
  }
  try {
    return compiled(flags)
  } catch {
    // Unicode mode refuses harmless escapes such as \- that Java allows.
  }
  try {
    return compiled(flags.replace('u', ''))
  } catch (error) {
    const complaint = (error as Error).message.replace(/^.*: /s, '')
    throw new PatternSyntaxError(javaComplaint(pattern, complaint), { cause: error })
  }
}

/**
 * A Java regular expression as a JavaScript one that matches only whole strings, as Java's String.matches does.
 * @throws PatternSyntaxError
 */
export const javaRegex = (pattern: string): RegExp => compile(pattern, (body) => `^(?:${body})$`)

/**
 * A Java regular expression as a JavaScript one that matches anywhere, as Java's Matcher.find does.
 * @throws PatternSyntaxError
 */
export const javaFindRegex = (pattern: string): RegExp => compile(pattern, (body) => body)

/**
 * Java's Matcher.replaceFirst: `$1` and `${name}` in the replacement stand for groups, a backslash for the character after it.
 * @param regex of javaFindRegex
 * @throws PatternSyntaxError for a group there isn't
 */
export const javaReplaceFirst = (regex: RegExp, text: string, replacement: string): string => {
  const match = regex.exec(text)
  if (match === null) return text
  const fail = (message: string): never => {
    throw new PatternSyntaxError(message)
  }
  const numbered = (digits: string): string => {
    // As many digits as make the number of a group.
    let length = 1
    while (length < digits.length && Number(digits.slice(0, length + 1)) < match.length) length++
    const group = Number(digits.slice(0, length))
    if (group >= match.length) fail(`No group ${group}`)
    return (match[group] ?? '') + digits.slice(length)
  }
  const inserted = replacement.replace(
    /\\([\s\S]?)|\$(?:(\d+)|\{(\w+)\})?/g,
    (all: string, escaped: string | undefined, digits: string | undefined, name: string | undefined) => {
      if (all.startsWith('\\')) return escaped || fail('character to be escaped is missing')
      if (digits !== undefined) return numbered(digits)
      if (name === undefined) return fail('Illegal group reference')
      if (match.groups === undefined || !Object.hasOwn(match.groups, name)) return fail(`No group with name {${name}}`)
      return match.groups[name] ?? ''
    },
  )
  return text.slice(0, match.index) + inserted + text.slice(match.index + match[0].length)
}
