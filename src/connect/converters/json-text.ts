/** JSON as Jackson reads and writes it: numbers exact whatever their size. */
import { Decimal } from '../data/decimal.ts'

/** Whole numbers are bigints, others Decimals; an object's fields are in order. */
export type JsonNode = null | boolean | string | bigint | Decimal | JsonNode[] | Map<string, JsonNode>

const MAX_DEPTH = 1000
const MAX_NUMBER_LENGTH = 1000

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r' },
}

const escapeOf = (character: string): string =>
  ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`

/** @returns a text in quotes; what UTF-16 has in two halves is escaped, each half by itself */
export const jsonString = (text: string): string => `"${text.replace(/[\u0000-\u001f"\\\ud800-\udfff]/g, escapeOf)}"`

/** @returns the JSON text of a node, without blanks */
export function jsonText(node: JsonNode): string {
  if (typeof node === 'string') return jsonString(node)
  if (Array.isArray(node)) return `[${node.map(jsonText).join(',')}]`
  if (node instanceof Map) {
    return `{${[...node].map(([name, value]) => `${jsonString(name)}:${jsonText(value)}`).join(',')}}`
  }
  return String(node)
}

/** @returns what Jackson calls a node's type in error texts */
export function nodeType(node: JsonNode | undefined): string {
  if (node === undefined) return 'MISSING'
  if (node === null) return 'NULL'
  if (typeof node === 'boolean') return 'BOOLEAN'
  if (typeof node === 'string') return 'STRING'
  if (typeof node === 'bigint' || node instanceof Decimal) return 'NUMBER'
  return Array.isArray(node) ? 'ARRAY' : 'OBJECT'
}

/**
 * Reads the first value of a text; what follows is ignored, leading zeros are allowed, of two fields with one name the last counts.
 * @returns undefined if there are only blanks
 * @throws SyntaxError
 */
export function readJson(text: string): JsonNode | undefined {
  return new JsonReader(text).first()
}

const BLANK = /[ \t\r\n]*/y
const NUMBER = /-?(\d+)(\.\d+)?([eE][+-]?\d+)?/y
const WORD = /[\w$]+/y
const WORDS: ReadonlyMap<string, JsonNode> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

class JsonReader {
  private readonly text: string
  private position = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  first(): JsonNode | undefined {
    this.match(BLANK)
    if (this.position === this.text.length) return undefined
    const value = this.value()
    // Only a blank tells where a number ends that nothing is around.
    const isNumber = typeof value === 'bigint' || value instanceof Decimal
    if (isNumber && !/[ \t\r\n]/.test(this.text[this.position] ?? ' ')) this.fail()
    return value
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.text)?.[0] ?? null
    if (found !== null) this.position += found.length
    return found
  }

  private fail(): never {
    if (this.position >= this.text.length) throw new SyntaxError('Unexpected end-of-input')
    throw new SyntaxError(`Unexpected character ('${this.text[this.position]}') at offset ${this.position}`)
  }

  /** Reads the value that begins here. */
  private value(): JsonNode {
    const char = this.text[this.position]
    if (char === '{') return this.nested(() => this.object())
    if (char === '[') return this.nested(() => this.array())
    if (char === '"') return this.string()
    if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return this.number()
    const word = this.match(WORD)
    const value = word === null ? undefined : WORDS.get(word)
    if (value !== undefined) return value
    this.position -= word?.length ?? 0
    return this.fail()
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH)
      throw new SyntaxError(`Document nesting depth exceeds the maximum allowed (${MAX_DEPTH})`)
    this.position++
    this.match(BLANK)
    const value = read()
    this.depth--
    return value
  }

  private object(): Map<string, JsonNode> {
    const fields = new Map<string, JsonNode>()
    if (this.take('}')) return fields
    do {
      if (this.text[this.position] !== '"') this.fail()
      const name = this.string()
      this.match(BLANK)
      if (!this.take(':')) this.fail()
      fields.set(name, this.value())
      this.match(BLANK)
    } while (this.take(','))
    if (!this.take('}')) this.fail()
    return fields
  }

  private array(): JsonNode[] {
    const elements: JsonNode[] = []
    if (this.take(']')) return elements
    do {
      elements.push(this.value())
      this.match(BLANK)
    } while (this.take(','))
    if (!this.take(']')) this.fail()
    return elements
  }

  /** Reads a sign and the blanks after it, if it is there. */
  private take(sign: string): boolean {
    if (this.text[this.position] !== sign) return false
    this.position++
    // A closing sign may be the document's end: what follows it is nobody's business.
    if (sign === ',' || sign === ':') this.match(BLANK)
    return true
  }

  private string(): string {
    const start = this.position
    let end = start
    let hasEscapes = false
    for (;;) {
      end = this.text.indexOf('"', end + 1)
      if (end < 0) {
        this.position = this.text.length
        this.fail()
      }
      let backslashes = 0
      while (this.text[end - 1 - backslashes] === '\\') backslashes++
      if (backslashes > 0) hasEscapes = true
      if (backslashes % 2 === 0) break
    }
    this.position = end + 1
    const content = this.text.slice(start + 1, end)
    if (hasEscapes || /[\\\u0000-\u001f]/.test(content)) return JSON.parse(this.text.slice(start, end + 1)) as string
    return content
  }

  private number(): bigint | Decimal {
    NUMBER.lastIndex = this.position
    const match = NUMBER.exec(this.text)
    if (match === null) return this.fail()
    const [all, , fraction, exponent] = match
    this.position += all.length
    // Something like 1.x or 12a is no number, and no two values either.
    if (/[\w.+-]/.test(this.text[this.position] ?? ' ')) this.fail()
    if (all.length > MAX_NUMBER_LENGTH) {
      throw new SyntaxError(`Number value length (${all.length}) exceeds the maximum allowed (${MAX_NUMBER_LENGTH})`)
    }
    if (fraction === undefined && exponent === undefined)
      return BigInt(all[0] === '-' ? all.slice(1) : all) * (all[0] === '-' ? -1n : 1n)
    return Decimal.parse(all) ?? this.fail()
  }
}
