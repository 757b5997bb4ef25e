import type { ReplicaData } from '../../client/replica-types.ts'
import type { BatchHeader } from '../../protocol/records/batch-header.ts'
import { batchAt } from '../../protocol/records/batch-reader.ts'

/** What comparing the replicas of a partition found. */
export interface Comparison {
  /** Up to where all replicas are alike. */
  nextOffset: number
  /** The highest of the high watermarks; -1 without a replica. */
  highWatermark: number
  /** What differs, without time and partition. */
  differences: string[]
  /** Offsets differ, so that there is no sense in going on. */
  isFatal: boolean
}

/** Batches of a buffer one after the other. */
class BatchIterator {
  readonly #buffer: Buffer
  #position = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  next(): BatchHeader | undefined {
    const header = batchAt(this.#buffer, this.#position)
    if (header !== undefined) this.#position += header.sizeBytes
    return header
  }
}

const lastOffset = (header: BatchHeader): number => header.baseOffset + header.lastOffsetDelta

/**
 * Compares batch by batch what replicas of a partition hold below their high watermarks, as far as all of them have it.
 * @param replicas by broker id
 */
export const compareReplicas = (replicas: ReadonlyMap<number, ReplicaData>, fromOffset: number): Comparison => {
  const result: Comparison = {
    nextOffset: fromOffset,
    highWatermark: Math.max(-1, ...[...replicas.values()].map(({ highWatermark }) => highWatermark)),
    differences: [],
    isFatal: false,
  }
  const iterators = [...replicas].map(([id, data]) => ({ id, data, batches: new BatchIterator(data.records) }))
  while (iterators.length > 0) {
    let first: { id: number; header: BatchHeader } | undefined
    for (const { id, data, batches } of iterators) {
      const header = batches.next()
      if (header === undefined || lastOffset(header) >= data.highWatermark) return result
      if (first === undefined) {
        first = { id, header }
        continue
      }
      const [expected, found] = [lastOffset(first.header), lastOffset(header)]
      if (expected !== found) {
        result.differences.push(
          `: replica ${first.id}'s offset ${expected} doesn't match replica ${id}'s offset ${found}`,
        )
        return { ...result, isFatal: true }
      }
      if (first.header.crc !== header.crc) {
        result.differences.push(
          ` has unmatched checksum at offset ${found}; replica ${first.id}'s checksum ${first.header.crc}; replica ${id}'s checksum ${header.crc}`,
        )
      }
    }
    if (first !== undefined) result.nextOffset = lastOffset(first.header) + 1
  }
  return result
}
