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

/**
 * Reads an object's text up to and including a field of that name, given that the text before the field's value is known.
 * @param start where the field's value begins
 * @returns undefined if the object has more fields after it
 * @throws SyntaxError
 */
export function readLastField(text: string, start: number): JsonNode | undefined {
  return new JsonReader(text).lastField(start)
}

/** @returns the object, and where the value of its last field begins; null for what is no object @throws SyntaxError */
export function readObject(text: string): { node: Map<string, JsonNode>; lastStart: number } | null {
  const reader = new JsonReader(text)
  const node = reader.first()
  return node instanceof Map ? { node, lastStart: reader.lastFieldStart } : null
}

const NUMBER = /-?(\d+)(\.\d+)?([eE][+-]?\d+)?/y
const WORD = /[\w$]+/y
const UNSAFE = /[\\\u0000-\u001f]/
const WORDS: ReadonlyMap<string, JsonNode> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])
const SAFE_DIGITS = 15

class JsonReader {
  private readonly text: string
  private position = 0
  private depth = 0
  /** Where the value of the latest field of the outermost object begins. */
  lastFieldStart = 0

  constructor(text: string) {
    this.text = text
  }

  first(): JsonNode | undefined {
    this.skipBlanks()
    if (this.position === this.text.length) return undefined
    const value = this.value()
    // Only a blank tells where a number ends that nothing is around.
    const isNumber = typeof value === 'bigint' || value instanceof Decimal
    if (isNumber && !/[ \t\r\n]/.test(this.text[this.position] ?? ' ')) this.fail()
    return value
  }

  lastField(start: number): JsonNode | undefined {
    this.position = start
    this.depth = 1
    const value = this.value()
    this.skipBlanks()
    return this.text[this.position] === '}' ? value : undefined
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.position++
    }
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
    WORD.lastIndex = this.position
    const word = WORD.exec(this.text)?.[0]
    const value = word === undefined ? undefined : WORDS.get(word)
    if (word === undefined || value === undefined) return this.fail()
    this.position += word.length
    return value
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH)
      throw new SyntaxError(`Document nesting depth exceeds the maximum allowed (${MAX_DEPTH})`)
    this.position++
    this.skipBlanks()
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
      this.skipBlanks()
      if (!this.take(':')) this.fail()
      if (this.depth === 1) this.lastFieldStart = this.position
      fields.set(name, this.value())
      this.skipBlanks()
    } while (this.take(','))
    if (!this.take('}')) this.fail()
    return fields
  }

  private array(): JsonNode[] {
    const elements: JsonNode[] = []
    if (this.take(']')) return elements
    do {
      elements.push(this.value())
      this.skipBlanks()
    } while (this.take(','))
    if (!this.take(']')) this.fail()
    return elements
  }

  /** Reads a sign and the blanks after it, if it is there. */
  private take(sign: string): boolean {
    if (this.text[this.position] !== sign) return false
    this.position++
    // A closing sign may be the document's end: what follows it is nobody's business.
    if (sign === ',' || sign === ':') this.skipBlanks()
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
    if (hasEscapes || UNSAFE.test(content)) return JSON.parse(this.text.slice(start, end + 1)) as string
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
    if (fraction === undefined && exponent === undefined) {
      // Most numbers are small, and those are made faster by way of a double.
      return BigInt(all.length <= SAFE_DIGITS ? Number(all) : all)
    }
    return Decimal.parse(all) ?? this.fail()
  }
}
