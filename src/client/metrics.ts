import { Traffic } from '../net/traffic.ts'
import type { Cluster } from './cluster.ts'

/** One metric of a client, named as Java's client names it. Nothing to tell of yet is NaN. */
export interface Metric {
  group: string
  name: string
  tags?: Readonly<Record<string, string>> | undefined
  value: number
  /** A value that is no measurement: shown without digits after the point. */
  isWhole?: boolean
}

/** Java tells a coordinator's connection from others to the same broker by this id minus the broker's. */
const COORDINATOR_ID = 0x7fffffff

/** `name-rate` and `name-total`. Rates are per second of the client's whole life, where Java's are those of its last 30 to 60 s. */
export const rateAndTotal = (
  group: string,
  name: string,
  total: number,
  elapsedMs: number,
  tags?: Readonly<Record<string, string>>,
): Metric[] => {
  return [
    { group, tags, name: `${name}-rate`, value: (1000 * total) / elapsedMs },
    { group, tags, name: `${name}-total`, value: total },
  ]
}

const max = (value: number, count: number): number => (count === 0 ? Number.NaN : value)

/** The node a place stands for: `localhost:9092/group`. Addresses that no broker has are those given to begin with. */
const nodeIdOf = (cluster: Cluster, place: string): number => {
  const slash = place.lastIndexOf('/')
  const address = place.slice(0, slash)
  for (const { id, host, port } of cluster.metadata.nodes.values())
    if (`${host}:${port}` === address) return place.slice(slash + 1) === 'group' ? COORDINATOR_ID - id : id
  return -1
}

const traffic = (group: string, of: Traffic, elapsedMs: number, tags?: Readonly<Record<string, string>>): Metric[] => {
  return [
    ...rateAndTotal(group, 'incoming-byte', of.incomingBytes, elapsedMs, tags),
    ...rateAndTotal(group, 'outgoing-byte', of.outgoingBytes, elapsedMs, tags),
    ...rateAndTotal(group, 'request', of.requests, elapsedMs, tags),
    ...rateAndTotal(group, 'response', of.responses, elapsedMs, tags),
    { group, tags, name: 'request-size-avg', value: of.outgoingBytes / of.requests },
    { group, tags, name: 'request-size-max', value: max(of.largestRequestBytes, of.requests) },
  ]
}

/** Average and maximum of the time requests with records took; `name` is `request-latency` or `fetch-latency`. */
export const latency = (
  group: string,
  name: string,
  of: Traffic,
  tags?: Readonly<Record<string, string>>,
): Metric[] => {
  return [
    { group, tags, name: `${name}-avg`, value: of.timedMs / of.timed },
    { group, tags, name: `${name}-max`, value: max(of.slowestMs, of.timed) },
  ]
}

/** All that went over a client's connections. */
export const trafficOf = (cluster: Cluster): Traffic => Traffic.sum(cluster.traffic.values())

/** What every client has: its connections, together and by broker. `kind` is `producer` or `consumer`. */
export const networkMetrics = (cluster: Cluster, kind: string, elapsedMs: number): Metric[] => {
  const group = `${kind}-metrics`
  const all = trafficOf(cluster)
  const byNode = new Map<number, Traffic[]>()
  for (const [place, one] of cluster.traffic) {
    const id = nodeIdOf(cluster, place)
    byNode.set(id, [...(byNode.get(id) ?? []), one])
  }
  return [
    ...traffic(group, all, elapsedMs),
    ...rateAndTotal(group, 'network-io', all.requests + all.responses, elapsedMs),
    ...rateAndTotal(group, 'connection-creation', all.opened, elapsedMs),
    ...rateAndTotal(group, 'connection-close', all.closed, elapsedMs),
    { group, name: 'connection-count', value: all.opened - all.closed },
    ...[...byNode].flatMap(([id, parts]) => {
      const one = Traffic.sum(parts)
      const tags = { 'node-id': `node-${id}` }
      const nodeGroup = `${kind}-node-metrics`
      return [...traffic(nodeGroup, one, elapsedMs, tags), ...latency(nodeGroup, 'request-latency', one, tags)]
    }),
    { group: 'app-info', name: 'start-time-ms', value: Math.round(Date.now() - elapsedMs), isWhole: true },
  ]
}
