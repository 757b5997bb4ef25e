import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { MetadataImage } from './metadata-image.ts'

const invalidAssignment = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)

/** No broker takes new partitions (KIP-1066). */
export const allCordoned = (what = ''): KafkaError =>
  new KafkaError(
    ErrorCode.INVALID_REPLICATION_FACTOR,
    `${what}All brokers are currently fenced, or have all their log directories cordoned.`,
  )

/**
 * Chooses the replicas of new partitions: the brokers in turn, starting at a different one for each partition.
 * Throws INVALID_REPLICATION_FACTOR when there are too few.
 */
export function placeReplicas(
  image: MetadataImage,
  firstPartition: number,
  count: number,
  replicationFactor: number,
): number[][] {
  const brokers = [...image.brokers.values()]
    .filter((broker) => !broker.fenced)
    .map((broker) => broker.registration.brokerId)
  if (replicationFactor > brokers.length) {
    throw new KafkaError(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ${replicationFactor} cannot be reached ` +
        `because only ${brokers.length} broker(s) are registered or some brokers have all their log directories cordoned.`,
    )
  }
  brokers.sort((a, b) => a - b)
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: replicationFactor }, (_, r) => brokers[(firstPartition + i + r) % brokers.length] as number),
  )
}

/** Checks one partition's replicas as a user wrote them; `expectedFactor` is that of the partitions before it. */
export function checkManualAssignment(
  image: MetadataImage,
  replicas: readonly number[],
  expectedFactor: number | undefined,
): void {
  if (replicas.length === 0) throw invalidAssignment('The manual partition assignment includes an empty replica list.')
  const seen = new Set<number>()
  for (const broker of [...replicas].sort((a, b) => a - b)) {
    if (!image.brokers.has(broker)) {
      throw invalidAssignment(
        `The manual partition assignment includes broker ${broker}, but no such broker is registered.`,
      )
    }
    if (seen.has(broker))
      throw invalidAssignment(`The manual partition assignment includes the broker ${broker} more than once.`)
    seen.add(broker)
  }
  if (expectedFactor !== undefined && replicas.length !== expectedFactor) {
    throw invalidAssignment(
      `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not consistent with ` +
        `previous partitions, which have ${expectedFactor} replica(s).`,
    )
  }
}
