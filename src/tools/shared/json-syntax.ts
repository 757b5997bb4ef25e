/** Jackson's location of a place in a text whose source it keeps to itself. */
const locationOf = (text: string, offset: number): string => {
  const before = text.slice(0, offset).split('\n')
  const place = `line: ${before.length}, column: ${before.at(-1)!.length + 1}`
  return `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); ${place}]`
}

/** A text that is no JSON; `message` is what Jackson, Kafka's reader of JSON, says of it. */
export class JsonSyntaxError extends Error {
  override name = 'JsonSyntaxError'
  readonly exceptionClass = 'com.fasterxml.jackson.core.JsonParseException'

  constructor(text: string, offset: number, complaint: string) {
    super(`${complaint}\n at ${locationOf(text, offset)}`)
  }
}

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
const ESCAPED = '"\\/bfnrtu'

type Container = 'Object' | 'Array'

const closing: Readonly<Record<string, Container>> = { '}': 'Object', ']': 'Array' }
const closeOf: Readonly<Record<Container, string>> = { Object: '}', Array: ']' }

/** Goes through a text as far as its first value reaches, to say what Jackson would. */
class Walk {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** @returns where the first value ends */
  run(): number {
    this.#blanks()
    const isNumber = /[-\d]/.test(this.#next ?? '')
    if (this.#next !== undefined) this.#value()
    if (isNumber && /\S/.test(this.#next ?? '')) this.#unexpected(': Expected space separating root-level values')
    return this.#at
  }

  get #next(): string | undefined {
    return this.#text[this.#at]
  }

  #fail(complaint: string, offset = this.#at): never {
    throw new JsonSyntaxError(this.#text, offset, complaint)
  }

  #unexpected(wanted: string): never {
    const found = this.#next!
    const code = found.charCodeAt(0)
    if (code < 0x20) {
      const allowed = 'only regular white space (\\r, \\n, \\t) is allowed between tokens'
      this.#fail(`Illegal character ((CTRL-CHAR, code ${code})): ${allowed}`)
    }
    this.#fail(`Unexpected character ('${found}' (code ${code}))${wanted}`)
  }

  #blanks(): void {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#next!)) this.#at++
  }

  #value(inside: Container | 'Root' = 'Root'): void {
    const next = this.#next
    if (next === undefined) this.#fail(`Unexpected end-of-input within/between ${inside} entries`)
    if (next === '{' || next === '[') this.#container(next === '{' ? 'Object' : 'Array')
    else if (next === '"') this.#string('string value')
    else if (/[-+\d]/.test(next)) this.#number()
    else this.#word()
  }

  #word(): void {
    const [word] = /^[\p{ID_Continue}$]*/u.exec(this.#text.slice(this.#at, this.#at + 256))!
    if (word === '') {
      const container = closing[this.#next!]
      if (container !== undefined && this.#at === 0) {
        this.#fail(`Unexpected close marker '${this.#next}': no open ${container} to close`)
      }
      this.#unexpected(`: expected a valid value ${VALUES}`)
    }
    if (!['null', 'true', 'false'].includes(word)) this.#fail(`Unrecognized token '${word}': was expecting ${VALUES}`)
    this.#at += word.length
  }

  #number(): void {
    const start = this.#at
    if (this.#next === '+') {
      const option = '`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS`'
      const complaint = `JSON spec does not allow numbers to have plus signs: enable ${option} to allow`
      this.#fail(`Unexpected character ('+' (code 43)) in numeric value: ${complaint}`, start + 1)
    }
    const [number] = /^-?\d*(\.\d*)?([eE][-+]?\d*)?/.exec(this.#text.slice(start))!
    const expect = (pattern: RegExp, problem: string, back: number): void => {
      if (!pattern.test(number)) return
      this.#at = start + number.length
      const offset = this.#at - back
      if (this.#next === undefined) this.#fail(`Unexpected end-of-input in numeric value: ${problem}`)
      this.#fail(
        `Unexpected character ('${this.#next}' (code ${this.#next.charCodeAt(0)})) in numeric value: ${problem}`,
        offset,
      )
    }
    expect(/^-$/, 'expected digit (0-9) to follow minus sign, for valid numeric value', 0)
    if (/^-?0\d/.test(number)) {
      this.#fail('Invalid numeric value: Leading zeroes not allowed', start + number.indexOf('0') + 1)
    }
    expect(/\.$/, 'Decimal point not followed by a digit', 1)
    expect(/[eE][-+]?$/, 'Exponent indicator not followed by a digit', 1)
    this.#at = start + number.length
  }

  #string(what: 'string value' | 'field name'): void {
    this.#at++
    for (;;) {
      const next = this.#next
      if (next === undefined) {
        const quote = 'was expecting closing quote for a string value'
        this.#fail(`Unexpected end-of-input${what === 'field name' ? ' in field name' : `: ${quote}`}`)
      }
      if (next.charCodeAt(0) < 0x20) {
        const code = next.charCodeAt(0)
        const rule = `has to be escaped using backslash to be included in ${what === 'field name' ? 'name' : what}`
        this.#fail(`Illegal unquoted character ((CTRL-CHAR, code ${code})): ${rule}`)
      }
      this.#at++
      if (next === '"') return
      if (next === '\\') this.#escape()
    }
  }

  #escape(): void {
    const next = this.#next
    if (next === undefined) this.#fail('Unexpected end-of-input in character escape sequence')
    if (!ESCAPED.includes(next)) {
      this.#fail(`Unrecognized character escape '${next}' (code ${next.charCodeAt(0)})`)
    }
    this.#at++
    if (next !== 'u') return
    for (let digits = 0; digits < 4; digits++, this.#at++) {
      if (this.#next === undefined) this.#fail('Unexpected end-of-input in character escape sequence')
      if (!/[\da-f]/i.test(this.#next)) this.#unexpected(': expected a hex-digit for character escape sequence')
    }
  }

  #container(kind: Container): void {
    const start = this.#at++
    for (let isFirst = true; ; isFirst = false) {
      this.#blanks()
      if (this.#isClosed(kind, start)) return
      if (!isFirst) {
        if (this.#next !== ',') this.#unexpected(`: was expecting comma to separate ${kind} entries`)
        this.#at++
        this.#blanks()
      }
      if (kind === 'Object') this.#field()
      this.#value(kind)
    }
  }

  /** Steps over the end of what began at `start`, if it is here. */
  #isClosed(kind: Container, start: number): boolean {
    const next = this.#next
    if (next === undefined) {
      const began = locationOf(this.#text, start)
      this.#fail(`Unexpected end-of-input: expected close marker for ${kind} (start marker at ${began})`)
    }
    if (next === closeOf[kind]) {
      this.#at++
      return true
    }
    if (closing[next] !== undefined) {
      const began = locationOf(this.#text, start)
      this.#fail(`Unexpected close marker '${next}': expected '${closeOf[kind]}' (for ${kind} starting at ${began})`)
    }
    return false
  }

  #field(): void {
    if (this.#next === undefined) this.#fail('Unexpected end-of-input within/between Object entries')
    if (this.#next !== '"') this.#unexpected(': was expecting double-quote to start field name')
    this.#string('field name')
    this.#blanks()
    const colon = this.#text[this.#at]
    if (colon === undefined) this.#fail('Unexpected end-of-input within/between Object entries')
    if (colon !== ':') this.#unexpected(': was expecting a colon to separate field name and value')
    this.#at++
    this.#blanks()
  }
}

/**
 * The first JSON value of a text; what follows it is left alone, as Jackson does.
 * @returns undefined for a text of nothing but blanks
 * @throws JsonSyntaxError
 */
export const firstJsonValue = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Then only its beginning is a value, or Jackson has something to say.
  }
  const value = text.slice(0, new Walk(text).run())
  return value.trim() === '' ? undefined : JSON.parse(value)
}
