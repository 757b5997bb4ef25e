/**
 * Java's .properties files (java.util.Properties, JDK 17): `#` and `!` comments, `=`, `:` or blanks between key and
 * value, continuation lines, `\n`-style and `\uXXXX` escapes. Kafka reads them as bytes, thus as ISO-8859-1.
 */
import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/**
 * @param text content of a properties file
 * @returns values by key, in file order; a repeated key keeps its last value
 * @throws ConfigError for a malformed \uXXXX escape
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const keyEnd = endOfKey(line)
    const valueStart = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(keyEnd))![0].length
    properties.set(unescaped(line.slice(0, keyEnd)), unescaped(line.slice(keyEnd + valueStart)))
  }
  return properties
}

/**
 * @param path a .properties file
 * @throws ConfigError if it is malformed, the system's error if it can't be read
 */
export function readPropertiesFile(path: string): Map<string, string> {
  return parseProperties(readFileSync(path, 'latin1'))
}

/** @returns the text of a properties file, one `key=value` a line, readable by Java whatever the characters are */
export function formatProperties(properties: Iterable<readonly [string, string]>): string {
  let text = ''
  for (const [key, value] of properties) text += `${escaped(key, true)}=${escaped(value, false)}\n`
  return text
}

/** Natural lines without comments and blank ones, joined where a line ends in an odd number of backslashes. */
function* logicalLines(text: string): Generator<string> {
  let pending: string | null = null
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line: string = natural.replace(/^[ \t\f]+/, '')
    if (pending === null && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const joined: string = (pending ?? '') + line
    const trailing = /\\*$/.exec(line)![0].length
    if (trailing % 2 === 1) {
      pending = joined.slice(0, -1)
    } else {
      pending = null
      if (joined !== '') yield joined
    }
  }
  if (pending) yield pending
}

function endOfKey(line: string): number {
  for (let index = 0; index < line.length; index++) {
    const char = line[index]!
    if (char === '\\') index++
    else if ('=: \t\f'.includes(char)) return index
  }
  return line.length
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S]|$)/g, (_match, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (code === 'u') throw new ConfigError('Malformed \\uxxxx encoding.', 'java.lang.IllegalArgumentException')
    return ESCAPES[code] ?? code
  })
}

function escaped(text: string, isKey: boolean): string {
  const result = text.replace(/[\\\t\n\r\f=:#!]|[^\u0020-\u007e]/g, (char) => {
    const letter = Object.keys(ESCAPES).find((key) => ESCAPES[key] === char)
    if (letter !== undefined) return `\\${letter}`
    if (char > '\u007e' || char < ' ') return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
    return `\\${char}`
  })
  return isKey ? result.replaceAll(' ', '\\ ') : result.replace(/^ /, '\\ ')
}
