/** A pattern Java would refuse; `message` is the compiler's complaint. */
export class PatternSyntaxError extends Error {
  override name = 'PatternSyntaxError'
  readonly exceptionClass = 'java.util.regex.PatternSyntaxException'
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

/**
 * A Java regular expression as a JavaScript one that matches only whole strings, as Java's String.matches does.
 * @throws PatternSyntaxError
 */
export const javaRegex = (pattern: string): RegExp => {
  let flags = 'u'
  let body = pattern
  const inline = /^\(\?([ismux]+)\)/.exec(body)
  if (inline !== null) {
    body = body.slice(inline[0].length)
    flags += [...inline[1]!].filter((letter) => 'ism'.includes(letter)).join('')
  }
  const source = `^(?:${translate(body)})$`
  try {
    return new RegExp(source, flags)
  } catch {
    // Unicode mode refuses harmless escapes such as \- that Java allows.
  }
  try {
    return new RegExp(source, flags.replace('u', ''))
  } catch (error) {
    throw new PatternSyntaxError(`${(error as Error).message.replace(/^Invalid regular expression: /, '')}: ${pattern}`)
  }
}
