/** Too few brokers for the replicas wanted. */
export class ReplicationFactorError extends Error {
  override name = 'ReplicationFactorError'
  readonly exceptionClass = 'org.apache.kafka.common.errors.InvalidReplicationFactorException'
}

/** A broker that may get replicas. */
export interface UsableBroker {
  id: number
  rack: string | null
}

const shuffled = <T>(items: readonly T[], random: () => number): T[] => {
  const list = [...items]
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
  return list
}

/** Brokers so that neighbours are on different racks where that is possible. */
const striped = (brokers: readonly UsableBroker[], random: () => number): UsableBroker[] => {
  const racks = new Map<string | null, UsableBroker[]>()
  for (const broker of shuffled(brokers, random)) racks.set(broker.rack, [...(racks.get(broker.rack) ?? []), broker])
  const lists = shuffled([...racks.values()], random)
  const result: UsableBroker[] = []
  for (let i = 0; result.length < brokers.length; i++) {
    for (const list of lists) if (list[i] !== undefined) result.push(list[i]!)
  }
  return result
}

/**
 * Spreads replicas over brokers as Kafka's StripedReplicaPlacer means to: leaders go round, followers go on from there with another
 * distance in every round, and a rack is used a second time only when all have been used.
 * @returns broker ids by partition
 * @throws ReplicationFactorError
 */
export const placeReplicas = (
  brokers: readonly UsableBroker[],
  partitionCount: number,
  replicationFactor: number,
  random: () => number = Math.random,
): number[][] => {
  if (replicationFactor <= 0) {
    const text = `Invalid replication factor ${replicationFactor}: the replication factor must be positive.`
    throw new ReplicationFactorError(text)
  }
  if (brokers.length === 0)
    throw new ReplicationFactorError('All brokers are currently fenced, or have all their log directories cordoned.')
  if (replicationFactor > brokers.length) {
    const text = `The target replication factor of ${replicationFactor} cannot be reached because only ${brokers.length} broker(s) are registered.`
    throw new ReplicationFactorError(text)
  }
  const ring = striped(brokers, random)
  const rackCount = new Set(ring.map(({ rack }) => rack)).size
  return Array.from({ length: partitionCount }, (_, partition) => {
    const round = Math.floor(partition / ring.length)
    const chosen = [ring[partition % ring.length]!]
    for (let step = 1; chosen.length < replicationFactor; step++) {
      const at = (partition + 1 + ((step - 1 + round) % Math.max(1, ring.length - 1))) % ring.length
      const candidate = ring[at]!
      const used = new Set(chosen.map(({ rack }) => rack))
      // After a whole turn any broker that is left will do.
      const isNewRack = !used.has(candidate.rack) || used.size >= rackCount || step >= ring.length
      if (!chosen.includes(candidate) && isNewRack) chosen.push(candidate)
    }
    return chosen.map(({ id }) => id)
  })
}
