/** What a record in flight is to a share group; the numbers are those of the records of __share_group_state. */
export const RecordState = { AVAILABLE: 0, ACQUIRED: 1, ACKNOWLEDGED: 2, ARCHIVED: 4 } as const
export type RecordState = (typeof RecordState)[keyof typeof RecordState]

/** True when the record will not be delivered again. */
export function isTerminal(state: number): boolean {
  return state === RecordState.ACKNOWLEDGED || state === RecordState.ARCHIVED
}
