import { basename } from 'node:path'
import {
  BASE_OFFSET,
  type BatchHeader,
  DELETE_HORIZON_MASK,
  isControl,
  isLogAppendTime,
  isTransactional,
  readBatchHeader,
} from '../../protocol/records/batch-header.ts'
import { batchCompression, ensureBatchCodecs, validateBatch } from '../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { incrementSequence } from '../../storage/producer-state-entry.ts'
import { parseJavaLong } from '../shared/java.ts'
import { LogFile } from '../shared/records/log-file.ts'
import type { Row, Value } from '../shared/structured.ts'
import { controlRow, controlText } from './control-text.ts'
import type { RecordParser } from './record-parser.ts'
import { type DumpIo, jsonValue, present } from './rows.ts'

export interface LogDumpOptions {
  deep: boolean
  contents: boolean
  skipRecordMetadata: boolean
  maxBytes: number
  parser: RecordParser
  /** Does the parser write JSON? */
  isJson: boolean
}

/** Offsets of records that don't follow on each other, by file. */
export type Gaps = Map<string, [before: number, after: number][]>

const NO_LIMIT = 2147483647

const isValid = (bytes: Buffer, header: BatchHeader): boolean => {
  try {
    validateBatch(bytes, header)
    return true
  } catch {
    return false
  }
}

const timestampType = ({ attributes }: BatchHeader): string =>
  isLogAppendTime(attributes) ? 'LogAppendTime' : 'CreateTime'

const sequenceAt = ({ baseSequence }: BatchHeader, delta: number): number =>
  baseSequence < 0 ? -1 : incrementSequence(baseSequence, delta)

const batchLine = (header: BatchHeader, bytes: Buffer, position: number): string => {
  const { baseOffset, lastOffsetDelta, attributes } = header
  const horizon = attributes & DELETE_HORIZON_MASK ? `OptionalLong[${header.baseTimestamp}]` : 'OptionalLong.empty'
  return [
    `baseOffset: ${baseOffset} lastOffset: ${baseOffset + lastOffsetDelta} count: ${header.recordCount}`,
    `baseSequence: ${header.baseSequence} lastSequence: ${sequenceAt(header, lastOffsetDelta)}`,
    `producerId: ${header.producerId} producerEpoch: ${header.producerEpoch}`,
    `partitionLeaderEpoch: ${header.partitionLeaderEpoch} isTransactional: ${isTransactional(attributes)}`,
    `isControl: ${isControl(attributes)} deleteHorizonMs: ${horizon} position: ${position}`,
    `${timestampType(header)}: ${header.maxTimestamp} size: ${header.sizeBytes} magic: ${header.magic}`,
    `compresscodec: ${batchCompression(header)} crc: ${header.crc} isvalid: ${isValid(bytes, header)}\n`,
  ].join(' ')
}

const batchRow = (header: BatchHeader, bytes: Buffer, position: number): Row => {
  const { baseOffset, lastOffsetDelta, attributes } = header
  return {
    kind: 'batch',
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    recordCount: header.recordCount,
    baseSequence: present(header.baseSequence),
    lastSequence: present(sequenceAt(header, lastOffsetDelta)),
    producerId: present(Number(header.producerId)),
    producerEpoch: present(header.producerEpoch),
    leaderEpoch: header.partitionLeaderEpoch,
    isTransactional: isTransactional(attributes),
    isControl: isControl(attributes),
    deleteHorizonMs: attributes & DELETE_HORIZON_MASK ? header.baseTimestamp : null,
    position,
    timestampType: timestampType(header),
    maxTimestampMs: present(header.maxTimestamp),
    sizeBytes: header.sizeBytes,
    magic: header.magic,
    compression: batchCompression(header),
    crc: header.crc,
    isValid: isValid(bytes, header),
  }
}

const recordRow = (header: BatchHeader, cursor: RecordCursor, options: LogDumpOptions): Row => {
  const [key, value] = [cursor.key(), cursor.value()]
  const control = isControl(header.attributes)
  const parsed = options.contents && !control ? options.parser(cursor.offset, key, value) : undefined
  const parsedValue = (text: string | undefined): Value =>
    text === undefined ? null : options.isJson ? jsonValue(text) : text
  return {
    kind: 'record',
    offset: cursor.offset,
    timestampMs: present(cursor.timestamp),
    sequence: present(sequenceAt(header, cursor.offset - header.baseOffset)),
    keySizeBytes: key?.length ?? null,
    valueSizeBytes: value?.length ?? null,
    headerKeys: cursor.headers().map((one) => one.key),
    control: control ? controlRow(key, value) : null,
    key: parsedValue(parsed?.key),
    value: parsedValue(parsed?.value),
  }
}

const printRecord = (header: BatchHeader, cursor: RecordCursor, options: LogDumpOptions, io: DumpIo): void => {
  if (io.row) {
    io.row(recordRow(header, cursor, options))
    return
  }
  const key = cursor.key()
  const value = cursor.value()
  const control = isControl(header.attributes)
  let text = ''
  if (!options.skipRecordMetadata) {
    const headers = cursor.headers().map((one) => one.key)
    text =
      `| offset: ${cursor.offset} ${timestampType(header)}: ${cursor.timestamp} keySize: ${key?.length ?? -1} ` +
      `valueSize: ${value?.length ?? -1} sequence: ${sequenceAt(header, cursor.offset - header.baseOffset)} ` +
      `headerKeys: [${headers.join(',')}]${control ? controlText(key, value) : ''}`
  }
  if (options.contents && !control) {
    // What is known is printed even when the decoder gives up.
    io.out.write(text)
    text = ''
    const parsed = options.parser(cursor.offset, key, value)
    let prefix = options.skipRecordMetadata ? '| ' : ' '
    if (parsed.key !== undefined) {
      text += `${prefix}key: ${parsed.key}`
      prefix = ' '
    }
    if (parsed.value !== undefined) text += `${prefix}payload: ${parsed.value}`
  }
  io.out.write(`${text}\n`)
}

const startLine = (path: string): string => {
  const name = basename(path)
  if (name.endsWith('.log')) return `Log starting offset: ${parseJavaLong(name.split('.')[0] ?? '')}`
  if (name === 'bootstrap.checkpoint') return 'KRaft bootstrap snapshot'
  const match = /^(\d{20})-(\d{10})\.checkpoint/.exec(name)
  if (match === null) throw new Error('No value present')
  return `Snapshot end offset: ${Number(match[1])}, epoch: ${Number(match[2])}`
}

const fileRow = (path: string): Row => {
  const name = basename(path)
  const match = /^(\d{20})-(\d{10})\.checkpoint/.exec(name)
  return {
    kind: 'file',
    file: path,
    startOffset: name.endsWith('.log') ? Number(parseJavaLong(name.split('.')[0] ?? '')) : null,
    snapshotEndOffset: match ? Number(match[1]) : null,
    snapshotEpoch: match ? Number(match[2]) : null,
  }
}

/** Prints a .log or .checkpoint file batch by batch, and record by record when asked. */
export const dumpLog = async (path: string, absolutePath: string, options: LogDumpOptions, io: DumpIo, gaps: Gaps) => {
  const start = startLine(path)
  if (io.row) io.row(fileRow(path))
  else io.out.write(`${start}\n`)
  const file = new LogFile(path, options.maxBytes)
  try {
    let validBytes = 0
    let lastOffset = -1
    for (const { position, bytes } of file.batches()) {
      const header = readBatchHeader(bytes, BASE_OFFSET)
      if (io.row) io.row(batchRow(header, bytes, position))
      else io.out.write(batchLine(header, bytes, position))
      validBytes += bytes.length
      if (options.deep) {
        await ensureBatchCodecs(bytes)
        const cursor = new RecordCursor(bytes, header)
        while (cursor.next()) {
          if (cursor.offset !== lastOffset + 1) {
            gaps.set(absolutePath, [...(gaps.get(absolutePath) ?? []), [lastOffset, cursor.offset]])
          }
          lastOffset = cursor.offset
          printRecord(header, cursor, options, io)
        }
      }
      await io.out.drain()
      if (io.out.closed) return
    }
    const trailing = file.sizeBytes - validBytes
    if (trailing > 0 && options.maxBytes === NO_LIMIT) {
      if (io.row) {
        io.row({ kind: 'problem', problem: 'trailingBytes', file: path, sizeBytes: trailing })
        io.failed?.(new Error(`${trailing} invalid bytes at the end`), { file: path, problem: 'trailingBytes' })
      } else io.out.write(`Found ${trailing} invalid bytes at the end of ${basename(path)}\n`)
    }
  } finally {
    file.close()
  }
}
