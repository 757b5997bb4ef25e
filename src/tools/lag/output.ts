import { z } from 'zod'
import {
  type DocumentSpec,
  group,
  groupState,
  groupType,
  lag,
  offsetOrNull,
  partition,
  topic,
} from '../shared/document-fields.ts'

const row = z.strictObject({
  group,
  type: groupType,
  state: groupState,
  topic: topic.nullable(),
  partition: partition.optional().describe('With --partitions'),
  partitionCount: z.int().optional().describe('Without --partitions: how many partitions the row sums'),
  currentOffset: offsetOrNull('Committed offset, or the sum of several'),
  logEndOffset: offsetOrNull('Where the partitions end: high watermark or last stable offset'),
  lag,
  timeBehindMs: z.number().nullable().describe('Age of the next record to be read'),
  unknownPartitionCount: z.int().describe('Partitions that exist and whose lag is not known'),
  note: z.string().nullable().describe('What the numbers leave out'),
})

export const documents: readonly DocumentSpec[] = [{ name: 'lag', command: 'lag', action: '', row }]
