/** Distinguished names of certificates in the form of Java's X500Principal.getName() (RFC 2253). */

/** A piece of DER: its tag, its content, and the whole of it. */
interface Der {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

/** Attribute types that RFC 2253 has a keyword for; others are written as their number. */
const KEYWORDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
}

const VERSION_TAG = 0xa0
const BMP_STRING = 0x1e
const UTF8_STRING = 0x0c
/** T61, printable, IA5 and general strings: one byte a character. */
const LATIN_STRINGS = [0x13, 0x14, 0x16, 0x1b]

/** The certificate isn't what the standard says. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

function read(bytes: Buffer, position: number): Der {
  const tag = bytes[position]
  const first = bytes[position + 1]
  if (tag === undefined || first === undefined) throw new CertificateError('the certificate ends within a value')
  const lengthBytes = first < 0x80 ? 0 : first - 0x80
  if (lengthBytes > 4) throw new CertificateError('the certificate has a value of unknown length')
  const start = position + 2 + lengthBytes
  const length = lengthBytes === 0 ? first : start <= bytes.length ? bytes.readUIntBE(position + 2, lengthBytes) : 0
  if (start + length > bytes.length) throw new CertificateError('the certificate ends within a value')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(position, start + length) }
}

function children(bytes: Buffer): Der[] {
  const found: Der[] = []
  for (let position = 0; position < bytes.length; ) {
    const child = read(bytes, position)
    found.push(child)
    position += child.whole.length
  }
  return found
}

function objectId(content: Buffer): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(value)
    value = 0
  }
  const first = numbers.shift() ?? 0
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...numbers].join('.')
}

function textOf({ tag, content }: Der): string | undefined {
  if (tag === UTF8_STRING) return content.toString('utf8')
  if (LATIN_STRINGS.includes(tag)) return content.toString('latin1')
  return tag === BMP_STRING ? Buffer.from(content).swap16().toString('utf16le') : undefined
}

function escaped(text: string): string {
  const inner = text.replace(/[,=+<>#;"\\]/g, '\\$&').replaceAll('\0', '\\00')
  return inner.replace(/^ +| +$/g, (blanks) => '\\ '.repeat(blanks.length))
}

function attribute(bytes: Buffer): string {
  const [type, value] = children(bytes)
  if (type === undefined || value === undefined) throw new CertificateError('a name in the certificate is incomplete')
  const id = objectId(type.content)
  const keyword = KEYWORDS[id]
  const text = keyword === undefined ? undefined : textOf(value)
  return text === undefined ? `${keyword ?? id}=#${value.whole.toString('hex')}` : `${keyword}=${escaped(text)}`
}

/**
 * The subject of a certificate, most specific part first: `CN=alice,OU=Sales,O=Example,C=DE`.
 *
 * @param certificate in DER
 * @throws CertificateError if it is none
 */
export function subjectName(certificate: Buffer): string {
  const tbs = children(read(certificate, 0).content)[0]
  if (tbs === undefined) throw new CertificateError('the certificate is empty')
  const fields = children(tbs.content)
  // Version (which may be left out), serial number, algorithm, issuer, validity, subject.
  const subject = fields[fields[0]?.tag === VERSION_TAG ? 5 : 4]
  if (subject === undefined) throw new CertificateError('the certificate has no subject')
  return children(subject.content)
    .reverse()
    .map((part) =>
      children(part.content)
        .map((pair) => attribute(pair.content))
        .join('+'),
    )
    .join(',')
}
