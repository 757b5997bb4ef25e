/** JSON in which integers keep all their digits: larger ones than a number can hold are bigints. */

export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json }

/** Strings (left alone) or integers of 16 digits and more. */
const LONG_INTEGERS = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g
const MARK = '\u0000integer:'

/** @throws SyntaxError for what is no JSON */
export const parseJson = (text: string): Json => {
  // Without the digits there is nothing to look after.
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json
  const marked = text.replace(LONG_INTEGERS, (token) =>
    token.startsWith('"') ? token : JSON.stringify(`${MARK}${token}`),
  )
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value
    const integer = BigInt(value.slice(MARK.length))
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
  }) as Json
}

/** As Jackson writes it, without blanks. */
export const writeJson = (value: Json): string => {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${writeJson(field)}`)
    return `{${fields.join(',')}}`
  }
  return JSON.stringify(value)
}

/** The same text for the same value, whatever the order of its keys. */
export const canonicalJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`
  }
  return writeJson(value)
}
