/** Rows that the commands for groups have in common. */
import { z } from 'zod'
import {
  epoch,
  group,
  groupState,
  groupType,
  host,
  nodeId,
  offset,
  partition,
  port,
  rowError,
  topic,
} from './document-fields.ts'

export const listRow = z.strictObject({ group, type: groupType, state: groupState })

export const stateFields = {
  group,
  type: groupType,
  state: groupState,
  coordinator: nodeId,
  coordinatorHost: host,
  coordinatorPort: port,
  groupEpoch: epoch('Group epoch; null for classic groups'),
  targetAssignmentEpoch: epoch('Epoch of the target assignment; null for classic groups'),
  memberCount: z.int(),
}

export const resetRow = z.strictObject({ group, topic, partition, newOffset: offset('Where the group goes on') })
export const deleteRow = z.strictObject({ group, error: rowError })
export const deleteOffsetsRow = z.strictObject({
  group,
  topic,
  partition: partition.nullable().describe('Null when the topic is not there'),
  error: rowError,
})
