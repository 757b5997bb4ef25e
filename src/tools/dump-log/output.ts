import { z } from 'zod'
import {
  type DocumentSpec,
  offset,
  offsetOrNull,
  producerEpoch,
  producerId,
  timestampMs,
} from '../shared/document-fields.ts'

const sequence = z.int().nullable().describe('Null without an idempotent producer')
const decoded = z
  .json()
  .describe('What the decoder made of it, JSON as it is; null without --print-data-log or a decoder')

const file = z.strictObject({
  kind: z.literal('file'),
  file: z.string(),
  startOffset: offsetOrNull('Where a segment starts'),
  snapshotEndOffset: offsetOrNull('Where a snapshot ends'),
  snapshotEpoch: z.int().nullable(),
})

const batch = z.strictObject({
  kind: z.literal('batch'),
  baseOffset: z.int(),
  lastOffset: z.int(),
  recordCount: z.int(),
  baseSequence: sequence,
  lastSequence: sequence,
  producerId: producerId.nullable(),
  producerEpoch: producerEpoch.nullable(),
  leaderEpoch: z.int(),
  isTransactional: z.boolean(),
  isControl: z.boolean(),
  deleteHorizonMs: timestampMs('When tombstones and markers in it may go').nullable(),
  position: z.int().describe('Where it starts in the file, in bytes'),
  timestampType: z.enum(['CreateTime', 'LogAppendTime']),
  maxTimestampMs: timestampMs('The latest of its records').nullable(),
  sizeBytes: z.int(),
  magic: z.int(),
  compression: z.string(),
  crc: z.int(),
  isValid: z.boolean().describe('Is the checksum right?'),
})

const record = z.strictObject({
  kind: z.literal('record'),
  offset: offset('Offset of the record'),
  timestampMs: timestampMs('Timestamp of the record').nullable(),
  sequence,
  keySizeBytes: z.int().nullable().describe('Null without a key'),
  valueSizeBytes: z.int().nullable().describe('Null for a tombstone'),
  headerKeys: z.array(z.string()),
  control: z
    .strictObject({ type: z.string(), coordinatorEpoch: z.int().nullable(), data: z.json() })
    .nullable()
    .describe('What a control record says'),
  key: decoded,
  value: decoded,
})

const entries = [
  z.strictObject({ kind: z.literal('offsetIndexEntry'), offset: z.int(), position: z.int() }),
  z.strictObject({ kind: z.literal('timeIndexEntry'), timestampMs: z.int(), offset: z.int() }),
  z.strictObject({
    kind: z.literal('abortedTransaction'),
    producerId,
    firstOffset: z.int(),
    lastOffset: z.int(),
    lastStableOffset: z.int(),
  }),
  z.strictObject({
    kind: z.literal('producer'),
    producerId,
    producerEpoch,
    coordinatorEpoch: z.int().nullable(),
    currentTransactionStartOffset: z.int().nullable(),
    lastTimestampMs: z.int().nullable(),
    firstSequence: z.int().nullable(),
    lastSequence: z.int().nullable(),
    lastOffset: z.int().nullable(),
  }),
] as const

const problem = z.looseObject({
  kind: z.literal('problem'),
  problem: z
    .enum(['offsetMismatch', 'timestampMismatch', 'timestampOutOfOrder', 'offsetNotFound', 'gap', 'trailingBytes'])
    .describe('A gap is none in a compacted log; all others make the command fail'),
  file: z.string(),
})

export const documents: readonly DocumentSpec[] = [
  {
    name: 'dump-log',
    command: 'dump-log',
    action: '',
    isStream: true,
    row: z.discriminatedUnion('kind', [file, batch, record, ...entries, problem]),
  },
]
