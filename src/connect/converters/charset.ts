import { ConfigError } from '../../config/config-error.ts'

/** A character set: text as bytes and back. What it lacks becomes `?`, bytes that are no text U+FFFD. */
export interface Charset {
  encode(text: string): Buffer
  decode(bytes: Buffer): string
}

/** Java's names for what TextDecoder calls otherwise, or takes for something else. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{
    utf8: 'utf-8',
    latin1: 'iso-8859-1',
    iso_8859_1: 'iso-8859-1',
    'iso8859-1': 'iso-8859-1',
    iso8859_1: 'iso-8859-1',
  },
  ...{ ascii: 'us-ascii', cp1252: 'windows-1252', cp1251: 'windows-1251', cp1250: 'windows-1250' },
}

const LONE_SURROGATE = /\p{Surrogate}/gu

const utf8: Charset = {
  encode: (text) => Buffer.from(LONE_SURROGATE.test(text) ? text.replace(LONE_SURROGATE, '?') : text),
  decode: (bytes) => bytes.toString(),
}

/** ISO-8859-1 and US-ASCII: bytes are the first characters of Unicode. */
const firstCharacters = (count: number): Charset => ({
  encode: (text) =>
    Buffer.from(text, 'latin1').map((_, i) => (text.charCodeAt(i) < count ? text.charCodeAt(i) : 63)) as Buffer,
  decode: (bytes) => {
    const text = bytes.toString('latin1')
    return count === 256 ? text : text.replace(/[\u0080-\u00ff]/g, '\ufffd')
  },
})

const utf16 = (isBigEndian: boolean): Charset => ({
  encode: (text) => {
    const bytes = Buffer.from(text, 'utf16le')
    return isBigEndian ? bytes.swap16() : bytes
  },
  decode: (bytes) => new TextDecoder(isBigEndian ? 'utf-16be' : 'utf-16le', { ignoreBOM: true }).decode(bytes),
})

/** Java's UTF-16 writes a byte order mark and big endian, and reads what the mark says. */
const markedUtf16: Charset = {
  encode: (text) => utf16(true).encode(text === '' ? '' : `\ufeff${text}`),
  decode: (bytes) => {
    const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe
    return utf16(!isLittle)
      .decode(bytes)
      .replace(/^\ufeff/, '')
  },
}

/** What windows-1252 has where ISO-8859-1 has control characters; some decoders make no difference between the two. */
const WINDOWS_1252 = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ'

function charactersOf(name: string): string[] | null {
  try {
    const decoder = new TextDecoder(name)
    const characters = Array.from({ length: 256 }, (_, byte) => decoder.decode(Uint8Array.of(byte)))
    if (name === 'windows-1252') characters.splice(0x80, WINDOWS_1252.length, ...WINDOWS_1252)
    return characters
  } catch {
    return null
  }
}

/** Character sets of one byte a character: what each byte means, turned round. */
function singleByte(name: string): Charset | null {
  const characters = charactersOf(name)
  if (characters === null) return null
  const bytes = new Map(characters.map((character, byte) => [character, byte]))
  bytes.delete('\ufffd')
  // One that needs several bytes has no meaning for many.
  if (bytes.size < 200) return null
  return {
    encode: (text) => Buffer.from([...text].map((character) => bytes.get(character) ?? 63)),
    decode: (raw) => Array.from(raw, (byte) => characters[byte]).join(''),
  }
}

/**
 * @param name of a Java character set: Unicode's, ISO-8859-1, US-ASCII or one of the others with one byte a character
 * @throws ConfigError for one that isn't known here
 */
export function charsetOf(name: string): Charset {
  const lower = name.toLowerCase()
  const known = Object.hasOwn(ALIASES, lower) ? ALIASES[lower]! : lower
  switch (known) {
    case 'utf-8':
      return utf8
    case 'iso-8859-1':
      return firstCharacters(256)
    case 'us-ascii':
      return firstCharacters(128)
    case 'utf-16':
      return markedUtf16
    case 'utf-16be':
      return utf16(true)
    case 'utf-16le':
      return utf16(false)
  }
  const charset = singleByte(known)
  if (charset !== null) return charset
  throw new ConfigError(
    `Invalid value ${name} for configuration converter.encoding: there is no such character set here`,
  )
}
