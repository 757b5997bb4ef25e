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
  offset,
  offsetOrNull,
  partition,
  topic,
} from '../shared/document-fields.ts'
import { deleteOffsetsRow, deleteRow, listRow, resetRow, stateFields } from '../shared/group-documents.ts'

const offsets = z.strictObject({
  group,
  topic,
  partition,
  currentOffset: offsetOrNull('The committed offset'),
  leaderEpoch,
  logEndOffset: offset('Where the log ends'),
  lag,
})

const tasks = z.array(z.strictObject({ subtopologyId: z.string(), partitions: z.array(partition) }))
const assignment = z.strictObject({ active: tasks, standby: tasks, warmup: tasks })

const members = z.strictObject({
  group,
  memberId,
  host: memberHost,
  clientId,
  processId: z.string(),
  memberEpoch: z.int(),
  topologyEpoch: epoch('Epoch of the topology'),
  targetAssignmentEpoch: epoch('Epoch of the target assignment'),
  isClassic: z.boolean(),
  assignment,
  targetAssignment: assignment,
})

const command = 'streams-groups'

export const documents: readonly DocumentSpec[] = [
  { name: 'streams-groups-list', command, action: '--list', row: listRow },
  { name: 'streams-groups-offsets', command, action: '--describe', row: offsets },
  { name: 'streams-groups-members', command, action: '--describe --members', row: members },
  { name: 'streams-groups-state', command, action: '--describe --state', row: z.strictObject(stateFields) },
  { name: 'streams-groups-reset-offsets', command, action: '--reset-offsets', row: resetRow },
  { name: 'streams-groups-delete', command, action: '--delete', row: deleteRow },
  { name: 'streams-groups-delete-offsets', command, action: '--delete-offsets', row: deleteOffsetsRow },
]
