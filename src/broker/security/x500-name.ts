/** Distinguished names of certificates in the form of Java's X500Principal.getName() (RFC 2253). */
import { type Der, DerError, derChildren, objectId, readDer } from '../../base/der.ts'

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
  const [type, value] = derChildren(bytes)
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
 * @param separator ', ' is how Java's toString() has it
 * @throws CertificateError if it is none
 */
export function subjectName(certificate: Buffer, separator = ','): string {
  try {
    return nameOf(certificate, separator)
  } catch (error) {
    if (error instanceof DerError) throw new CertificateError(`the certificate is broken: ${error.message}`)
    throw error
  }
}

function nameOf(certificate: Buffer, separator: string): string {
  const tbs = derChildren(readDer(certificate).content)[0]
  if (tbs === undefined) throw new CertificateError('the certificate is empty')
  const fields = derChildren(tbs.content)
  // Version (which may be left out), serial number, algorithm, issuer, validity, subject.
  const subject = fields[fields[0]?.tag === VERSION_TAG ? 5 : 4]
  if (subject === undefined) throw new CertificateError('the certificate has no subject')
  return derChildren(subject.content)
    .reverse()
    .map((part) =>
      derChildren(part.content)
        .map((pair) => attribute(pair.content))
        .join('+'),
    )
    .join(separator)
}
