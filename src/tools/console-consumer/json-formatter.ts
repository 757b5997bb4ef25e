import { isLogAppendTime } from '../../protocol/records/batch-header.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { ByteSink } from './byte-sink.ts'
import type { Formatter, RecordOrigin } from './formatter.ts'
import { digitsOf, putDigits, writeInteger, writeJsonBytes, writeJsonHeaders } from './json-bytes.ts'

const timestampName = Buffer.from(',"timestamp":')
const valueName = Buffer.from(',"value":')
const headersName = Buffer.from(',"headers":')

/** Appends short bytes. */
const put = (sink: ByteSink, bytes: Buffer): void => {
  const target = sink.room(bytes.length)
  let at = sink.position
  for (let i = 0; i < bytes.length; i++) target[at++] = bytes[i]!
  sink.advance(at)
}

/**
 * Writes each record as one JSON object that holds all of it, for programs and for `console-producer --input json`. Its schema is
 * in src/tools/shared/record-schema.ts.
 *
 * The head of an object, all up to the key, differs from the one before in a few digits. So it is copied from there, within the
 * sink's memory, and the digits are put over it.
 */
export class JsonFormatter implements Formatter {
  readonly needsTimestampType = false
  readonly #end: Buffer
  readonly #noHeadersEnd: Buffer
  #topic = ''
  #partition = -1
  #start = Buffer.alloc(0)
  #batch: RecordCursor['batch'] | undefined
  #deliveryCount: number | undefined
  /** From behind the timestamp up to the key. */
  #middle = Buffer.alloc(0)
  /** Where the last head was written, and how long its numbers were; no memory when it can't be used. */
  #memory: Buffer | undefined
  #headAt = 0
  #headBytes = 0
  #offsetDigits = 0
  #timestampDigits = 0
  #timestamp = -1

  /** @param end what follows each object */
  constructor(end = '\n') {
    this.#end = Buffer.from(`}${end}`)
    this.#noHeadersEnd = Buffer.from(`,"headers":[]}${end}`)
  }

  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void {
    if (origin.partition !== this.#partition || origin.topic !== this.#topic) this.#startPartition(origin)
    if (cursor.batch !== this.#batch || origin.deliveryCount !== this.#deliveryCount) {
      this.#startBatch(cursor.batch, origin.deliveryCount)
    }
    this.#writeHead(cursor, sink)
    writeJsonBytes(sink, cursor.data, cursor.keyStart, cursor.keyEnd)
    put(sink, valueName)
    writeJsonBytes(sink, cursor.data, cursor.valueStart, cursor.valueEnd)
    if (cursor.headerCount === 0) put(sink, this.#noHeadersEnd)
    else {
      put(sink, headersName)
      writeJsonHeaders(sink, cursor)
      put(sink, this.#end)
    }
  }

  #writeHead({ offset, timestamp }: RecordCursor, sink: ByteSink): void {
    const memory = sink.room(this.#headBytes)
    const headAt = sink.position
    const offsetEnd = headAt + this.#start.length + this.#offsetDigits
    const isAlike =
      memory === this.#memory &&
      digitsOf(offset) === this.#offsetDigits &&
      (timestamp === this.#timestamp || (timestamp >= 0 && digitsOf(timestamp) === this.#timestampDigits))
    if (!isAlike) {
      this.#writeNewHead(offset, timestamp, sink)
      return
    }
    memory.copyWithin(headAt, this.#headAt, this.#headAt + this.#headBytes)
    putDigits(memory, offsetEnd, offset)
    if (timestamp !== this.#timestamp) {
      putDigits(memory, offsetEnd + timestampName.length + this.#timestampDigits, timestamp)
      this.#timestamp = timestamp
    }
    this.#headAt = headAt
    sink.advance(headAt + this.#headBytes)
  }

  #writeNewHead(offset: number, timestamp: number, sink: ByteSink): void {
    const parts = this.#start.length + timestampName.length + this.#middle.length
    // Room for all of it: the head lies in one piece of memory.
    this.#memory = sink.room(parts + 2 * 20)
    this.#headAt = sink.position
    put(sink, this.#start)
    writeInteger(sink, offset)
    put(sink, timestampName)
    writeInteger(sink, timestamp)
    put(sink, this.#middle)
    this.#headBytes = sink.position - this.#headAt
    this.#offsetDigits = digitsOf(offset)
    this.#timestamp = timestamp
    this.#timestampDigits = timestamp < 0 ? 0 : digitsOf(timestamp)
  }

  #startPartition({ topic, partition }: RecordOrigin): void {
    this.#topic = topic
    this.#partition = partition
    this.#start = Buffer.from(`{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":`)
    this.#memory = undefined
  }

  #startBatch(batch: RecordCursor['batch'], deliveryCount: number | undefined): void {
    const { attributes, partitionLeaderEpoch } = batch
    const type = isLogAppendTime(attributes) ? 'LogAppendTime' : 'CreateTime'
    const epoch = partitionLeaderEpoch < 0 ? '' : `,"leaderEpoch":${partitionLeaderEpoch}`
    const delivery = deliveryCount === undefined ? '' : `,"deliveryCount":${deliveryCount}`
    this.#batch = batch
    this.#deliveryCount = deliveryCount
    this.#middle = Buffer.from(`,"timestampType":"${type}"${epoch}${delivery},"key":`)
    this.#memory = undefined
  }
}
