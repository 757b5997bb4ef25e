import { ZERO_UUID } from '../base/uuid.ts'

/** Thrown when bytes do not hold what the schema says; the connection or file they came from is not to be trusted further. */
export class MalformedMessageError extends Error {
  override name = 'MalformedMessageError'
}

/** A tagged field this schema does not know, kept so that re-encoding loses nothing (KIP-482). */
export interface RawTaggedField {
  tag: number
  data: Buffer
}

/**
 * Reads Kafka's primitive types from one Buffer. Every length is checked against what is left before anything is
 * allocated; strings are copied out, bytes and records are `subarray`s of the input.
 * All methods throw MalformedMessageError when the input is too short or a length is impossible.
 */
export class Reader {
  readonly buffer: Buffer
  position: number
  readonly end: number

  /** Reads `buffer` from byte `position` up to (not including) byte `end`. */
  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = position
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  private take(sizeBytes: number): number {
    const at = this.position
    if (sizeBytes > this.end - at) {
      throw new MalformedMessageError(`need ${sizeBytes} bytes at position ${at}, but only ${this.end - at} are left`)
    }
    this.position = at + sizeBytes
    return at
  }

  bool(): boolean {
    return this.buffer[this.take(1)] !== 0
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1))
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2))
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4))
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.take(8))
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8))
  }

  /** A 16-byte id in Kafka's text form: 22 characters of base64url. */
  uuid(): string {
    const at = this.take(16)
    const text = this.buffer.toString('base64url', at, at + 16)
    return text === ZERO_UUID ? ZERO_UUID : text
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)] as number
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new MalformedMessageError(`varint longer than 5 bytes at position ${this.position}`)
  }

  /** Length of a string or bytes field: -1 for null. */
  private length(compact: boolean, short: boolean): number {
    const length = compact ? this.unsignedVarint() - 1 : short ? this.int16() : this.int32()
    if (length < -1 || length > this.remaining) {
      throw new MalformedMessageError(
        `length ${length} at position ${this.position}, but ${this.remaining} bytes are left`,
      )
    }
    return length
  }

  nullableString(compact: boolean): string | null {
    const length = this.length(compact, true)
    if (length < 0) return null
    if (length > 0x7fff) throw new MalformedMessageError(`string of ${length} bytes at position ${this.position}`)
    const at = this.take(length)
    return this.buffer.toString('utf8', at, at + length)
  }

  string(compact: boolean): string {
    const value = this.nullableString(compact)
    if (value === null) throw new MalformedMessageError(`null string at position ${this.position}`)
    return value
  }

  nullableBytes(compact: boolean): Buffer | null {
    const length = this.length(compact, false)
    if (length < 0) return null
    const at = this.take(length)
    return this.buffer.subarray(at, at + length)
  }

  bytes(compact: boolean): Buffer {
    const value = this.nullableBytes(compact)
    if (value === null) throw new MalformedMessageError(`null bytes at position ${this.position}`)
    return value
  }

  /** `element` must consume at least one byte each time, so a count above what is left is refused at once. */
  nullableArray<T>(compact: boolean, element: () => T): T[] | null {
    const count = compact ? this.unsignedVarint() - 1 : this.int32()
    if (count === -1) return null
    if (count < 0 || count > this.remaining) {
      throw new MalformedMessageError(
        `array of ${count} at position ${this.position}, but ${this.remaining} bytes are left`,
      )
    }
    const out: T[] = []
    for (let i = 0; i < count; i++) out.push(element())
    return out
  }

  array<T>(compact: boolean, element: () => T): T[] {
    const value = this.nullableArray(compact, element)
    if (value === null) throw new MalformedMessageError(`null array at position ${this.position}`)
    return value
  }

  /** A struct that may be null: a marker byte (negative for null) comes first. */
  nullableStruct<T>(struct: () => T): T | null {
    return this.int8() < 0 ? null : struct()
  }

  /**
   * The tagged fields at the end of a flexible struct. `known` gets the tag and a reader over just that field and says
   * whether it took it; the rest is returned, or undefined when there is none.
   */
  taggedFields(known?: (tag: number, reader: Reader) => boolean): RawTaggedField[] | undefined {
    const count = this.unsignedVarint()
    if (count > this.remaining) throw new MalformedMessageError(`${count} tagged fields at position ${this.position}`)
    let unknown: RawTaggedField[] | undefined
    let previous = -1
    for (let i = 0; i < count; i++) {
      const tag = this.unsignedVarint()
      if (tag <= previous)
        throw new MalformedMessageError(`tag ${tag} after tag ${previous} at position ${this.position}`)
      previous = tag
      const size = this.unsignedVarint()
      const at = this.take(size)
      if (known?.(tag, new Reader(this.buffer, at, at + size))) continue
      unknown ??= []
      unknown.push({ tag, data: this.buffer.subarray(at, at + size) })
    }
    return unknown
  }
}
