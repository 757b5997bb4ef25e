import type { RawTaggedField } from './reader.ts'

/** From this size on, bytes are put into the output by reference instead of being copied. */
const BY_REFERENCE_BYTES = 1024

/** Thrown when a message holds what the chosen version can't carry. */
export class UnsupportedVersionError extends Error {
  override name = 'UnsupportedVersionError'
}

/**
 * Writes Kafka's primitive types. Large byte fields are referenced, not copied: `chunks()` gives a scatter list that can go
 * to a socket as it is, `toBuffer()` one contiguous Buffer.
 */
export class Writer {
  private buffer: Buffer
  private position = 0
  /** Start of the bytes in `buffer` that no chunk covers yet. */
  private flushed = 0
  private readonly done: Buffer[] = []
  private doneBytes = 0

  constructor(initialSizeBytes = 512) {
    this.buffer = Buffer.allocUnsafe(initialSizeBytes)
  }

  /** Bytes written so far. */
  get sizeBytes(): number {
    return this.doneBytes + this.position - this.flushed
  }

  private room(sizeBytes: number): number {
    const at = this.position
    if (at + sizeBytes > this.buffer.length) {
      const pending = at - this.flushed
      const grown = Buffer.allocUnsafe(Math.max((pending + sizeBytes) * 2, 512))
      this.buffer.copy(grown, 0, this.flushed, at)
      this.buffer = grown
      this.flushed = 0
      this.position = pending + sizeBytes
      return pending
    }
    this.position = at + sizeBytes
    return at
  }

  bool(value: boolean): void {
    const at = this.room(1)
    this.buffer[at] = value ? 1 : 0
  }

  int8(value: number): void {
    const at = this.room(1)
    this.buffer.writeInt8(value, at)
  }

  int16(value: number): void {
    const at = this.room(2)
    this.buffer.writeInt16BE(value, at)
  }

  uint16(value: number): void {
    const at = this.room(2)
    this.buffer.writeUInt16BE(value, at)
  }

  int32(value: number): void {
    const at = this.room(4)
    this.buffer.writeInt32BE(value, at)
  }

  int64(value: bigint): void {
    const at = this.room(8)
    this.buffer.writeBigInt64BE(value, at)
  }

  float64(value: number): void {
    const at = this.room(8)
    this.buffer.writeDoubleBE(value, at)
  }

  /** `value` in Kafka's text form, 22 characters of base64url. */
  uuid(value: string): void {
    const at = this.room(16)
    this.buffer.write(value, at, 16, 'base64url')
  }

  unsignedVarint(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      const at = this.room(1)
      this.buffer[at] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    const at = this.room(1)
    this.buffer[at] = rest
  }

  string(value: string | null, compact: boolean): void {
    if (value === null) {
      if (compact) this.unsignedVarint(0)
      else this.int16(-1)
      return
    }
    const length = Buffer.byteLength(value)
    if (length > 0x7fff) throw new RangeError(`string of ${length} bytes: the protocol allows 32767`)
    if (compact) this.unsignedVarint(length + 1)
    else this.int16(length)
    const at = this.room(length)
    this.buffer.write(value, at, length, 'utf8')
  }

  bytes(value: Buffer | null, compact: boolean): void {
    if (value === null) {
      if (compact) this.unsignedVarint(0)
      else this.int32(-1)
      return
    }
    if (compact) this.unsignedVarint(value.length + 1)
    else this.int32(value.length)
    this.raw(value)
  }

  /** Bytes without a length in front. From 1 KiB on they are referenced: don't change them before the output is sent. */
  raw(value: Buffer): void {
    if (value.length < BY_REFERENCE_BYTES) {
      const at = this.room(value.length)
      value.copy(this.buffer, at)
      return
    }
    this.cut()
    this.done.push(value)
    this.doneBytes += value.length
  }

  array<T>(value: readonly T[] | null, compact: boolean, element: (item: T) => void): void {
    if (value === null) {
      if (compact) this.unsignedVarint(0)
      else this.int32(-1)
      return
    }
    if (compact) this.unsignedVarint(value.length + 1)
    else this.int32(value.length)
    for (const item of value) element(item)
  }

  nullableStruct<T>(value: T | null, struct: (value: T) => void): void {
    if (value === null) {
      this.int8(-1)
      return
    }
    this.int8(1)
    struct(value)
  }

  /**
   * The tagged fields at the end of a flexible struct: `known` in order of tag, then those kept from a newer schema.
   */
  taggedFields(
    known: readonly [tag: number, write: (w: Writer) => void][],
    unknown: readonly RawTaggedField[] | undefined,
  ): void {
    const fields: RawTaggedField[] = known.map(([tag, write]) => {
      const field = new Writer(64)
      write(field)
      return { tag, data: field.toBuffer() }
    })
    if (unknown) fields.push(...unknown)
    fields.sort((a, b) => a.tag - b.tag)
    this.unsignedVarint(fields.length)
    for (const { tag, data } of fields) {
      this.unsignedVarint(tag)
      this.unsignedVarint(data.length)
      this.raw(data)
    }
  }

  private cut(): void {
    if (this.position > this.flushed) {
      this.done.push(this.buffer.subarray(this.flushed, this.position))
      this.doneBytes += this.position - this.flushed
      this.flushed = this.position
    }
  }

  /** Everything written, as a scatter list. */
  chunks(): Buffer[] {
    this.cut()
    return this.done
  }

  /** Everything written, in one Buffer. */
  toBuffer(): Buffer {
    const chunks = this.chunks()
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  }
}
