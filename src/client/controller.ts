import type { Connection } from '../net/connection.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import type { Cluster } from './cluster.ts'
import type { Result } from './types.ts'

/** Clusters whose brokers don't forward requests to the controller: the request has to go to it directly. */
const needsController = new WeakSet<Cluster>()

/**
 * The connection for requests that the controller handles. KRaft brokers forward them, so any will do and nothing needs to
 * be looked up first; once one answers NOT_CONTROLLER the real one is asked.
 */
export async function connectController(cluster: Cluster): Promise<Connection> {
  if (!needsController.has(cluster)) return cluster.connectAny()
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
