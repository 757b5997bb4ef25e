import { isUtf8 } from 'node:buffer'
import { readVarint } from '../../base/varint.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { ByteSink } from './byte-sink.ts'

const quote = 0x22
const backslash = 0x5c
const hexDigits = Buffer.from('0123456789abcdef')

/** What is written for a byte of UTF-8 inside a JSON string: 0 itself, 1 \u00XX, else a backslash and this letter. */
const escapes = new Uint8Array(256).fill(1, 0, 0x20)
for (const [byte, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\'].map((pair) => Buffer.from(pair))) {
  escapes[byte!] = letter!
}

/** The most one byte becomes: \u00XX. */
const maxEscapedBytes = 6
/** As much of a field as is written at once: escaped, it fits what a sink makes room for. A multiple of 3 for base64. */
const pieceBytes = 9 * 1024

const openBase64 = Buffer.from('{"base64":"')
const closeBase64 = Buffer.from('"}')
const nullLiteral = Buffer.from('null')

/** How many decimal digits a whole number that is not negative has. */
export const digitsOf = (value: number): number => {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits++
  return digits
}

/** Puts a whole number that is not negative in decimal digits before `end`. Exact up to 2^53. */
export const putDigits = (target: Buffer, end: number, value: number): void => {
  let at = end
  let rest = value
  // Numbers of up to nine digits are integers to the machine, which divides those several times faster.
  while (rest >= 1e9) {
    // Up to 2^53 the quotient is below 2^27: its fraction, a multiple of 1e-8, can't be rounded away.
    const high = Math.floor(rest / 1e8)
    let low = (rest - high * 1e8) | 0
    for (let i = 0; i < 8; i++) {
      const tenth = (low / 10) | 0
      target[--at] = 0x30 + low - tenth * 10
      low = tenth
    }
    rest = high
  }
  let low = rest | 0
  do {
    const tenth = (low / 10) | 0
    target[--at] = 0x30 + low - tenth * 10
    low = tenth
  } while (low > 0)
}

/** Appends a whole number in decimal digits, without a string in between. Exact up to 2^53 either way. */
export const writeInteger = (sink: ByteSink, value: number): void => {
  const target = sink.room(20)
  let at = sink.position
  if (value < 0) target[at++] = 0x2d
  const size = value < 0 ? -value : value
  at += digitsOf(size)
  putDigits(target, at, size)
  sink.advance(at)
}

/** Appends bytes, up to a whole piece, as base64 without quotes. */
export const writeBase64 = (sink: ByteSink, data: Buffer, start: number, end: number): void => {
  for (let from = start; from < end; from += pieceBytes) {
    const text = data.toString('base64', from, Math.min(end, from + pieceBytes))
    const target = sink.room(text.length)
    sink.advance(sink.position + target.write(text, sink.position, 'latin1'))
  }
}

/** Appends bytes as lower-case hexadecimal digits. */
export const writeHex = (sink: ByteSink, data: Buffer, start: number, end: number): void => {
  for (let from = start; from < end; from += pieceBytes) {
    const to = Math.min(end, from + pieceBytes)
    const target = sink.room(2 * (to - from))
    let at = sink.position
    for (let i = from; i < to; i++) {
      target[at++] = hexDigits[data[i]! >> 4]!
      target[at++] = hexDigits[data[i]! & 15]!
    }
    sink.advance(at)
  }
}

const writeMarked = (sink: ByteSink, data: Buffer, start: number, end: number): void => {
  sink.bytes(openBase64)
  writeBase64(sink, data, start, end)
  sink.bytes(closeBase64)
}

const putEscaped = (target: Buffer, position: number, byte: number): number => {
  const letter = escapes[byte]!
  target[position] = backslash
  if (letter > 1) {
    target[position + 1] = letter
    return position + 2
  }
  target[position + 1] = 0x75
  target[position + 2] = 0x30
  target[position + 3] = 0x30
  target[position + 4] = hexDigits[byte >> 4]!
  target[position + 5] = hexDigits[byte & 15]!
  return position + maxEscapedBytes
}

/** Copies bytes one by one, escaping those that have to be. */
const writeEscaped = (sink: ByteSink, data: Buffer, start: number, end: number): void => {
  const target = sink.room((end - start) * maxEscapedBytes)
  let at = sink.position
  for (let i = start; i < end; i++) {
    const byte = data[i]!
    if (escapes[byte] === 0) target[at++] = byte
    else at = putEscaped(target, at, byte)
  }
  sink.advance(at)
}

const highBits = 0x80808080 | 0
/** The memory of the buffer looked at last, four bytes at a time, and where in it the buffer begins. Asking a buffer takes longer. */
let words: Int32Array = new Int32Array(0)
let shift = 0
let wordsOf: Buffer | undefined

const lookAt = (data: Buffer): void => {
  wordsOf = data
  words = new Int32Array(data.buffer, 0, data.buffer.byteLength >> 2)
  shift = data.byteOffset
}

/**
 * The first byte from `start` on that is to be escaped, or not before `end`. Looks at four bytes at once, which takes a third of the time.
 * @param highMask highBits: stops at bytes beyond ASCII too; 0: passes over them
 */
const findSpecial = (data: Buffer, start: number, end: number, highMask: number): number => {
  if (data !== wordsOf) lookAt(data)
  const all = words
  let i = start
  for (; i < end && ((i + shift) & 3) !== 0; i++) if ((escapes[data[i]!]! | (data[i]! & highMask)) !== 0) return i
  const wordsEnd = (end + shift) >> 2
  let at = (i + shift) >> 2
  for (; at < wordsEnd; at++) {
    const word = all[at]!
    const quotes = word ^ 0x22222222
    const backslashes = word ^ 0x5c5c5c5c
    // A byte's high bit is set where it is below the subtrahend, and maybe above such a byte: looked at once more below.
    const below =
      ((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)
    if (((below & highBits) | (word & highMask)) !== 0) break
  }
  for (i = Math.max(i, (at << 2) - shift); i < end; i++) {
    if ((escapes[data[i]!]! | (data[i]! & highMask)) !== 0) return i
  }
  return end
}

/** Whether bytes are valid UTF-8; ASCII is known without asking the runtime, which takes longer than a short field is long. */
const isText = (data: Buffer, start: number, end: number): boolean => {
  if (data !== wordsOf) lookAt(data)
  const all = words
  let i = start
  while (i < end && ((i + shift) & 3) !== 0 && data[i]! < 0x80) i++
  if (((i + shift) & 3) === 0) {
    const wordsEnd = (end + shift) >> 2
    let at = (i + shift) >> 2
    while (at < wordsEnd && (all[at]! & highBits) === 0) at++
    i = Math.max(i, (at << 2) - shift)
  }
  while (i < end && data[i]! < 0x80) i++
  return i === end || isUtf8(data.subarray(i, end))
}

/** How far bytes go one by one behind one that is escaped: where one is, others are near. */
const denseBytes = 64

/** Text that is known to be UTF-8, or a piece of it. */
const writeText = (sink: ByteSink, data: Buffer, start: number, end: number): void => {
  for (let i = start; i < end; ) {
    const special = findSpecial(data, i, end, 0)
    if (special > i) sink.copy(data, i, special)
    i = Math.min(end, special + denseBytes)
    if (special < i) writeEscaped(sink, data, special, i)
  }
}

const putQuote = (sink: ByteSink): void => {
  const target = sink.room(1)
  target[sink.position] = quote
  sink.advance(sink.position + 1)
}

/**
 * Appends the bytes of `data` from `start` to `end` as JSON: a string when they are valid UTF-8, else `{"base64":"…"}`, which no
 * string can be mistaken for; null for a start below 0. No byte is lost, and nothing is escaped that needn't be.
 */
export const writeJsonBytes = (sink: ByteSink, data: Buffer, start: number, end: number): void => {
  if (start < 0) {
    sink.bytes(nullLiteral)
    return
  }
  const special = findSpecial(data, start, end, highBits)
  if (special < end && !isText(data, special, end)) {
    writeMarked(sink, data, start, end)
    return
  }
  putQuote(sink)
  sink.copy(data, start, special)
  if (special < end) writeText(sink, data, special, end)
  putQuote(sink)
}

/** Gets one header: where its name and value lie in `data`; a null value starts at -1. */
type OnHeader = (data: Buffer, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number) => void

/** Goes through the headers of a record, whose names are bytes here: not every client writes valid UTF-8. */
export const eachHeader = (cursor: RecordCursor, visit: OnHeader): void => {
  const at = { buffer: cursor.data, position: cursor.headersStart, end: cursor.recordEnd }
  for (let i = 0; i < cursor.headerCount; i++) {
    const nameLength = readVarint(at)
    const nameStart = at.position
    at.position += nameLength
    const valueLength = readVarint(at)
    const valueStart = valueLength < 0 ? -1 : at.position
    at.position += Math.max(0, valueLength)
    visit(cursor.data, nameStart, nameStart + nameLength, valueStart, at.position)
  }
}

const openHeader = Buffer.from('{"key":')
const nextHeader = Buffer.from(',{"key":')
const headerValue = Buffer.from(',"value":')
const noHeaders = Buffer.from('[]')
const openList = Buffer.from('[')
const closeObject = Buffer.from('}')
const closeList = Buffer.from(']')

/** Appends the headers of a record as a list of `{"key":…,"value":…}`, in their order, repeated names included. */
export const writeJsonHeaders = (sink: ByteSink, cursor: RecordCursor): void => {
  if (cursor.headerCount === 0) {
    sink.bytes(noHeaders)
    return
  }
  sink.bytes(openList)
  let isFirst = true
  eachHeader(cursor, (data, nameStart, nameEnd, valueStart, valueEnd) => {
    sink.bytes(isFirst ? openHeader : nextHeader)
    isFirst = false
    writeJsonBytes(sink, data, nameStart, nameEnd)
    sink.bytes(headerValue)
    writeJsonBytes(sink, data, valueStart, valueEnd)
    sink.bytes(closeObject)
  })
  sink.bytes(closeList)
}
