/** A command line as far as it is typed: read without the command's description, which would have to be loaded. */
export interface CommandLine {
  /** The word after `kt`. */
  command: string
  /** What follows before the first option. */
  words: readonly string[]
  /** Values of an option, in their order; '' where it has none. */
  values(name: string): readonly string[]
  /** The last value of an option. */
  last(...names: string[]): string | undefined
  has(name: string): boolean
}

/** Words before the first option. */
const plainWords = (words: readonly string[]): readonly string[] => {
  const first = words.findIndex((word) => word.startsWith('-'))
  return first < 0 ? words : words.slice(0, first)
}

/**
 * Reads words.
 * @param words after `kt`; the first is the command
 */
export const readCommandLine = ([command = '', ...words]: readonly string[]): CommandLine => {
  const options = new Map<string, string[]>()
  for (let i = 0; i < words.length; i++) {
    const [, name, equals, given] = /^--?([^=]+)(=?)(.*)$/s.exec(words[i]!) ?? []
    if (name === undefined) continue
    const next = words[i + 1]
    const takesNext = equals === '' && next !== undefined && !/^--?[a-z]/i.test(next)
    const value = takesNext ? words[++i]! : given!
    options.set(name, [...(options.get(name) ?? []), value])
  }
  const values = (name: string): readonly string[] => options.get(name) ?? []
  return {
    command,
    words: plainWords(words),
    values,
    last: (...names) => names.map((name) => values(name).at(-1)).find((value) => value !== undefined && value !== ''),
    has: (name) => options.has(name),
  }
}

/** Simple variables, and nothing else a shell would do: completion must not run anything. */
const expandVariables = (text: string, env: Readonly<Record<string, string | undefined>>): string =>
  text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    const value = env[braced ?? bare ?? '']
    return value ?? whole
  })

/** A piece of a word: between quotes of a kind, after a backslash, or bare. */
const PIECE = /'([^']*)(?:'|$)|"((?:[^"\\]|\\.)*)(?:"|$)|\\(.)|([^\s'"\\]+)|\s+|\\$/gs

/**
 * Cuts a line of bash or zsh into words, with quotes taken off and variables put in.
 * @returns the last word is the one that is being typed, '' after a blank
 */
export const shellWords = (line: string, env: Readonly<Record<string, string | undefined>>): string[] => {
  const words: string[] = []
  let word: string | undefined
  for (const [piece, single, double, escaped, bare] of line.matchAll(PIECE)) {
    if (/^\s+$/.test(piece)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    const text =
      single ??
      (double === undefined ? undefined : expandVariables(double.replace(/\\(["\\$`])/g, '$1'), env)) ??
      escaped ??
      expandVariables(bare ?? '', env)
    word = (word ?? '') + text
  }
  return [...words, word ?? '']
}
