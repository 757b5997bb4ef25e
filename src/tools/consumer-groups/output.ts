import { z } from 'zod'
import {
  clientId,
  type DocumentSpec,
  epoch,
  group,
  lag,
  leaderEpoch,
  memberHost,
  memberId,
  offsetOrNull,
  partition,
  topic,
  topicPartition,
} from '../shared/document-fields.ts'
import { deleteOffsetsRow, deleteRow, listRow, resetRow, stateFields } from '../shared/group-documents.ts'

const offsets = z.strictObject({
  group,
  topic,
  partition,
  currentOffset: offsetOrNull('The committed offset'),
  logEndOffset: offsetOrNull('Where the log ends; null without a leader'),
  lag,
  leaderEpoch,
  memberId: memberId.nullable().describe('Who reads the partition; null when nobody does'),
  host: memberHost.nullable(),
  clientId: clientId.nullable(),
})

const members = z.strictObject({
  group,
  memberId,
  groupInstanceId: z.string().nullable().describe('Of static members'),
  host: memberHost,
  clientId,
  partitionCount: z.int(),
  memberEpoch: epoch('Member epoch; null in classic groups'),
  assignment: z.array(topicPartition),
  targetAssignmentEpoch: epoch('Epoch of the target assignment; null for classic groups'),
  targetAssignment: z.array(topicPartition).nullable(),
  isClassic: z
    .boolean()
    .nullable()
    .describe('Does it speak the classic protocol in a group of the new one? Null when unknown'),
})

const state = z.strictObject({ ...stateFields, assignor: z.string().nullable().describe('Assignment strategy') })

const command = 'consumer-groups'

export const documents: readonly DocumentSpec[] = [
  { name: 'consumer-groups-list', command, action: '--list', row: listRow },
  { name: 'consumer-groups-offsets', command, action: '--describe', row: offsets },
  { name: 'consumer-groups-members', command, action: '--describe --members', row: members },
  { name: 'consumer-groups-state', command, action: '--describe --state', row: state },
  { name: 'consumer-groups-reset-offsets', command, action: '--reset-offsets', row: resetRow },
  { name: 'consumer-groups-delete', command, action: '--delete', row: deleteRow },
  { name: 'consumer-groups-delete-offsets', command, action: '--delete-offsets', row: deleteOffsetsRow },
]
