import type { Connection } from '../net/connection.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import type { Cluster } from './cluster.ts'
import { type Budget, withRetries } from './retry.ts'
import type { Result } from './types.ts'

/** Clusters whose brokers don't forward requests to the controller: the request has to go to it directly. */
const needsController = new WeakSet<Cluster>()

/**
 * The connection for requests that the controller handles. KRaft brokers forward them, so any will do and nothing needs to
 * be looked up first; once one answers NOT_CONTROLLER the real one is asked.
 */
export async function connectController(cluster: Cluster): Promise<Connection> {
  if (!needsController.has(cluster)) return cluster.connectAny(true)
  await cluster.refresh([])
  return cluster.connectNode(cluster.metadata.controllerId)
}

/** Notes NOT_CONTROLLER among Results, which it returns as they are. */
export function noteController<K, V>(cluster: Cluster, results: Map<K, Result<V>>): Map<K, Result<V>> {
  for (const result of results.values()) {
    if (!result.ok && result.error instanceof KafkaError && result.error.code === ErrorCode.NOT_CONTROLLER) {
      needsController.add(cluster)
    }
  }
  return results
}

/**
 * Runs one call against the controller, or a broker that forwards to it, with retries.
 *
 * @param attempt throws the KafkaError of the answer
 */
export async function askController<T>(
  cluster: Cluster,
  call: string,
  attempt: (connection: Connection, budget: Budget) => Promise<T>,
): Promise<T> {
  return withRetries(cluster, call, async (budget) => {
    const connection = await connectController(cluster)
    try {
      return await attempt(connection, budget)
    } catch (error) {
      if (error instanceof KafkaError && error.code === ErrorCode.NOT_CONTROLLER) needsController.add(cluster)
      throw error
    }
  })
}
