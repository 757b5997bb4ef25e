/** Numbers as Java reads and writes them, since config values and error texts quote Java's forms. */

const INTEGER = /^[+-]?[0-9]+$/
const FLOATING = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[dDfF]?|NaN|Infinity)$/

/** Java's String.trim: control characters and the space, but no other Unicode spaces. */
export function javaTrim(text: string): string {
  return text.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, '')
}

/**
 * @param bits 16 (short), 32 (int) or 64 (long)
 * @returns the integer, or null where Java's parse methods would throw
 */
export function parseJavaInteger(text: string, bits: 16 | 32 | 64): bigint | null {
  if (!INTEGER.test(text)) return null
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(bits, value) === value ? value : null
}

/** @returns the number as Double.parseDouble reads it (without hexadecimal forms), or null if it would throw */
export function parseJavaDouble(text: string): number | null {
  const trimmed = javaTrim(text)
  if (!FLOATING.test(trimmed)) return null
  return Number(trimmed.replace(/[dDfF]$/, ''))
}

/** @returns the text of Double.toString: `0.5`, `5.0`, `1.0E-5`, `1.7976931348623157E308`, `NaN` */
export function javaDoubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const magnitude = Math.abs(value)
  if (magnitude === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`
}
