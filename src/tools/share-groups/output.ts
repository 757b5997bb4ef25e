import { z } from 'zod'
import {
  clientId,
  type DocumentSpec,
  group,
  lag,
  leaderEpoch,
  memberHost,
  memberId,
  offsetOrNull,
  partition,
  rowError,
  topic,
  topicPartition,
} from '../shared/document-fields.ts'
import { deleteRow, listRow, resetRow, stateFields } from '../shared/group-documents.ts'

const offsets = z.strictObject({
  group,
  topic,
  partition,
  leaderEpoch,
  startOffset: offsetOrNull('Share-partition start offset'),
  lag,
})

const members = z.strictObject({
  group,
  memberId,
  host: memberHost,
  clientId,
  partitionCount: z.int(),
  memberEpoch: z.int(),
  assignment: z.array(topicPartition),
})

const command = 'share-groups'

export const documents: readonly DocumentSpec[] = [
  { name: 'share-groups-list', command, action: '--list', row: listRow },
  { name: 'share-groups-offsets', command, action: '--describe', row: offsets },
  { name: 'share-groups-members', command, action: '--describe --members', row: members },
  { name: 'share-groups-state', command, action: '--describe --state', row: z.strictObject(stateFields) },
  { name: 'share-groups-reset-offsets', command, action: '--reset-offsets', row: resetRow },
  { name: 'share-groups-delete', command, action: '--delete', row: deleteRow },
  {
    name: 'share-groups-delete-offsets',
    command,
    action: '--delete-offsets',
    row: z.strictObject({ group, topic, error: rowError }),
  },
]
