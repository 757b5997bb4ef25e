import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { beginChange, type Change, type InFlight, type Run } from './in-flight.ts'
import { RecordState } from './record-state.ts'

/** What a consumer says of a record; the numbers are the protocol's. */
export const AcknowledgeType = { GAP: 0, ACCEPT: 1, RELEASE: 2, REJECT: 3, RENEW: 4 } as const

/** Consecutive offsets a consumer is done with. */
export interface AcknowledgementBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  /** One type for all, or one for each offset. */
  readonly types: readonly number[]
}

export interface AcknowledgeRules {
  /** share.delivery.count.limit */
  readonly deliveryCountLimit: number
  /** share.renew.acknowledge.enable */
  readonly isRenewEnabled: boolean
  /** When renewed locks end, on the monotonic clock. */
  readonly lockedUntilMs: number
}

const NOT_FOUND = 'Batch record not found. The request batch offsets are not found in the cache.'
const FIRST_TOO_FAR = 'Batch record not found. The first offset in request is past acquired records.'
const LAST_TOO_FAR = 'Batch record not found. The last offset in request is past acquired records.'
const UNDER_WAY = 'The record state is invalid. The acknowledgement of delivery could not be completed.'
const RENEW_DISABLED = 'Renewing acquisition locks is not enabled for the group.'

/**
 * Begins the changes that an acknowledgement makes. What it throws leaves changes begun: the caller takes them back.
 *
 * @throws KafkaError INVALID_RECORD_STATE, INVALID_REQUEST
 */
export function acknowledge(
  inFlight: InFlight,
  batch: AcknowledgementBatch,
  change: Change,
  rules: AcknowledgeRules,
): void {
  // What lies below the start offset is done with, whatever became of it.
  if (batch.lastOffset < inFlight.start) return
  const first = Math.max(batch.firstOffset, inFlight.start)
  checkKnown(inFlight, first, batch.lastOffset)
  for (const { from, to, type } of partsOf(batch, first)) {
    checkOwned(inFlight, from, to, change.memberId, batch.types.length === 1)
    for (const run of inFlight.range(from, to)) apply(run, type, change, rules)
  }
}

function checkKnown(inFlight: InFlight, first: number, last: number): void {
  const floor = inFlight.runs[0]
  if (floor === undefined || floor.first > first) throw invalid(NOT_FOUND)
  const index = inFlight.indexAt(last)
  const run = inFlight.runs[index]
  const newest = run !== undefined && run.first <= last ? run : inFlight.runs[index - 1]
  if (newest === undefined || newest.last < first) throw new KafkaError(ErrorCode.INVALID_REQUEST, FIRST_TOO_FAR)
  if (newest.last < last) throw new KafkaError(ErrorCode.INVALID_REQUEST, LAST_TOO_FAR)
}

/** Runs of offsets with the same type. */
function* partsOf(
  { firstOffset, lastOffset, types }: AcknowledgementBatch,
  first: number,
): Generator<{ from: number; to: number; type: number }> {
  if (types.length === 1) {
    yield { from: first, to: lastOffset, type: types[0]! }
    return
  }
  for (let from = first; from <= lastOffset; ) {
    const type = types[from - firstOffset]!
    let to = from
    while (to < lastOffset && types[to + 1 - firstOffset] === type) to++
    yield { from, to, type }
    from = to + 1
  }
}

/** @throws KafkaError INVALID_RECORD_STATE unless all known offsets are acquired by the member */
function checkOwned(inFlight: InFlight, from: number, to: number, memberId: string, oneType: boolean): void {
  for (let index = inFlight.indexAt(from); index < inFlight.runs.length; index++) {
    const run = inFlight.runs[index]!
    if (run.first > to) return
    const isWhole =
      run.first >= from && run.last <= to && run.first === run.origin.first && run.last === run.origin.last
    const what = isWhole && oneType ? 'batch' : 'offset'
    if (run.before !== undefined) throw invalid(UNDER_WAY)
    if (run.state !== RecordState.ACQUIRED) {
      throw invalid(
        what === 'batch'
          ? 'The batch cannot be acknowledged. The batch is not in the acquired state.'
          : 'The offset cannot be acknowledged. The offset is not acquired.',
      )
    }
    if (run.memberId !== memberId) {
      throw invalid(what === 'batch' ? 'Member is not the owner of batch record' : 'Member is not the owner of offset')
    }
  }
}

function apply(run: Run, type: number, change: Change, rules: AcknowledgeRules): void {
  switch (type) {
    case AcknowledgeType.ACCEPT:
      beginChange(run, RecordState.ACKNOWLEDGED, change)
      return
    case AcknowledgeType.RELEASE:
      beginChange(run, releasedState(run, rules.deliveryCountLimit), change)
      return
    case AcknowledgeType.REJECT:
    case AcknowledgeType.GAP:
      beginChange(run, RecordState.ARCHIVED, change)
      return
    case AcknowledgeType.RENEW:
      if (!rules.isRenewEnabled) throw invalid(RENEW_DISABLED)
      run.lockedUntilMs = rules.lockedUntilMs
      return
    default:
      throw new KafkaError(ErrorCode.INVALID_REQUEST, `Invalid acknowledge type: ${type}`)
  }
}

/** What records become that nobody holds any more: available again, unless they were delivered often enough. */
export function releasedState({ deliveryCount }: Run, deliveryCountLimit: number): RecordState {
  return deliveryCount >= deliveryCountLimit ? RecordState.ARCHIVED : RecordState.AVAILABLE
}

function invalid(message: string): KafkaError {
  return new KafkaError(ErrorCode.INVALID_RECORD_STATE, message)
}
