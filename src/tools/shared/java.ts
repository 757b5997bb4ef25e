import { Buffer } from 'node:buffer'

/** Java's String.split(regex): trailing empty strings are dropped. */
export const javaSplit = (text: string, separator: string | RegExp): string[] => {
  const parts = text.split(separator)
  if (parts.length === 1) return parts
  while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop()
  return parts
}

/** A number Java's parseInt or parseLong refuses. */
export class NumberFormatError extends Error {
  override name = 'NumberFormatError'
  readonly exceptionClass = 'java.lang.NumberFormatException'
}

/**
 * Java's Integer.parseInt.
 * @throws NumberFormatError with Java's message
 */
export const parseJavaInt = (text: string): number => {
  const value = parseJavaLong(text)
  if (value < -2147483648n || value > 2147483647n) {
    throw new NumberFormatError(`For input string: "${text}"${text === '' ? '' : ' under radix 10'}`)
  }
  return Number(value)
}

/**
 * Java's Long.parseLong.
 * @throws NumberFormatError with Java's message
 */
export const parseJavaLong = (text: string): bigint => {
  if (!/^[+-]?\d+$/.test(text)) throw new NumberFormatError(`For input string: "${text}"`)
  const value = BigInt(text.replace(/^\+/, ''))
  if (value < -(2n ** 63n) || value > 2n ** 63n - 1n) throw new NumberFormatError(`For input string: "${text}"`)
  return value
}

/** Java's List.toString. */
export const javaList = (items: readonly unknown[]): string => `[${items.join(', ')}]`

/** Java's String.format("%-Ns"). */
export const left = (text: string | number | bigint, width: number): string => String(text).padEnd(width)

/** What Java's decoders of base64 refuse, in their words. */
const checkBase64 = (text: string, alphabet: RegExp): void => {
  if (text.length === 1) throw new Error('Input byte[] should at least have 2 bytes for base64 bytes')
  const [digits = ''] = alphabet.exec(text) ?? []
  const rest = text.slice(digits.length)
  if (rest !== '' && rest[0] !== '=') {
    throw new Error(`Illegal base64 character ${rest.charCodeAt(0).toString(16)}`)
  }
  const unfinished = digits.length % 4
  const padding = unfinished === 2 ? '==' : '='
  if (rest !== '' && (unfinished === 0 || !rest.startsWith(padding))) {
    throw new Error('Input byte array has wrong 4-byte ending unit')
  }
  if (unfinished === 1) throw new Error('Last unit does not have enough valid bits')
  if (rest.length > padding.length) {
    throw new Error(`Input byte array has incorrect ending byte at ${digits.length + padding.length}`)
  }
}

/**
 * Java's Base64.getDecoder().
 * @throws Error with Java's message
 */
export const decodeBase64 = (text: string): Buffer => {
  checkBase64(text, /^[A-Za-z0-9+/]*/)
  return Buffer.from(text, 'base64')
}

/**
 * Kafka's Uuid.fromString: the 22 characters of base64url.
 * @returns the normal form
 * @throws Error with Kafka's message
 */
export const parseUuid = (text: string): string => {
  if (text.length > 24) {
    throw new Error(`Input string with prefix \`${text.slice(0, 24)}\` is too long to be decoded as a base64 UUID`)
  }
  checkBase64(text, /^[A-Za-z0-9_-]*/)
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 16) {
    throw new Error(
      `Input string \`${text}\` decoded as ${bytes.length} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID`,
    )
  }
  return bytes.toString('base64url')
}

/** Java's Double.toString. */
export const javaDouble = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/**
 * Java's Double.parseDouble.
 * @returns undefined for what is no number there
 */
export const parseJavaDouble = (text: string): number | undefined => {
  const trimmed = text.trim()
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?$/.exec(trimmed)
  if (match) return Number(match[1])
  const special = /^([+-]?)(NaN|Infinity)$/.exec(trimmed)
  if (special === null) return undefined
  return special[2] === 'NaN' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
