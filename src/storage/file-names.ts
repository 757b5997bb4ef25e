import { randomBytes } from 'node:crypto'

export const LOG_SUFFIX = '.log'
export const INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
export const TXN_INDEX_SUFFIX = '.txnindex'
export const SNAPSHOT_SUFFIX = '.snapshot'
export const DELETED_SUFFIX = '.deleted'
export const CLEANED_SUFFIX = '.cleaned'
export const SWAP_SUFFIX = '.swap'
/** Suffix of a partition's directory that waits for removal. */
export const DELETE_DIR_SUFFIX = '-delete'

/** Suffix of a partition's directory that is to replace the one in another log directory. */
const FUTURE_DIR_SUFFIX = '-future'

/** The longest a directory name may be, as Kafka limits it. */
export const MAX_DIR_NAME = 255

export interface TopicPartition {
  topic: string
  partition: number
}

/** `00000000000000000042.log`: 20 digits and the suffix. */
export function segmentFileName(baseOffset: number, suffix: string): string {
  return `${String(baseOffset).padStart(20, '0')}${suffix}`
}

/** The offset at the head of a file name like `00000000000000000042.index.swap`, or undefined for other files. */
export function offsetOfFileName(name: string): number | undefined {
  const digits = /^(\d{1,20})\./.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** `topic-0` */
export function partitionDirName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** `topic-0.<32 hex digits>-delete`, the topic cut so that the name stays within 255 characters. */
export function deleteDirName(topicPartition: TopicPartition): string {
  const suffix = `-${topicPartition.partition}.${randomBytes(16).toString('hex')}${DELETE_DIR_SUFFIX}`
  return topicPartition.topic.slice(0, MAX_DIR_NAME - suffix.length) + suffix
}

/** `topic-0.<32 hex digits>-stray`: a log that belongs to no known topic, kept for whoever may want it. */
export function strayDirName(topicPartition: TopicPartition): string {
  return deleteDirName(topicPartition).replace(/-delete$/, '-stray')
}

/** `topic-0.<32 hex digits>-future`: a log that is being copied from another log directory. Longer than 255 for an overlong topic. */
export function futureDirName(topicPartition: TopicPartition): string {
  return `${partitionDirName(topicPartition)}.${randomBytes(16).toString('hex')}${FUTURE_DIR_SUFFIX}`
}

/** The partition that a directory `…-future` is a copy of, or undefined for another directory. */
export function futureOfDirName(name: string): TopicPartition | undefined {
  const found = /^([a-zA-Z0-9._-]+)-(\d+)\.[0-9a-f]{32}-future$/.exec(name)
  return found ? { topic: found[1]!, partition: Number(found[2]) } : undefined
}

/** The partition a directory belongs to (also one that waits for deletion), or undefined for another directory. */
export function partitionOfDirName(name: string): (TopicPartition & { isDelete: boolean }) | undefined {
  const isDelete = name.endsWith(DELETE_DIR_SUFFIX) && /\.[0-9a-f]{32}-delete$/.test(name)
  const plain = isDelete ? name.slice(0, name.lastIndexOf('.')) : name
  const found = /^([a-zA-Z0-9._-]+)-(\d+)$/.exec(plain)
  if (!found) return undefined
  return { topic: found[1]!, partition: Number(found[2]), isDelete }
}
