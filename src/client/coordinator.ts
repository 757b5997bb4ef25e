import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../protocol/generated/10-find-coordinator.ts'
import type { Cluster } from './cluster.ts'
import { failed, ok } from './retry.ts'
import type { Result } from './types.ts'

export type CoordinatorType = 'group' | 'transaction'

const TYPE_ID: Record<CoordinatorType, number> = { group: 0, transaction: 1 }
/** From this version on one request asks for many keys (KIP-699). */
const BATCHED_SINCE = 4
/** Version 6 is for share coordinators only. */
const CAP = 5

const cacheKey = (type: CoordinatorType, key: string): string => `${type}:${key}`

/**
 * The broker that coordinates each group or transactional id, from the cache or asked for.
 *
 * @returns per key the broker's id, or a KafkaError (COORDINATOR_NOT_AVAILABLE while the broker can't say)
 * @throws ClientError when no broker can be asked
 */
export async function findCoordinators(
  cluster: Cluster,
  type: CoordinatorType,
  keys: readonly string[],
): Promise<Map<string, Result<number>>> {
  const found = new Map<string, Result<number>>()
  const unknown = keys.filter((key) => {
    const nodeId = cluster.knownCoordinator(cacheKey(type, key))
    if (nodeId !== undefined) found.set(key, ok(nodeId))
    return nodeId === undefined
  })
  if (unknown.length === 0) return found
  const connection = await cluster.connectAny()
  const version = connection.versions.pick(FindCoordinatorRequest, CAP)
  const batches = version >= BATCHED_SINCE ? [unknown] : unknown.map((key) => [key])
  const answers = await Promise.all(
    batches.map(async (batch) => {
      const keyType = version >= 1 ? { keyType: TYPE_ID[type] } : {}
      const message =
        version >= BATCHED_SINCE ? { ...keyType, coordinatorKeys: batch } : { ...keyType, key: batch[0] ?? '' }
      const answer = await connection.send(FindCoordinatorRequest, FindCoordinatorResponse, message, { version })
      return version >= BATCHED_SINCE ? answer.coordinators : [{ ...answer, key: batch[0] ?? '' }]
    }),
  )
  for (const { key, nodeId, host, port, errorCode, errorMessage } of answers.flat()) {
    if (errorCode !== ErrorCode.NONE) {
      found.set(key, failed(new KafkaError(errorCode, errorMessage)))
      continue
    }
    cluster.learnNode({ id: nodeId, host, port, rack: null })
    cluster.setCoordinator(cacheKey(type, key), nodeId)
    found.set(key, ok(nodeId))
  }
  return found
}

/** Makes the next findCoordinators ask again. */
export function forgetCoordinator(cluster: Cluster, type: CoordinatorType, key: string): void {
  cluster.setCoordinator(cacheKey(type, key), undefined)
}

/** Whether an error means that the coordinator has to be looked up again. */
export function isCoordinatorLost(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return false
  return error.code === ErrorCode.NOT_COORDINATOR || error.code === ErrorCode.COORDINATOR_NOT_AVAILABLE
}

/**
 * Runs `ask` once per coordinator with the keys that live there and gathers the Results; a key whose coordinator can't be
 * found or reached, or that has moved away, has a failed Result and is looked up anew next time.
 */
export async function perCoordinator<V>(
  cluster: Cluster,
  type: CoordinatorType,
  keys: readonly string[],
  ask: (nodeId: number, keys: string[]) => Promise<Map<string, Result<V>>>,
): Promise<Map<string, Result<V>>> {
  const coordinators = await findCoordinators(cluster, type, keys)
  const results = new Map<string, Result<V>>()
  const byNode = new Map<number, string[]>()
  for (const [key, coordinator] of coordinators) {
    if (!coordinator.ok) results.set(key, coordinator)
    else byNode.set(coordinator.value, [...(byNode.get(coordinator.value) ?? []), key])
  }
  await Promise.all(
    [...byNode].map(async ([nodeId, nodeKeys]) => {
      const answers = await ask(nodeId, nodeKeys).catch((error: unknown) => {
        return new Map(nodeKeys.map((key) => [key, failed(error) as Result<V>]))
      })
      for (const [key, answer] of answers) {
        results.set(key, answer)
        if (answer.ok) continue
        if (isCoordinatorLost(answer.error) || !(answer.error instanceof KafkaError))
          forgetCoordinator(cluster, type, key)
      }
    }),
  )
  return results
}
