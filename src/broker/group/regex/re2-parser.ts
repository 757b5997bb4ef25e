import { CharClass, perlClass, posixClass, unicodeClass } from './char-class.ts'
import { Re2Message, Re2SyntaxError } from './re2-error.ts'

/** A parsed regular expression. */
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'chars'; readonly set: CharClass }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  /** `max` null: without limit. */
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number | null }

export type Assertion = 'begin' | 'end' | 'line-begin' | 'line-end' | 'word-boundary' | 'no-word-boundary'

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
}

const MAX_REPEAT = 1000
/** Deeper nesting is refused, so that parsing can't exhaust the stack. */
const MAX_DEPTH = 250
const CONTROL: { readonly [letter: string]: number } = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }

/**
 * Parses a pattern in RE2's syntax, as consumers send it for a subscription.
 *
 * @throws Re2SyntaxError
 */
export function parseRe2(pattern: string): Node {
  const parser = new Parser(pattern)
  return parser.parse()
}

class Parser {
  readonly #text: string
  readonly #names = new Set<string>()
  #at = 0
  #depth = 0
  #flags: Flags = { i: false, m: false, s: false }

  constructor(text: string) {
    this.#text = text
  }

  parse(): Node {
    const node = this.#choice()
    // All that ends a choice before the end of the text is a parenthesis nobody opened.
    if (this.#at < this.#text.length) throw new Re2SyntaxError(Re2Message.INTERNAL)
    return node
  }

  #choice(): Node {
    const nodes = [this.#sequence()]
    while (this.#take('|')) nodes.push(this.#sequence())
    return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes }
  }

  #sequence(): Node {
    const nodes: Node[] = []
    while (this.#at < this.#text.length && !this.#sees('|') && !this.#sees(')')) {
      if (this.#take('\\Q')) nodes.push(...this.#quoted())
      else {
        const atom = this.#atom()
        nodes.push(...(atom === null ? [] : [this.#repeated(atom)]))
      }
    }
    return nodes.length === 1 ? nodes[0]! : nodes.length === 0 ? { kind: 'empty' } : { kind: 'sequence', nodes }
  }

  #quoted(): Node[] {
    const end = this.#text.indexOf('\\E', this.#at)
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end)
    this.#at = end === -1 ? this.#text.length : end + 2
    const nodes = [...text].map((char) => this.#literal(char.codePointAt(0)!))
    const last = nodes.pop()
    return last === undefined ? nodes : [...nodes, this.#repeated(last)]
  }

  /** @returns null for what matches nothing by itself, such as (?i) */
  #atom(): Node | null {
    const char = this.#next()
    switch (char) {
      case '*':
      case '+':
      case '?':
        throw new Re2SyntaxError(Re2Message.MISSING_ARGUMENT)
      case '{':
        if (this.#repeatCount(this.#at - 1) !== null) throw new Re2SyntaxError(Re2Message.MISSING_ARGUMENT)
        return this.#literal(char.charCodeAt(0))
      case '.':
        return { kind: 'chars', set: CharClass.of((each) => this.#flags.s || each !== '\n') }
      case '^':
        return { kind: 'assert', what: this.#flags.m ? 'line-begin' : 'begin' }
      case '$':
        return { kind: 'assert', what: this.#flags.m ? 'line-end' : 'end' }
      case '[':
        return this.#class()
      case '(':
        return this.#group()
      case '\\':
        return this.#escape()
      default:
        return this.#literal(char.codePointAt(0)!)
    }
  }

  #repeated(atom: Node): Node {
    let node = atom
    let last = -1
    for (;;) {
      const start = this.#at
      const count = this.#repetition()
      if (count === null) return node
      if (last === start) throw new Re2SyntaxError(Re2Message.REPEAT_OP)
      this.#take('?')
      node = { kind: 'repeat', node, min: count.min, max: count.max }
      last = this.#at
    }
  }

  #repetition(): { min: number; max: number | null } | null {
    if (this.#take('*')) return { min: 0, max: null }
    if (this.#take('+')) return { min: 1, max: null }
    if (this.#take('?')) return { min: 0, max: 1 }
    const count = this.#sees('{') ? this.#repeatCount(this.#at) : null
    if (count === null) return null
    this.#at += count.length
    const { min, max } = count
    if (min > MAX_REPEAT || (max !== null && (max > MAX_REPEAT || max < min))) {
      throw new Re2SyntaxError(Re2Message.REPEAT_SIZE)
    }
    return { min, max }
  }

  /** Braces that don't hold a count stand for themselves. */
  #repeatCount(at: number): { min: number; max: number | null; length: number } | null {
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(at, at + 32))
    if (match === null) return null
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === '' ? null : Number(match[3])
    return { min, max, length: match[0].length }
  }

  #group(): Node | null {
    if (++this.#depth > MAX_DEPTH) throw new Re2SyntaxError(Re2Message.INTERNAL)
    const outer = this.#flags
    if (this.#take('?')) {
      if (this.#take('P<') || this.#take('<')) this.#name()
      else if (this.#groupFlags() === 'flags-only') {
        this.#depth--
        return null
      }
    }
    const node = this.#choice()
    if (!this.#take(')')) throw new Re2SyntaxError(Re2Message.MISSING_PAREN)
    this.#flags = outer
    this.#depth--
    return node
  }

  #name(): void {
    const end = this.#text.indexOf('>', this.#at)
    const name = end === -1 ? '' : this.#text.slice(this.#at, end)
    if (!/^\w+$/.test(name)) throw new Re2SyntaxError(Re2Message.NAMED_CAPTURE)
    if (this.#names.has(name)) throw new Re2SyntaxError(Re2Message.DUPLICATE_NAME)
    this.#names.add(name)
    this.#at = end + 1
  }

  /** (?i) changes flags up to the end of the group around it, (?i:…) inside itself. */
  #groupFlags(): 'flags-only' | 'group' {
    const match = /^([imsU]*)(-[imsU]+)?([:)])/.exec(this.#text.slice(this.#at))
    if (match === null) throw new Re2SyntaxError(Re2Message.PERL_OP)
    const [all, on = '', off = '', end] = match
    if (end === ')' && on === '' && off === '') throw new Re2SyntaxError(Re2Message.MISSING_ARGUMENT)
    const flags = { ...this.#flags }
    // U swaps greedy and lazy, which makes no difference to what matches as a whole.
    for (const flag of on) if (flag !== 'U') flags[flag as keyof Flags] = true
    for (const flag of off.slice(1)) if (flag !== 'U') flags[flag as keyof Flags] = false
    this.#flags = flags
    this.#at += all.length
    return end === ')' ? 'flags-only' : 'group'
  }

  #escape(): Node {
    const char = this.#text[this.#at]
    if (char === undefined) throw new Re2SyntaxError(Re2Message.TRAILING_BACKSLASH)
    const assertion = { A: 'begin', z: 'end', b: 'word-boundary', B: 'no-word-boundary' }[char] as Assertion | undefined
    if (assertion !== undefined) {
      this.#at++
      return { kind: 'assert', what: assertion }
    }
    const set = this.#escapedClass()
    return set === undefined ? this.#literal(this.#escapedChar()) : { kind: 'chars', set: this.#folded(set) }
  }

  /** What stands after a backslash, if it is a class: \d, \pL, \P{Greek}. */
  #escapedClass(): CharClass | undefined {
    const char = this.#text[this.#at]
    if (char === undefined) throw new Re2SyntaxError(Re2Message.TRAILING_BACKSLASH)
    const perl = perlClass(char)
    if (perl !== undefined) {
      this.#at++
      return perl
    }
    if (char !== 'p' && char !== 'P') return undefined
    this.#at++
    const match = /^(?:\{([^}]*)\}|([^{]))/.exec(this.#text.slice(this.#at))
    if (match === null) throw new Re2SyntaxError(Re2Message.CHAR_RANGE)
    this.#at += match[0].length
    const set = unicodeClass(match[1] ?? match[2]!)
    return char === 'P' ? set.negated() : set
  }

  #escapedChar(): number {
    const rest = this.#text.slice(this.#at)
    if (rest === '') throw new Re2SyntaxError(Re2Message.TRAILING_BACKSLASH)
    const hex = /^x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest)
    if (hex !== null) {
      this.#at += hex[0].length
      const code = Number.parseInt(hex[1] ?? hex[2]!, 16)
      if (code > 0x10ffff) throw new Re2SyntaxError(Re2Message.ESCAPE)
      return code
    }
    // A single digit other than 0 would be a reference to a group, which RE2 doesn't have.
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest)
    if (octal !== null) {
      this.#at += octal[0].length
      return Number.parseInt(octal[0], 8)
    }
    const char = String.fromCodePoint(rest.codePointAt(0)!)
    const control = CONTROL[char]
    if (control === undefined && (char > '\x7f' || /[0-9A-Za-z]/.test(char))) {
      throw new Re2SyntaxError(Re2Message.ESCAPE)
    }
    this.#at += char.length
    return control ?? char.charCodeAt(0)
  }

  #class(): Node {
    const negated = this.#take('^')
    const set = new CharClass()
    for (let isFirst = true; isFirst || !this.#sees(']'); isFirst = false) {
      if (this.#at >= this.#text.length) throw new Re2SyntaxError(Re2Message.MISSING_BRACKET)
      this.#classItem(set)
    }
    this.#at++
    const folded = this.#folded(set)
    return { kind: 'chars', set: negated ? folded.negated() : folded }
  }

  #classItem(set: CharClass): void {
    const posix = /^\[:(\^?\w+):\]/.exec(this.#text.slice(this.#at, this.#at + 32))
    if (posix !== null) {
      set.add(posixClass(posix[1]!))
      this.#at += posix[0].length
      return
    }
    if (this.#sees('\\')) {
      this.#at++
      const found = this.#escapedClass()
      if (found !== undefined) {
        set.add(found)
        return
      }
      this.#at--
    }
    const from = this.#classChar()
    let to = from
    if (this.#sees('-') && this.#text[this.#at + 1] !== ']' && this.#at + 1 < this.#text.length) {
      this.#at++
      to = this.#classChar()
    }
    if (to < from) throw new Re2SyntaxError(Re2Message.CHAR_RANGE)
    set.addRange(from, to)
  }

  #classChar(): number {
    return this.#take('\\') ? this.#escapedChar() : this.#next().codePointAt(0)!
  }

  #literal(code: number): Node {
    const set = new CharClass()
    set.addRange(code, code)
    return { kind: 'chars', set: this.#folded(set) }
  }

  #folded(set: CharClass): CharClass {
    return this.#flags.i ? set.foldCase() : set
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false
    this.#at += text.length
    return true
  }

  #next(): string {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!)
    this.#at += char.length
    return char
  }
}
