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

function parseEntry(tokens: readonly string[], start: number): [JaasEntry, number] {
  const flag = tokens[start + 1]
  if (flag === undefined) throw illegalArgument('Login module control flag not specified in JAAS config')
  if (flag === ';') throw illegalArgument('Login module control flag is not available in the JAAS config')
  if (!CONTROL_FLAGS.includes(flag.toUpperCase())) {
    throw illegalArgument(`Invalid login module control flag '${flag}' in JAAS config`)
  }
  const options = new Map<string, string>()
  let position = start + 2
  while (position < tokens.length && tokens[position] !== ';') {
    const key = tokens[position]!
    const value = tokens[position + 2]
    if (tokens[position + 1] !== '=' || value === undefined || value === ';') {
      throw illegalArgument(`Value not specified for key '${key}' in JAAS config`)
    }
    options.set(key, value)
    position += 3
  }
  if (position >= tokens.length) throw illegalArgument('JAAS config entry not terminated by semi-colon')
  return [{ loginModule: tokens[start]!, options }, position + 1]
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw illegalArgument('JAAS config entry not terminated by semi-colon')
    const [, double, single, separator, word] = match
    const quoted = double ?? single
    if (quoted !== undefined) tokens.push(unquoted(quoted))
    else if (separator !== undefined || word !== undefined) tokens.push((separator ?? word)!)
  }
  return tokens
}

/** Escapes as java.io.StreamTokenizer knows them. */
function unquoted(text: string): string {
  return text.replace(/\\([0-3]?[0-7]{1,2}|[\s\S])/g, (_match, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  )
}
