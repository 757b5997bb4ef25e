import { isLogAppendTime } from '../../protocol/records/batch-header.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { ByteSink } from './byte-sink.ts'
import type { Formatter, RecordOrigin } from './formatter.ts'
import { writeInteger, writeJsonBytes, writeJsonHeaders } from './json-bytes.ts'

const timestampName = Buffer.from(',"timestamp":')
const deliveryName = Buffer.from(',"deliveryCount":')
const keyName = Buffer.from(',"key":')
const valueName = Buffer.from(',"value":')
const headersName = Buffer.from(',"headers":')

/** Appends short bytes that stay as they are. */
const put = (sink: ByteSink, bytes: Buffer): void => {
  const target = sink.room(bytes.length)
  let at = sink.position
  for (let i = 0; i < bytes.length; i++) target[at++] = bytes[i]!
  sink.advance(at)
}

/**
 * Writes each record as one JSON object that holds all of it, for programs and for `console-producer --input json`. Its schema is
 * in src/tools/shared/record-schema.ts. What all records of a partition, or of a batch, have in common is made once.
 */
export class JsonFormatter implements Formatter {
  readonly needsTimestampType = false
  readonly #end: Buffer
  #topic = ''
  #partition = -1
  #start = Buffer.alloc(0)
  #batch: RecordCursor['batch'] | undefined
  #ofBatch = Buffer.alloc(0)

  /** @param end what follows each object */
  constructor(end = '\n') {
    this.#end = Buffer.from(`}${end}`)
  }

  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void {
    if (origin.partition !== this.#partition || origin.topic !== this.#topic) this.#startPartition(origin)
    if (cursor.batch !== this.#batch) this.#startBatch(cursor.batch)
    put(sink, this.#start)
    writeInteger(sink, cursor.offset)
    put(sink, timestampName)
    writeInteger(sink, cursor.timestamp)
    put(sink, this.#ofBatch)
    if (origin.deliveryCount !== undefined) {
      put(sink, deliveryName)
      writeInteger(sink, origin.deliveryCount)
    }
    put(sink, keyName)
    writeJsonBytes(sink, cursor.data, cursor.keyStart, cursor.keyEnd)
    put(sink, valueName)
    writeJsonBytes(sink, cursor.data, cursor.valueStart, cursor.valueEnd)
    put(sink, headersName)
    writeJsonHeaders(sink, cursor)
    put(sink, this.#end)
  }

  #startPartition({ topic, partition }: RecordOrigin): void {
    this.#topic = topic
    this.#partition = partition
    this.#start = Buffer.from(`{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":`)
  }

  #startBatch(batch: RecordCursor['batch']): void {
    const { attributes, partitionLeaderEpoch } = batch
    const type = isLogAppendTime(attributes) ? 'LogAppendTime' : 'CreateTime'
    const epoch = partitionLeaderEpoch < 0 ? '' : `,"leaderEpoch":${partitionLeaderEpoch}`
    this.#batch = batch
    this.#ofBatch = Buffer.from(`,"timestampType":"${type}"${epoch}`)
  }
}
