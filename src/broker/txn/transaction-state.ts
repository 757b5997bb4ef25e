/** The states of a transactional id, by the number that stands in the log (Kafka's TransactionState). */
const STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const

export type TransactionState = (typeof STATES)[number]

/** The states from which each state may be reached. Empty and the Complete ones reach PrepareAbort in transactions v2 only. */
const PREVIOUS: { readonly [state in TransactionState]: readonly TransactionState[] } = {
  Empty: ['Empty', 'CompleteCommit', 'CompleteAbort'],
  Ongoing: ['Ongoing', 'Empty', 'CompleteCommit', 'CompleteAbort'],
  PrepareCommit: ['Ongoing'],
  PrepareAbort: ['Ongoing', 'PrepareEpochFence', 'Empty', 'CompleteCommit', 'CompleteAbort'],
  CompleteCommit: ['PrepareCommit'],
  CompleteAbort: ['PrepareAbort'],
  Dead: ['Empty', 'CompleteCommit', 'CompleteAbort'],
  PrepareEpochFence: ['Ongoing'],
}

/** @returns the number of a state in the log */
export const stateId = (state: TransactionState): number => STATES.indexOf(state)

/** @returns the state with a number of the log; undefined for numbers unknown here */
export const stateOfId = (id: number): TransactionState | undefined => STATES[id]

/** @returns the state of that name, which is case-sensitive as Kafka's; undefined when there is none */
export const stateOfName = (name: string): TransactionState | undefined => STATES.find((state) => state === name)

export const canFollow = (from: TransactionState, to: TransactionState): boolean => PREVIOUS[to].includes(from)

/** A transaction that was decided and whose markers are being written. */
export const isPrepared = (state: TransactionState): boolean => state === 'PrepareCommit' || state === 'PrepareAbort'

/** No transaction is open or being ended: the id may get a new epoch, or expire. */
export const isIdle = (state: TransactionState): boolean =>
  state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort'
