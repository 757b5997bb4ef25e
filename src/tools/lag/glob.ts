/** Whether a word is a pattern rather than a name. */
export const isGlob = (word: string): boolean => /[*?[]/.test(word)

/** A pattern as shells have it, over whole names: `*`, `?` and `[a-z]`. */
const globRegex = (pattern: string): RegExp => {
  const source = pattern.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.length > 1) return `[${piece.slice(1, -1).replace(/^!/, '^').replace(/\\/g, '\\\\')}]`
    return piece.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}

/** Names and patterns to choose by. */
export class Chooser {
  readonly #words: readonly { word: string; matches: (name: string) => boolean }[]

  constructor(words: readonly string[]) {
    this.#words = words.map((word) => {
      if (!isGlob(word)) return { word, matches: (name) => name === word }
      const regex = globRegex(word)
      return { word, matches: (name) => name === word || regex.test(name) }
    })
  }

  /** Without any word everything is chosen. */
  chooses(name: string): boolean {
    return this.#words.length === 0 || this.#words.some(({ matches }) => matches(name))
  }

  /** Words that none of the names fits. */
  unmatched(names: Iterable<string>): string[] {
    const all = [...names]
    return this.#words.filter(({ matches }) => !all.some(matches)).map(({ word }) => word)
  }
}
