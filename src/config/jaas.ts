/** The JAAS line of sasl.jaas.config: `org.apache.kafka…PlainLoginModule required username="u" password="p";` */
import { illegalArgument } from './config-error.ts'

/** One parsed JAAS entry. */
export interface JaasEntry {
  /** Class name of the login module. */
  readonly loginModule: string
  readonly options: ReadonlyMap<string, string>
}

const CONTROL_FLAGS = ['REQUIRED', 'REQUISITE', 'SUFFICIENT', 'OPTIONAL']
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', a: '\x07', v: '\v' }
/** Comments, quoted strings, the two separators, or a word; the order matters. */
const TOKEN = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([=;])|([^\s=;"']+)/y

/**
 * @param text value of sasl.jaas.config, with exactly one login module
 * @throws ConfigError in Java's words if it isn't well-formed
 */
export function parseJaasConfig(text: string): JaasEntry {
  const tokens = tokenize(text)
  if (tokens.length === 0) throw illegalArgument('Login module not specified in JAAS config')
  const entries: JaasEntry[] = []
  let position = 0
  while (position < tokens.length) {
    const [entry, next] = parseEntry(tokens, position)
    entries.push(entry)
    position = next
  }
  if (entries.length > 1) {
    throw illegalArgument(`JAAS config property contains ${entries.length} login modules, should be 1 module`)
  }
  return entries[0]!
}

/** A word, or one of the separators `=` and `;`; quoted text is a word whatever it contains. */
interface Token {
  readonly text: string
  readonly isWord: boolean
}

function parseEntry(tokens: readonly Token[], start: number): [JaasEntry, number] {
  const flag = tokens[start + 1]
  if (flag === undefined) throw illegalArgument('Login module control flag not specified in JAAS config')
  if (!flag.isWord) throw illegalArgument('Login module control flag is not available in the JAAS config')
  if (!CONTROL_FLAGS.includes(flag.text.toUpperCase())) {
    throw illegalArgument(`Invalid login module control flag '${flag.text}' in JAAS config`)
  }
  const options = new Map<string, string>()
  let position = start + 2
  while (position < tokens.length && !isSeparator(tokens[position], ';')) {
    const key = tokens[position]!.text
    const value = tokens[position + 2]
    if (!isSeparator(tokens[position + 1], '=') || !value?.isWord) {
      throw illegalArgument(`Value not specified for key '${key}' in JAAS config`)
    }
    options.set(key, value.text)
    position += 3
  }
  if (position >= tokens.length) throw illegalArgument('JAAS config entry not terminated by semi-colon')
  return [{ loginModule: tokens[start]!.text, options }, position + 1]
}

function isSeparator(token: Token | undefined, separator: '=' | ';'): boolean {
  return token !== undefined && !token.isWord && token.text === separator
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw illegalArgument('JAAS config entry not terminated by semi-colon')
    const [, double, single, separator, word] = match
    const quoted = double ?? single
    if (quoted !== undefined) tokens.push({ text: unquoted(quoted), isWord: true })
    else if (word !== undefined) tokens.push({ text: word, isWord: true })
    else if (separator !== undefined) tokens.push({ text: separator, isWord: false })
  }
  return tokens
}

/** Escapes as java.io.StreamTokenizer knows them. */
function unquoted(text: string): string {
  return text.replace(/\\([0-3]?[0-7]{1,2}|[\s\S])/g, (_match, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  )
}
