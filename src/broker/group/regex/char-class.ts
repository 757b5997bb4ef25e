import { Re2Message, Re2SyntaxError } from './re2-error.ts'

/** Topic names are ASCII, so a class of characters needs no more than that. */
const SIZE = 128

/** A set of ASCII characters. */
export class CharClass {
  readonly #has = new Uint8Array(SIZE)

  static of(matches: (char: string) => boolean): CharClass {
    const set = new CharClass()
    for (let code = 0; code < SIZE; code++) if (matches(String.fromCharCode(code))) set.#has[code] = 1
    return set
  }

  has(code: number): boolean {
    return this.#has[code] === 1
  }

  addRange(from: number, to: number): void {
    for (let code = from; code <= Math.min(to, SIZE - 1); code++) this.#has[code] = 1
  }

  add(other: CharClass): void {
    for (let code = 0; code < SIZE; code++) if (other.has(code)) this.#has[code] = 1
  }

  negated(): CharClass {
    return CharClass.of((char) => !this.has(char.charCodeAt(0)))
  }

  /** Adds the other case of each letter. */
  foldCase(): CharClass {
    return CharClass.of(
      (char) => this.has(char.toLowerCase().charCodeAt(0)) || this.has(char.toUpperCase().charCodeAt(0)),
    )
  }
}

const matching = (pattern: RegExp): CharClass => CharClass.of((char) => pattern.test(char))

/** \d, \s and \w. Classes are made when they are used: most brokers never see one. */
const PERL: { readonly [letter: string]: RegExp } = {
  d: /[0-9]/,
  s: /[\t\n\f\r ]/,
  w: /[0-9A-Za-z_]/,
}

const POSIX: { readonly [name: string]: RegExp } = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  ascii: /[\s\S]/,
  blank: /[\t ]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: PERL.d!,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: PERL.w!,
  xdigit: /[0-9A-Fa-f]/,
}

/** @returns the class of \d, \D and so on; undefined for any other letter */
export function perlClass(letter: string): CharClass | undefined {
  const pattern = PERL[letter.toLowerCase()]
  if (pattern === undefined) return undefined
  const found = matching(pattern)
  return letter === letter.toLowerCase() ? found : found.negated()
}

/** @param name 'alpha', or '^alpha' for its opposite */
export function posixClass(name: string): CharClass {
  const negated = name.startsWith('^')
  const pattern = POSIX[negated ? name.slice(1) : name]
  if (pattern === undefined) throw new Re2SyntaxError(Re2Message.CHAR_RANGE)
  const found = matching(pattern)
  return negated ? found.negated() : found
}

/** @param name a general category or script of Unicode, as in \p{Greek}; '^' in front negates */
export function unicodeClass(name: string): CharClass {
  const negated = name.startsWith('^')
  const plain = negated ? name.slice(1) : name
  if (plain === 'Any') return negated ? new CharClass() : matching(/[\s\S]/)
  for (const property of [plain, `Script=${plain}`]) {
    if (!/^(Script=)?[A-Za-z_]+$/.test(property)) continue
    try {
      const found = matching(new RegExp(`\\p{${property}}`, 'u'))
      return negated ? found.negated() : found
    } catch {
      // No such property: the next form is tried.
    }
  }
  throw new Re2SyntaxError(Re2Message.CHAR_RANGE)
}
