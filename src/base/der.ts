/** Reads DER (ITU-T X.690), and the lengths and split strings of BER that some programs write into PKCS12 files. */

/** A value: its tag, its content, and the whole of it. */
export interface Der {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

export const DerTag = { INTEGER: 0x02, OCTET_STRING: 0x04, OBJECT_ID: 0x06, SEQUENCE: 0x30, SET: 0x31 } as const

const CONSTRUCTED = 0x20
const UNKNOWN_LENGTH = 0x80
const MAX_DEPTH = 32

/** The bytes aren't what the standard says. */
export class DerError extends Error {
  override readonly name: string = 'DerError'
}

/** @throws DerError for a value that isn't whole */
export function readDer(bytes: Buffer, position = 0, depth = 0): Der {
  const tag = bytes[position]
  const first = bytes[position + 1]
  if (tag === undefined || first === undefined) throw new DerError('it ends within a value')
  if (first === UNKNOWN_LENGTH) return readUntilEnd(bytes, position, tag, depth)
  const lengthBytes = first < 0x80 ? 0 : first - 0x80
  if (lengthBytes > 4) throw new DerError('it has a value of unknown length')
  const start = position + 2 + lengthBytes
  const length = lengthBytes === 0 ? first : start <= bytes.length ? bytes.readUIntBE(position + 2, lengthBytes) : 0
  if (start + length > bytes.length) throw new DerError('it ends within a value')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(position, start + length) }
}

/** BER: a constructed value whose end is marked by two zero bytes. */
function readUntilEnd(bytes: Buffer, position: number, tag: number, depth: number): Der {
  if ((tag & CONSTRUCTED) === 0 || depth > MAX_DEPTH) throw new DerError('it has a value of unknown length')
  let end = position + 2
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += readDer(bytes, end, depth + 1).whole.length
  return { tag, content: bytes.subarray(position + 2, end), whole: bytes.subarray(position, end + 2) }
}

/** The values one after the other in some content. */
export function derChildren(bytes: Buffer): Der[] {
  const found: Der[] = []
  for (let position = 0; position < bytes.length; ) {
    const child = readDer(bytes, position)
    found.push(child)
    position += child.whole.length
  }
  return found
}

/** The bytes of an octet string, whose tag may be implicit; BER may have cut it into pieces. */
export function octets({ tag, content }: Der, depth = 0): Buffer {
  if ((tag & CONSTRUCTED) === 0) return content
  if (depth > MAX_DEPTH) throw new DerError('it is nested too deeply')
  return Buffer.concat(derChildren(content).map((piece) => octets(piece, depth + 1)))
}

/** An object identifier's content in dots: '1.2.840.113549.1.7.1'. */
export function objectId(content: Buffer): string {
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
