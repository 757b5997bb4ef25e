import type { TopicPartition } from '../../client/types.ts'

/** Java's String.hashCode. */
export const stringHash = (text: string): number => {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0
  return hash
}

/** Kafka's TopicPartition.hashCode. */
export const partitionHash = ({ topic, partition }: TopicPartition): number =>
  (Math.imul(31, 31 + partition) + stringHash(topic)) | 0

const MIN_CAPACITY = 16
const LOAD_FACTOR = 0.75

/**
 * Items in the order in which Java's HashMap and HashSet hand them out: Kafka's scripts print some lists so, and it is the same in
 * every run.
 * @param items in the order they were put in, no two alike
 */
export const hashOrder = <T>(items: readonly T[], hash: (item: T) => number): T[] => {
  let capacity = MIN_CAPACITY
  while (items.length > capacity * LOAD_FACTOR) capacity *= 2
  const place = (item: T): number => {
    const code = hash(item)
    return ((code ^ (code >>> 16)) >>> 0) & (capacity - 1)
  }
  return items
    .map((item) => [place(item), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}
