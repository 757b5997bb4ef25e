/** Batches remembered per producer, to recognise repeated ones. */
const BATCHES_TO_RETAIN = 5
const MAX_SEQUENCE = 2 ** 31 - 1

export interface BatchMetadata {
  lastSequence: number
  lastOffset: number
  offsetDelta: number
  timestamp: number
}

/** What the log knows of a producer. Entries are never changed in place: an append makes a new one. */
export interface ProducerStateEntry {
  readonly producerId: number
  /** -1 when unknown */
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  /** Largest timestamp of the last batch, or the time of the last marker. */
  readonly lastTimestamp: number
  /** First offset of the transaction under way, -1 if none. */
  readonly currentTxnFirstOffset: number
  /** Oldest first. */
  readonly batches: readonly BatchMetadata[]
}

export function emptyProducerEntry(producerId: number): ProducerStateEntry {
  return {
    producerId,
    producerEpoch: -1,
    coordinatorEpoch: -1,
    lastTimestamp: -1,
    currentTxnFirstOffset: -1,
    batches: [],
  }
}

/** `sequence + increment` in the ring of non-negative 32-bit integers. */
export function incrementSequence(sequence: number, increment: number): number {
  return sequence > MAX_SEQUENCE - increment ? increment - (MAX_SEQUENCE - sequence) - 1 : sequence + increment
}

/** `sequence - decrement` in the same ring. */
export function decrementSequence(sequence: number, decrement: number): number {
  return sequence < decrement ? MAX_SEQUENCE - (decrement - sequence) + 1 : sequence - decrement
}

export const firstSequence = (batch: BatchMetadata): number => decrementSequence(batch.lastSequence, batch.offsetDelta)
export const firstOffset = (batch: BatchMetadata): number => batch.lastOffset - batch.offsetDelta

/** Sequence number of the last batch, -1 when none is known. */
export const lastSequenceOf = (entry: ProducerStateEntry): number => entry.batches.at(-1)?.lastSequence ?? -1

/** Whether `next` follows `last`, also across the wrap at 2^31 - 1. */
export const isInSequence = (last: number, next: number): boolean =>
  next === last + 1 || (next === 0 && last === MAX_SEQUENCE)

/** The entry after one more batch; a new epoch forgets the batches of the old one. */
export function withBatch(entry: ProducerStateEntry, producerEpoch: number, batch: BatchMetadata): ProducerStateEntry {
  const kept = producerEpoch === entry.producerEpoch ? entry.batches : []
  const batches = kept.length < BATCHES_TO_RETAIN ? [...kept, batch] : [...kept.slice(1), batch]
  return { ...entry, producerEpoch, batches, lastTimestamp: batch.timestamp }
}

/** The remembered batch with these very sequence numbers, if this is a repetition. */
export function findDuplicate(
  entry: ProducerStateEntry,
  producerEpoch: number,
  baseSequence: number,
  lastSequence: number,
): BatchMetadata | undefined {
  if (producerEpoch !== entry.producerEpoch) return undefined
  return entry.batches.find((batch) => batch.lastSequence === lastSequence && firstSequence(batch) === baseSequence)
}
