/**
 * `java.util.HashMap<byte[], byte[]>` as Java's object serialization writes it, which is what a stand-alone worker keeps its offsets
 * in. Of the stream protocol there is only what this one type needs.
 */
import { ConnectError } from '../data/errors.ts'

const HEADER = Buffer.from('aced0005', 'hex')
const TC_NULL = 0x70
const TC_REFERENCE = 0x71
const TC_CLASSDESC = 0x72
const TC_ARRAY = 0x75
const TC_BLOCKDATA = 0x77
const TC_ENDBLOCKDATA = 0x78

/** TC_OBJECT and the description of HashMap: serialVersionUID, SC_WRITE_METHOD|SC_SERIALIZABLE, fields loadFactor and threshold. */
const MAP_START = Buffer.concat([
  Buffer.from('7372', 'hex'),
  utf('java.util.HashMap'),
  Buffer.from('0507dac1c31660d103000246', 'hex'),
  utf('loadFactor'),
  Buffer.from('49', 'hex'),
  utf('threshold'),
  Buffer.from('7870', 'hex'),
])
/** TC_CLASSDESC of byte[]. */
const BYTES_CLASS = Buffer.concat([
  Buffer.from('72', 'hex'),
  utf('[B'),
  Buffer.from('acf317f8060854e00200007870', 'hex'),
])
/** The class of byte[] is the stream's third handle, after HashMap's class and the map itself. */
const BYTES_CLASS_HANDLE = 0x7e0002
const LOAD_FACTOR = 0.75
const MIN_CAPACITY = 16

function utf(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Entries of such a map; a null value is Java's null. */
export type ByteEntries = readonly (readonly [Buffer, Buffer | null])[]

/** The bytes of a serialized map. */
export const writeJavaMap = (entries: ByteEntries): Buffer => {
  let capacity = MIN_CAPACITY
  while (entries.length > capacity * LOAD_FACTOR) capacity *= 2
  const sizes = Buffer.alloc(18)
  sizes.writeFloatBE(LOAD_FACTOR, 0)
  sizes.writeInt32BE(capacity * LOAD_FACTOR, 4)
  sizes.writeUInt8(TC_BLOCKDATA, 8)
  sizes.writeUInt8(8, 9)
  sizes.writeInt32BE(capacity, 10)
  sizes.writeInt32BE(entries.length, 14)
  const parts: Buffer[] = [HEADER, MAP_START, sizes]
  let described = false
  const put = (bytes: Buffer | null): void => {
    if (bytes === null) {
      parts.push(Buffer.from([TC_NULL]))
      return
    }
    const reference = Buffer.alloc(5)
    reference.writeUInt8(TC_REFERENCE)
    reference.writeInt32BE(BYTES_CLASS_HANDLE, 1)
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length)
    parts.push(Buffer.from([TC_ARRAY]), described ? reference : BYTES_CLASS, length, bytes)
    described = true
  }
  for (const [key, value] of entries) {
    put(key)
    put(value)
  }
  parts.push(Buffer.from([TC_ENDBLOCKDATA]))
  return Buffer.concat(parts)
}

class MapReader {
  readonly #bytes: Buffer
  #position = 0
  readonly #arrays = new Map<number, Buffer>()
  #nextHandle = BYTES_CLASS_HANDLE

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(): [Buffer, Buffer | null][] {
    this.#expect(HEADER, 'the header of a Java object stream')
    this.#expect(MAP_START, 'a java.util.HashMap')
    this.#take(8)
    this.#expect(Buffer.from([TC_BLOCKDATA, 8]), "the map's sizes")
    const size = this.#take(8).readInt32BE(4)
    const entries: [Buffer, Buffer | null][] = []
    for (let i = 0; i < size; i++) {
      const key = this.#array()
      const value = this.#array()
      if (key !== null) entries.push([key, value])
    }
    this.#expect(Buffer.from([TC_ENDBLOCKDATA]), 'the end of the map')
    return entries
  }

  #array(): Buffer | null {
    const tag = this.#byte()
    if (tag === TC_NULL) return null
    if (tag === TC_REFERENCE) {
      const array = this.#arrays.get(this.#take(4).readInt32BE())
      return array ?? this.#fail('a byte[]')
    }
    if (tag !== TC_ARRAY) return this.#fail('a byte[]')
    const kind = this.#byte()
    if (kind === TC_CLASSDESC) {
      this.#position--
      this.#expect(BYTES_CLASS, 'the class byte[]')
      this.#nextHandle++
    } else if (kind !== TC_REFERENCE || this.#take(4).readInt32BE() !== BYTES_CLASS_HANDLE) {
      this.#fail('the class byte[]')
    }
    const length = this.#take(4).readInt32BE()
    const array = Buffer.from(this.#take(length))
    this.#arrays.set(this.#nextHandle++, array)
    return array
  }

  #byte(): number {
    return this.#take(1).readUInt8()
  }

  #take(length: number): Buffer {
    const end = this.#position + length
    if (length < 0 || end > this.#bytes.length) this.#fail(`${length} bytes more`)
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }

  #expect(wanted: Buffer, what: string): void {
    if (!this.#take(wanted.length).equals(wanted)) this.#fail(what)
  }

  #fail(what: string): never {
    throw new ConnectError(`Not a map of Java byte arrays: expected ${what} before byte ${this.#position}`)
  }
}

/** @throws ConnectError for bytes that are no such map */
export const readJavaMap = (bytes: Buffer): [Buffer, Buffer | null][] => new MapReader(bytes).read()
