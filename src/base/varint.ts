/**
 * Kafka's variable-length integers (ByteUtils): 7 bits a byte, least significant first, the top bit meaning "more".
 * Varint and varlong are zigzag-coded (0, -1, 1, -2 … become 0, 1, 2, 3 …), as in records v2; unsigned varints carry
 * lengths of flexible protocol versions.
 */

/** Bytes that no encoder writes: more bytes than the type can have, or an end in the middle. */
export class VarintError extends Error {
  override readonly name = 'VarintError'
  /** Where the integer starts. */
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

/** A place in a buffer that the read functions move forward. Nothing at or after `end` is read. */
export interface Cursor {
  buffer: Uint8Array
  position: number
  end: number
}

/** Beyond this a zigzag-coded number no longer fits the 2^53 of exact doubles. */
const MAX_FAST_LONG = 2 ** 52
const TWO_28 = 2 ** 28

/**
 * Reads an unsigned varint: 0 … 2^32 - 1 (bits beyond 32 in a fifth byte are dropped, as Java does).
 *
 * @throws VarintError when it is cut off or longer than 5 bytes; the cursor then stays where it was.
 */
export function readUnsignedVarint(cursor: Cursor): number {
  const { buffer, end } = cursor
  let position = cursor.position
  if (position >= end) throw truncated(cursor)
  let byte = buffer[position++]!
  let value = byte & 0x7f
  for (let shift = 7; byte >= 0x80; shift += 7) {
    if (shift > 28) throw new VarintError('varint is longer than 5 bytes', cursor.position)
    if (position >= end) throw truncated(cursor)
    byte = buffer[position++]!
    value |= (byte & 0x7f) << shift
  }
  cursor.position = position
  return value >>> 0
}

/**
 * Reads a zigzag varint: a signed 32-bit integer.
 *
 * @throws VarintError as readUnsignedVarint.
 */
export function readVarint(cursor: Cursor): number {
  const value = readUnsignedVarint(cursor)
  return (value >>> 1) ^ -(value & 1)
}

/**
 * Reads a zigzag varlong: a signed 64-bit integer as a number, exact within ±2^52 and rounded to a double beyond.
 *
 * @throws VarintError when it is cut off or longer than 10 bytes; the cursor then stays where it was.
 */
export function readVarlong(cursor: Cursor): number {
  const { buffer, end } = cursor
  let position = cursor.position
  if (position >= end) throw truncated(cursor)
  let byte = buffer[position++]!
  let low = byte & 0x7f
  let middle = 0
  let high = 0
  for (let shift = 7; byte >= 0x80; shift += 7) {
    if (shift > 63) throw new VarintError('varlong is longer than 10 bytes', cursor.position)
    if (position >= end) throw truncated(cursor)
    byte = buffer[position++]!
    if (shift < 28) low |= (byte & 0x7f) << shift
    else if (shift < 56) middle |= (byte & 0x7f) << (shift - 28)
    else high |= (byte & 0x7f) << (shift - 56)
  }
  cursor.position = position
  if (high === 0 && middle < 2 ** 24) {
    const value = middle * TWO_28 + low
    return (value & 1) === 0 ? value / 2 : -(value + 1) / 2
  }
  const value = BigInt.asUintN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low))
  return Number((value >> 1n) ^ -(value & 1n))
}

/** Writes an unsigned varint (0 … 2^32 - 1) and returns the position after it. The room must be there. */
export function writeUnsignedVarint(buffer: Uint8Array, position: number, value: number): number {
  let rest = value >>> 0
  let at = position
  while (rest >= 0x80) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}

/** Writes a zigzag varint (signed 32 bit) and returns the position after it. The room must be there. */
export function writeVarint(buffer: Uint8Array, position: number, value: number): number {
  return writeUnsignedVarint(buffer, position, (value << 1) ^ (value >> 31))
}

/** Writes a zigzag varlong (an integer of at most 64 bits signed) and returns the position after it. */
export function writeVarlong(buffer: Uint8Array, position: number, value: number): number {
  if (value >= -0x40000000 && value <= 0x3fffffff) return writeVarint(buffer, position, value)
  let at = position
  if (value >= -MAX_FAST_LONG && value < MAX_FAST_LONG) {
    let rest = value < 0 ? -2 * value - 1 : 2 * value
    while (rest >= 0x80) {
      buffer[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    buffer[at++] = rest
    return at
  }
  const long = BigInt(value)
  let rest = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n))
  while (rest >= 0x80n) {
    buffer[at++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  buffer[at++] = Number(rest)
  return at
}

/** Bytes that writeUnsignedVarint needs: 1 … 5. */
export function sizeOfUnsignedVarint(value: number): number {
  const unsigned = value >>> 0
  if (unsigned < 0x80) return 1
  if (unsigned < 0x4000) return 2
  if (unsigned < 0x200000) return 3
  return unsigned < 0x10000000 ? 4 : 5
}

/** Bytes that writeVarint needs: 1 … 5. */
export function sizeOfVarint(value: number): number {
  return sizeOfUnsignedVarint((value << 1) ^ (value >> 31))
}

/** Bytes that writeVarlong needs: 1 … 10. */
export function sizeOfVarlong(value: number): number {
  if (value >= -0x40000000 && value <= 0x3fffffff) return sizeOfVarint(value)
  let magnitude = value < 0 ? -(value + 1) : value
  let bytes = 1
  for (magnitude = Math.floor(magnitude / 0x40); magnitude > 0; magnitude = Math.floor(magnitude / 0x80)) bytes++
  return bytes
}

function truncated(cursor: Cursor): VarintError {
  return new VarintError('varint is cut off by the end of the data', cursor.position)
}
