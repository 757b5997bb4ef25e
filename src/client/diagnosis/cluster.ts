import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/generated/03-metadata.ts'
import type { Address, SecuritySettings } from '../settings.ts'
import { isBareName, isLoopback, type Lookup, resolveHost } from './dns.ts'
import { HopFailure, type Passed } from './hop.ts'
import { openConnection } from './sasl.ts'
import { reachPort } from './tcp.ts'

/** What a broker says of its cluster. */
export interface ClusterView {
  clusterId: string | null
  brokers: { id: number; host: string; port: number }[]
}

const askCluster = async (connection: Connection): Promise<ClusterView & { controllerId: number }> => {
  const version = connection.versions.pick(MetadataRequest)
  const message = { topics: [], ...(version >= 4 ? { allowAutoTopicCreation: false } : {}) }
  const answer = await connection.send(MetadataRequest, MetadataResponse, message, { version })
  if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode)
  return {
    clusterId: answer.clusterId,
    controllerId: answer.controllerId,
    brokers: answer.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })),
  }
}

/** Metadata: which brokers the cluster has, and where they say they are. */
export const describeCluster = async (connection: Connection): Promise<Passed<ClusterView>> => {
  const view = await askCluster(connection)
  const { clusterId, brokers } = view
  if (brokers.length === 0) {
    throw new HopFailure(
      'the broker knows no brokers, itself included',
      'It is just starting, or fenced.',
      'Try again; see its log.',
    )
  }
  const count = brokers.length === 1 ? '1 broker' : `${brokers.length} brokers`
  return {
    detail: `cluster ${clusterId}, ${count}: ${brokers.map(({ id, host, port }) => `${id} at ${host}:${port}`).join(', ')}`,
    value: view,
  }
}

const at = ({ host, port }: Address): string => `${host}:${port}`

/** Words for an address that only the broker's own machine or network can use. */
const advertisedFault = (id: number, broker: Address, bootstrap: Address, reason: string): HopFailure => {
  const listener = `advertised.listeners of broker ${id}`
  if (isLoopback(broker.host) && !isLoopback(bootstrap.host)) {
    return new HopFailure(
      `broker ${id} tells clients to connect to ${at(broker)}, which is this machine, not the broker's (${reason})`,
      `${listener} names localhost, which is right for clients on its own machine only.`,
      `Set advertised.listeners to an address that clients have, e.g. ${bootstrap.host}:${broker.port}; a broker may have one listener for each network.`,
    )
  }
  if (isBareName(broker.host) && broker.host !== bootstrap.host) {
    return new HopFailure(
      `broker ${id} tells clients to connect to ${at(broker)}, which can't be reached from here (${reason})`,
      `${broker.host} looks like the name of a container: ${listener} is right for clients in its network only.`,
      `Add a listener for clients outside, advertised as ${at(bootstrap)}, to listeners and advertised.listeners of the broker.`,
    )
  }
  return new HopFailure(
    `broker ${id} tells clients to connect to ${at(broker)}, which can't be reached from here (${reason})`,
    `${listener} does not fit this network, or a firewall is in between, or the broker has just gone.`,
    `Open ${at(broker)} for this machine, or set advertised.listeners to an address it can reach.`,
  )
}

export interface AdvertisedCheck {
  broker: Address & { id: number }
  /** Where the cluster was entered. */
  bootstrap: Address
  clusterId: string | null
  security: SecuritySettings
  find: Lookup
  timeoutMs: number
}

/** Advertised listeners: whether a broker is where it says, and of the same cluster. */
export const checkAdvertised = async (check: AdvertisedCheck): Promise<Passed<undefined>> => {
  const { broker, bootstrap, clusterId, security, find, timeoutMs } = check
  const address = { host: broker.host, port: broker.port }
  try {
    const { value: addresses } = await resolveHost(broker.host, timeoutMs, find)
    await reachPort(addresses, broker.port, timeoutMs)
  } catch (error) {
    throw advertisedFault(broker.id, address, bootstrap, (error as Error).message)
  }
  if (isLoopback(broker.host) && !isLoopback(bootstrap.host)) {
    const reason = 'something answers here, but it need not be that broker'
    throw advertisedFault(broker.id, address, bootstrap, reason)
  }
  const connection = await openConnection(address, security, timeoutMs)
  try {
    const seen = await askCluster(connection)
    if (seen.clusterId !== clusterId) {
      throw new HopFailure(
        `${at(address)} is a broker of another cluster, ${seen.clusterId}`,
        `Broker ${broker.id} advertises an address that belongs to another cluster, or port forwarding leads there.`,
        'Compare advertised.listeners and port forwarding of both clusters.',
      )
    }
    return { detail: `broker ${broker.id} is reached where it says`, value: undefined }
  } finally {
    connection.close()
  }
}
