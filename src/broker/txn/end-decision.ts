import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { EPOCH_BUMP_VERSION, MAX_EPOCH, NO_PRODUCER_ID, type Producer, type Transaction } from './transaction.ts'

/** A request to end a transaction. */
export interface EndRequest extends Producer {
  readonly committed: boolean
  /** transaction.version of who asks: 2 from EndTxn v5 on. */
  readonly transactionVersion: number
  /** False for the coordinator itself, which fences a producer or ends a transaction whose time is up. */
  readonly isFromClient: boolean
}

/** What is to be done about it. */
export type EndDecision =
  /** The transaction has ended that way before: the client didn't get the answer. */
  | { readonly kind: 'repeated' }
  /** Markers are to be written and this state into the log. */
  | { readonly kind: 'end'; readonly state: 'PrepareCommit' | 'PrepareAbort'; readonly isFence: boolean }

const refuse = (code: number): never => {
  throw new KafkaError(code)
}

/**
 * Decides about EndTxn. In transactions v1 the epoch stays the same over many transactions, so a repeated request is told by the
 * state alone. In v2 every end takes a new epoch: the epoch says which transaction is meant (KIP-890), and one that comes late can't
 * end the next transaction (KAFKA-17754).
 *
 * @throws KafkaError with the code to answer
 */
export function decideEnd(transaction: Transaction, request: EndRequest): EndDecision {
  return request.transactionVersion >= EPOCH_BUMP_VERSION
    ? decideV2(transaction, request)
    : decideV1(transaction, request)
}

function ended(transaction: Transaction, request: EndRequest): EndDecision {
  const isFence = !request.committed && transaction.pending === 'PrepareEpochFence'
  return { kind: 'end', state: request.committed ? 'PrepareCommit' : 'PrepareAbort', isFence }
}

function decideV1(transaction: Transaction, request: EndRequest): EndDecision {
  const { producerId, producerEpoch, state } = transaction.values
  const { committed } = request
  if (producerId !== request.producerId) refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  const isOther = request.isFromClient && request.producerEpoch !== producerEpoch
  if (isOther || request.producerEpoch < producerEpoch) refuse(ErrorCode.PRODUCER_FENCED)
  if (transaction.isBusy && transaction.pending !== 'PrepareEpochFence') refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  switch (state) {
    case 'Ongoing':
      return ended(transaction, request)
    case committed ? 'CompleteCommit' : 'CompleteAbort':
      return { kind: 'repeated' }
    case committed ? 'PrepareCommit' : 'PrepareAbort':
      return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
    default:
      return refuse(ErrorCode.INVALID_TXN_STATE)
  }
}

function decideV2(transaction: Transaction, request: EndRequest): EndDecision {
  const { producerId, previousProducerId, producerEpoch, state } = transaction.values
  const { committed } = request
  const isFence = transaction.pending === 'PrepareEpochFence'
  if (transaction.isBusy && !isFence) refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  // The epoch overflowed into a new producer id with the transaction that is asked about.
  const isOverflowRetry =
    !isFence &&
    previousProducerId === request.producerId &&
    request.producerEpoch === MAX_EPOCH - 1 &&
    producerEpoch === 0
  const isRetry = isOverflowRetry || (!isFence && producerEpoch === request.producerEpoch + 1)
  if (producerId !== request.producerId && !isOverflowRetry) refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  if (!isValidEpoch(transaction, request, isFence, isRetry)) refuse(ErrorCode.PRODUCER_FENCED)
  switch (state) {
    case 'Ongoing':
      return ended(transaction, request)
    case 'PrepareCommit':
    case 'PrepareAbort':
      return refuse(
        committed === (state === 'PrepareCommit') ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE,
      )
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (isRetry && committed === (state === 'CompleteCommit')) return { kind: 'repeated' }
      if (isRetry || committed) refuse(ErrorCode.INVALID_TXN_STATE)
      return ended(transaction, request)
    default:
      // Empty. Aborting nothing is allowed: the producer can't know whether the coordinator saw its partitions.
      if (committed) refuse(ErrorCode.INVALID_TXN_STATE)
      return ended(transaction, request)
  }
}

function isValidEpoch(transaction: Transaction, request: EndRequest, isFence: boolean, isRetry: boolean): boolean {
  const { producerEpoch, state } = transaction.values
  if (isFence)
    return request.isFromClient ? request.producerEpoch === producerEpoch : request.producerEpoch >= producerEpoch
  switch (state) {
    case 'PrepareCommit':
    case 'PrepareAbort':
      return producerEpoch === request.producerEpoch + 1
    case 'CompleteCommit':
    case 'CompleteAbort':
      return isRetry || producerEpoch === request.producerEpoch
    default:
      return producerEpoch === request.producerEpoch
  }
}

/** True when the end needs a new producer id: the epochs of the present one are used up. */
export function needsProducerId(transaction: Transaction, request: EndRequest, decision: EndDecision): boolean {
  return decision.kind === 'end' && request.transactionVersion >= EPOCH_BUMP_VERSION && transaction.isEpochExhausted
}

/** Makes the decided transition. A fence of transactions v2 needs no epoch of its own: the end takes the next one anyway. */
export function prepareEnd(
  transaction: Transaction,
  request: EndRequest,
  decision: EndDecision & { kind: 'end' },
  nextProducerId: number | undefined,
  nowMs: number,
) {
  if (decision.isFence && request.transactionVersion >= EPOCH_BUMP_VERSION) transaction.cancel()
  else if (decision.isFence) transaction.applyFence(request.producerEpoch)
  const nextId = needsProducerId(transaction, request, decision) ? nextProducerId : undefined
  return transaction.prepareEnd(decision.state, request.transactionVersion, nextId ?? NO_PRODUCER_ID, nowMs)
}
