import { z } from 'zod'
import { type DocumentSpec, host, nodeId, offset, port, timestampMs } from '../shared/document-fields.ts'

const directoryId = z
  .string()
  .nullable()
  .describe('Id of the log directory; null where voters are configured statically')
const replica = z.strictObject({
  nodeId,
  directoryId,
  endpoints: z.array(z.strictObject({ name: z.string(), host, port })),
})

const status = z.strictObject({
  clusterId: z.string(),
  leader: nodeId,
  leaderEpoch: z.int(),
  highWatermark: z.int(),
  maxFollowerLag: z.int().describe('Of the voter that is furthest behind, in records'),
  maxFollowerLagMs: z.int().nullable().describe('How long it has been behind; null when unknown'),
  voters: z.array(replica),
  observers: z.array(replica),
})

const replication = z.strictObject({
  nodeId,
  directoryId,
  logEndOffset: offset('Where its log ends'),
  lag: z.int().describe('Records behind the leader'),
  lastFetchTimestampMs: timestampMs('When it last fetched').nullable(),
  lastCaughtUpTimestampMs: timestampMs('When it last had everything').nullable(),
  status: z.enum(['leader', 'follower', 'observer']),
})

const command = 'metadata-quorum'

export const documents: readonly DocumentSpec[] = [
  { name: 'metadata-quorum-status', command, action: 'describe --status', row: status },
  { name: 'metadata-quorum-replication', command, action: 'describe --replication', row: replication },
]
