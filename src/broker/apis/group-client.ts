import type { RequestContext } from '../define-api.ts'
import type { GroupClient } from '../group/group-context.ts'
import type { BrokerServices } from '../services.ts'

/** The sender of a request as a group knows its members. */
export function groupClient({ clientId, connection, version }: RequestContext): GroupClient {
  return { clientId, clientHost: `/${connection.remoteAddress}`, version }
}

/** True when the cluster's features and the broker's configs allow groups of the streams protocol (KIP-1071). */
export function streamsProtocolIsOn({ metadata, config }: BrokerServices): boolean {
  return (
    (metadata.features.get('streams.version') ?? 0) >= 1 &&
    config.list('group.coordinator.rebalance.protocols').includes('streams')
  )
}

/** True when the cluster's features and the broker's configs allow groups of the consumer protocol (KIP-848). */
export function consumerProtocolIsOn({ metadata, config }: BrokerServices): boolean {
  return (
    (metadata.features.get('group.version') ?? 0) >= 1 &&
    config.list('group.coordinator.rebalance.protocols').includes('consumer')
  )
}
