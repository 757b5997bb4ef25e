import { isLogAppendTime } from '../../protocol/records/batch-header.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { ByteSink } from './byte-sink.ts'
import type { Formatter, RecordOrigin } from './formatter.ts'
import { eachHeader, writeBase64, writeHex, writeInteger, writeJsonBytes, writeJsonHeaders } from './json-bytes.ts'
import { JsonFormatter } from './json-formatter.ts'
import { type BytesForm, parseTemplate, type TemplatePart } from './template.ts'

type WritePart = (cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink) => void
type WriteBytes = (sink: ByteSink, data: Buffer, start: number, end: number) => void

const comma = Buffer.from(',')
const equals = Buffer.from('=')
/** What kcat shows for a header without a value; keys and values that are null are empty. */
const nullHeader = Buffer.from('NULL')
const createTime = Buffer.from('CreateTime')
const logAppendTime = Buffer.from('LogAppendTime')

const lengthOf = (start: number, end: number): number => (start < 0 ? -1 : end - start)

const bytesWriters: Record<BytesForm | 'int32-length', WriteBytes> = {
  raw: (sink, data, start, end) => {
    if (start >= 0) sink.copy(data, start, end)
  },
  json: writeJsonBytes,
  base64: (sink, data, start, end) => {
    if (start >= 0) writeBase64(sink, data, start, end)
  },
  hex: (sink, data, start, end) => {
    if (start >= 0) writeHex(sink, data, start, end)
  },
  length: (sink, _, start, end) => writeInteger(sink, lengthOf(start, end)),
  'int32-length': (sink, _, start, end) => {
    const at = sink.room(4).writeInt32BE(lengthOf(start, end), sink.position)
    sink.advance(at)
  },
}

const writeHeaders: WritePart = (cursor, _, sink) => {
  let isFirst = true
  eachHeader(cursor, (data, nameStart, nameEnd, valueStart, valueEnd) => {
    if (!isFirst) sink.bytes(comma)
    isFirst = false
    sink.copy(data, nameStart, nameEnd)
    sink.bytes(equals)
    if (valueStart < 0) sink.bytes(nullHeader)
    else sink.copy(data, valueStart, valueEnd)
  })
}

/** The last header of that name, which is what Java's `lastHeader` gives; nothing when there is none. */
const headerWriter =
  (name: Buffer): WritePart =>
  (cursor, _, sink) => {
    let start = -1
    let end = -1
    eachHeader(cursor, (data, nameStart, nameEnd, valueStart, valueEnd) => {
      if (data.compare(name, 0, name.length, nameStart, nameEnd) !== 0) return
      start = valueStart
      end = valueEnd
    })
    if (start >= 0) sink.copy(cursor.data, start, end)
  }

/** Text that seldom changes from one record to the next is made once. */
const cached = <T>(textOf: (of: T) => string): ((sink: ByteSink, of: T) => void) => {
  let last: T | undefined
  let bytes = Buffer.alloc(0)
  return (sink, of) => {
    if (of !== last) {
      last = of
      bytes = Buffer.from(textOf(of))
    }
    sink.bytes(bytes)
  }
}

const maxDateMs = 8.64e15

/** ISO 8601 in UTC. Times no calendar has stay numbers, as -1 for none. */
const isoText = (ms: number): string => (ms < 0 || ms > maxDateMs ? String(ms) : new Date(ms).toISOString())

const writerOf = (part: TemplatePart): WritePart => {
  switch (part.kind) {
    case 'text':
      return (_cursor, _origin, sink) => sink.bytes(part.bytes)
    case 'key': {
      const write = bytesWriters[part.form]
      return (cursor, _, sink) => write(sink, cursor.data, cursor.keyStart, cursor.keyEnd)
    }
    case 'value': {
      const write = bytesWriters[part.form]
      return (cursor, _, sink) => write(sink, cursor.data, cursor.valueStart, cursor.valueEnd)
    }
    case 'header':
      return headerWriter(part.name)
    case 'headers':
      if (part.form === 'json') return (cursor, _, sink) => writeJsonHeaders(sink, cursor)
      if (part.form === 'count') return (cursor, _, sink) => writeInteger(sink, cursor.headerCount)
      return writeHeaders
    case 'timestamp': {
      if (part.form === 'ms') return (cursor, _, sink) => writeInteger(sink, cursor.timestamp)
      const write = cached(isoText)
      return (cursor, _, sink) => write(sink, cursor.timestamp)
    }
    case 'topic': {
      const write = cached<string>((topic) => topic)
      return (_, origin, sink) => write(sink, origin.topic)
    }
    case 'partition':
      return (_, origin, sink) => writeInteger(sink, origin.partition)
    case 'offset':
      return (cursor, _, sink) => writeInteger(sink, cursor.offset)
    case 'timestampType':
      return ({ batch }, _, sink) => sink.bytes(isLogAppendTime(batch.attributes) ? logAppendTime : createTime)
    case 'leaderEpoch':
      return ({ batch }, _, sink) => writeInteger(sink, batch.partitionLeaderEpoch)
    case 'deliveryCount':
      return (_, { deliveryCount }, sink) => {
        if (deliveryCount !== undefined) writeInteger(sink, deliveryCount)
      }
    case 'json': {
      const json = new JsonFormatter('')
      return (cursor, origin, sink) => json.write(cursor, origin, sink)
    }
  }
}

/** Prints records by a template, which is read once: what is left for each record is a list of calls that move bytes. */
export class TemplateFormatter implements Formatter {
  readonly needsTimestampType = false
  readonly #writers: readonly WritePart[]

  /** @throws TemplateError */
  constructor(template: string) {
    this.#writers = parseTemplate(template).map(writerOf)
  }

  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void {
    for (const write of this.#writers) write(cursor, origin, sink)
  }
}
