/** How the bytes of a key, a value or a header are written. */
export type BytesForm = 'raw' | 'json' | 'base64' | 'hex' | 'length'

/** One piece of a template: text, or something of the record. */
export type TemplatePart =
  | { kind: 'text'; bytes: Buffer }
  | { kind: 'key' | 'value'; form: BytesForm | 'int32-length' }
  | { kind: 'header'; name: Buffer }
  | { kind: 'headers'; form: 'raw' | 'json' | 'count' }
  | { kind: 'timestamp'; form: 'ms' | 'iso' }
  | { kind: 'topic' | 'partition' | 'offset' | 'timestampType' | 'leaderEpoch' | 'deliveryCount' | 'json' }

/** A template that can't be read; the message names the token and its place. */
export class TemplateError extends Error {
  override name = 'TemplateError'
}

/** kcat's letters. */
const letters: Record<string, TemplatePart> = {
  t: { kind: 'topic' },
  p: { kind: 'partition' },
  o: { kind: 'offset' },
  k: { kind: 'key', form: 'raw' },
  K: { kind: 'key', form: 'length' },
  s: { kind: 'value', form: 'raw' },
  S: { kind: 'value', form: 'length' },
  R: { kind: 'value', form: 'int32-length' },
  T: { kind: 'timestamp', form: 'ms' },
  h: { kind: 'headers', form: 'raw' },
  '%': { kind: 'text', bytes: Buffer.from('%') },
}

const bytesForms = (kind: 'key' | 'value'): Record<string, TemplatePart> => ({
  [kind]: { kind, form: 'raw' },
  [`${kind}:json`]: { kind, form: 'json' },
  [`${kind}:base64`]: { kind, form: 'base64' },
  [`${kind}:hex`]: { kind, form: 'hex' },
  [`${kind}:length`]: { kind, form: 'length' },
})

/** What may stand in %{…}, beside header:NAME. */
const names: Record<string, TemplatePart> = {
  topic: { kind: 'topic' },
  partition: { kind: 'partition' },
  offset: { kind: 'offset' },
  timestamp: { kind: 'timestamp', form: 'ms' },
  'timestamp:iso': { kind: 'timestamp', form: 'iso' },
  timestampType: { kind: 'timestampType' },
  leaderEpoch: { kind: 'leaderEpoch' },
  deliveryCount: { kind: 'deliveryCount' },
  ...bytesForms('key'),
  ...bytesForms('value'),
  headers: { kind: 'headers', form: 'raw' },
  'headers:json': { kind: 'headers', form: 'json' },
  'headers:count': { kind: 'headers', form: 'count' },
  json: { kind: 'json' },
}

const knownLetters = Object.keys(letters)
  .map((letter) => `%${letter}`)
  .join(' ')
const knownNames = [...Object.keys(names), 'header:NAME'].map((name) => `%{${name}}`).join(' ')

const fail = (template: string, at: number, what: string, known: string): never => {
  throw new TemplateError(`${what} at character ${at + 1} of the format ${JSON.stringify(template)}. ${known}`)
}

const headerPrefix = 'header:'

/** What stands behind a % at `at`, and where it ends. */
const readToken = (template: string, at: number): { part: TemplatePart; next: number } => {
  const letter = template[at + 1]
  if (letter === undefined) fail(template, at, 'a % without a letter', 'A percent sign itself is %%.')
  if (letter !== '{') {
    const part = Object.hasOwn(letters, letter!) ? letters[letter!] : undefined
    const shown = String.fromCodePoint(template.codePointAt(at + 1)!)
    return {
      part: part ?? fail(template, at, `unknown token %${shown}`, `Known: ${knownLetters} %{name}`),
      next: at + 2,
    }
  }
  const end = template.indexOf('}', at)
  if (end < 0) fail(template, at, '%{ without a closing }', `Known: ${knownNames}`)
  const name = template.slice(at + 2, end)
  if (name.startsWith(headerPrefix) && name.length > headerPrefix.length) {
    return { part: { kind: 'header', name: Buffer.from(name.slice(headerPrefix.length)) }, next: end + 1 }
  }
  const part = Object.hasOwn(names, name) ? names[name] : undefined
  return { part: part ?? fail(template, at, `unknown token %{${name}}`, `Known: ${knownNames}`), next: end + 1 }
}

const simpleEscapes: Record<string, number> = { n: 10, t: 9, r: 13, '\\': 92 }

/**
 * The byte an escape stands for. As in kcat: \xNN, a number that begins with 0 is octal and any other decimal, another character is
 * itself. Numbers end after two and three digits, so that what follows them stays text.
 */
const readEscape = (template: string, at: number): { byte: number; length: number } | undefined => {
  const rest = template.slice(at + 1, at + 4)
  const simple = simpleEscapes[rest[0] ?? '']
  if (simple !== undefined) return { byte: simple, length: 2 }
  if (rest.startsWith('x')) {
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest)?.[1]
    if (hex === undefined) fail(template, at, '\\x without hexadecimal digits', 'Two are wanted, as in \\x1f.')
    return { byte: Number.parseInt(hex!, 16), length: 2 + hex!.length }
  }
  const digits = /^(0[0-7]{0,2}|[1-9]\d{0,2})/.exec(rest)?.[0]
  if (digits === undefined) return undefined
  const byte = Number.parseInt(digits, digits.startsWith('0') ? 8 : 10)
  if (byte > 255) fail(template, at, `\\${digits} is no byte`, 'A byte is 0 to 255.')
  return { byte, length: 1 + digits.length }
}

/**
 * Reads a template in the manner of kcat's -f: text with %-letters, %{names} and backslash escapes.
 * @throws TemplateError
 */
export const parseTemplate = (template: string): TemplatePart[] => {
  const parts: TemplatePart[] = []
  let text: Buffer[] = []
  const endText = (): void => {
    if (text.length > 0) parts.push({ kind: 'text', bytes: Buffer.concat(text) })
    text = []
  }
  for (let at = 0; at < template.length; ) {
    if (template[at] === '%') {
      const { part, next } = readToken(template, at)
      if (part.kind === 'text') text.push(part.bytes)
      else {
        endText()
        parts.push(part)
      }
      at = next
      continue
    }
    const escaped = template[at] === '\\' ? readEscape(template, at) : undefined
    if (escaped !== undefined) {
      text.push(Buffer.from([escaped.byte]))
      at += escaped.length
      continue
    }
    // A backslash before any other character is left out; one at the end, or before a token, is itself.
    const follower = template[at + 1]
    if (template[at] === '\\' && follower !== undefined && follower !== '%') at++
    const character = String.fromCodePoint(template.codePointAt(at)!)
    text.push(Buffer.from(character))
    at += character.length
  }
  endText()
  return parts
}
