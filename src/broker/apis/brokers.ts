import type { BrokerServices } from '../services.ts'

/** A broker as clients of one listener see it. */
export interface BrokerEndpoint {
  nodeId: number
  host: string
  port: number
  rack: string | null
  fenced: boolean
}

/** All registered brokers that have the listener a request came in by. */
export function brokersFor(services: BrokerServices, listenerName: string): BrokerEndpoint[] {
  const out: BrokerEndpoint[] = []
  for (const [nodeId, { registration, fenced }] of services.metadata.brokers) {
    // This node's own address can change with every start; the registration in the log may be of the last one.
    const own = nodeId === services.nodeId ? services.advertisedListener(listenerName) : undefined
    const endpoint = own ?? registration.endPoints.find((candidate) => candidate.name === listenerName)
    if (endpoint) out.push({ nodeId, host: endpoint.host, port: endpoint.port, rack: registration.rack, fenced })
  }
  return out
}
