import { javaDoubleText } from '../../config/java-number.ts'

/** Turns the bytes of a key, value or header into the text Java prints for it; throws Error with Kafka's message. */
export type Deserializer = (bytes: Buffer) => string

const sized =
  (name: string, size: number, read: (bytes: Buffer) => string): Deserializer =>
  (bytes) => {
    if (bytes.length !== size) throw new Error(`Size of data received by ${name} is not ${size}`)
    return read(bytes)
  }

/** Java's Float.toString: the shortest decimal that is the same float. */
const floatText = (value: number): string => {
  if (!Number.isFinite(value)) return javaDoubleText(value)
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return javaDoubleText(shorter)
  }
  return javaDoubleText(Number(value.toPrecision(9)))
}

const uuid: Deserializer = (bytes) => {
  const text = bytes.toString('utf8')
  const parts = text.split('-')
  if (parts.length !== 5 || !parts.every((part) => /^[0-9a-fA-F]+$/.test(part))) {
    throw new Error('Error parsing data into UUID')
  }
  const widths = [8, 4, 4, 4, 12]
  return parts.map((part, i) => part.toLowerCase().padStart(widths[i]!, '0').slice(-widths[i]!)).join('-')
}

/** Java's Bytes.toString: what is not printable ASCII as \xHH. */
const escaped: Deserializer = (bytes) =>
  bytes.toString('latin1').replace(/[^ -[\]-~]/g, (letter) => {
    return `\\x${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })

const boolean: Deserializer = (bytes) => {
  if (bytes.length !== 1) throw new Error('Size of data received by BooleanDeserializer is not 1')
  if (bytes[0] !== 0 && bytes[0] !== 1) {
    throw new Error(`Unexpected byte received by BooleanDeserializer: ${bytes.readInt8(0)}`)
  }
  return String(bytes[0] === 1)
}

const nothing: Deserializer = () => {
  throw new Error('Data should be null for a VoidDeserializer.')
}

const stringDeserializer = (properties: ReadonlyMap<string, string>, prefix: string, isKey: boolean): Deserializer => {
  const kind = isKey ? 'key' : 'value'
  const encoding =
    properties.get(`${prefix}.${kind}.deserializer.encoding`) ?? properties.get(`${prefix}.deserializer.encoding`)
  if (encoding === undefined || /^utf-?8$/i.test(encoding)) return (bytes) => bytes.toString('utf8')
  const decoder = new TextDecoder(encoding)
  return (bytes) => decoder.decode(bytes)
}

const packageName = 'org.apache.kafka.common.serialization.'

const byName: Record<string, Deserializer> = {
  ByteArrayDeserializer: (bytes) => `[B@${((bytes.length * 2654435761) >>> 0).toString(16)}`,
  ByteBufferDeserializer: (bytes) => `java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]`,
  BytesDeserializer: escaped,
  ShortDeserializer: sized('ShortDeserializer', 2, (bytes) => String(bytes.readInt16BE())),
  IntegerDeserializer: sized('IntegerDeserializer', 4, (bytes) => String(bytes.readInt32BE())),
  LongDeserializer: sized('LongDeserializer', 8, (bytes) => String(bytes.readBigInt64BE())),
  FloatDeserializer: sized('FloatDeserializer', 4, (bytes) => floatText(bytes.readFloatBE())),
  DoubleDeserializer: sized('DoubleDeserializer', 8, (bytes) => javaDoubleText(bytes.readDoubleBE())),
  BooleanDeserializer: boolean,
  UUIDDeserializer: uuid,
  VoidDeserializer: nothing,
}

/**
 * The built-in that stands for a Java class.
 * @param prefix name of the property that names the class; settings of the deserializer start with it and a dot
 * @returns undefined when there is none
 */
export const findDeserializer = (
  className: string,
  properties: ReadonlyMap<string, string>,
  prefix: string,
  isKey: boolean,
): Deserializer | undefined => {
  if (!className.startsWith(packageName)) return undefined
  const name = className.slice(packageName.length)
  if (name === 'StringDeserializer') return stringDeserializer(properties, prefix, isKey)
  return Object.hasOwn(byName, name) ? byName[name] : undefined
}
