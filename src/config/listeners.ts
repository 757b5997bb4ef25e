/** Listener configs: endpoints, security protocols, and the checks Kafka makes on them. */
import { isIP } from 'node:net'
import { ConfigError, illegalArgument } from './config-error.ts'

/** Security protocols of listeners and clients. */
export const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
/** One of {@link SECURITY_PROTOCOLS}. */
export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number]

/** A listener's address. */
export interface Endpoint {
  /** Upper-case listener name. */
  readonly listener: string
  /** Host to bind or to advertise; null means all interfaces, or the machine's own name when advertised. */
  readonly host: string | null
  /** Port; 0 lets the system choose one. */
  readonly port: number
  readonly securityProtocol: SecurityProtocol
}

const ENDPOINT = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/
const KAFKA_EXCEPTION = 'org.apache.kafka.common.KafkaException'

/** @returns the upper-case listener name of `NAME://host:port` */
export function listenerName(listener: string): string {
  const end = listener.indexOf(':')
  if (end < 0) throw new ConfigError(`Unable to parse a listener name from ${listener}`, KAFKA_EXCEPTION)
  return listener.slice(0, end).toUpperCase()
}

/**
 * Reads a map such as `PLAINTEXT:PLAINTEXT,CONTROLLER:SASL_SSL`.
 * @throws ConfigError in Java's words if an entry has no colon
 */
export function parseCsvMap(property: string, text: string): Map<string, string> {
  const map = new Map<string, string>()
  const entries = text.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/)
  while (entries.at(-1) === '') entries.pop()
  for (const entry of entries) {
    const colon = entry.lastIndexOf(':')
    if (colon < 0) {
      const reason = `begin 0, end -1, length ${entry.length}`
      throw illegalArgument(`Error parsing configuration property '${property}': ${reason}`)
    }
    map.set(entry.slice(0, colon).trim(), entry.slice(colon + 1).trim())
  }
  return map
}

/** @throws ConfigError if the name is none of the security protocols */
export function securityProtocol(name: string, property: string): SecurityProtocol {
  const found = SECURITY_PROTOCOLS.find((protocol) => protocol === name)
  if (found === undefined) throw new ConfigError(`Invalid security protocol \`${name}\` defined in ${property}`)
  return found
}

/**
 * The security protocol of every listener name. Without an explicit map, controller listeners are PLAINTEXT as long as
 * no listener uses SSL or SASL.
 * @param explicit whether listener.security.protocol.map was set by the user
 */
export function securityProtocolMap(
  text: string,
  explicit: boolean,
  controllerListenerNames: readonly string[],
  listeners: readonly string[],
): Map<string, SecurityProtocol> {
  const property = 'listener.security.protocol.map'
  const map = new Map<string, SecurityProtocol>()
  for (const [listener, protocol] of parseCsvMap(property, text)) {
    map.set(listener.toUpperCase(), securityProtocol(protocol, property))
  }
  if (explicit) return map
  const secured = (name: string) => name === 'SSL' || name === 'SASL_SSL' || name === 'SASL_PLAINTEXT'
  if (controllerListenerNames.some(secured) || listeners.some((listener) => secured(listenerName(listener)))) return map
  for (const name of controllerListenerNames) if (name !== 'PLAINTEXT') map.set(name.toUpperCase(), 'PLAINTEXT')
  return map
}

/**
 * @param listeners texts such as `PLAINTEXT://localhost:9092`
 * @param distinctPorts whether two listeners may not share a port (one IPv4 and one IPv6 address may)
 * @throws ConfigError for a text that is no endpoint, an unmapped listener name, a name or port used twice
 */
export function parseEndpoints(
  listeners: readonly string[],
  protocols: ReadonlyMap<string, SecurityProtocol>,
  distinctPorts: boolean,
): Endpoint[] {
  const list = `[${listeners.join(', ')}]`
  const fail = (reason: string) => illegalArgument(`Error creating broker listeners from '${list}': ${reason}`)
  const endpoints = listeners.map((listener) => {
    const match = ENDPOINT.exec(listener)
    if (!match) throw fail(`Unable to parse ${listener} to a broker endpoint`)
    const name = match[1]!.toUpperCase()
    const protocol = protocols.get(name)
    if (protocol === undefined) throw fail(`No security protocol defined for listener ${name}`)
    return { listener: name, host: match[2] || null, port: Number(match[3]), securityProtocol: protocol }
  })
  if (new Set(endpoints.map((endpoint) => endpoint.listener)).size !== endpoints.length) {
    throw fail(`Each listener must have a different name, listeners: ${list}`)
  }
  if (distinctPorts) ensureDistinctPorts(endpoints, list, fail)
  return endpoints
}

function ensureDistinctPorts(endpoints: readonly Endpoint[], list: string, fail: (reason: string) => ConfigError) {
  const byPort = new Map<number, Endpoint[]>()
  for (const endpoint of endpoints) {
    if (endpoint.port !== 0) byPort.set(endpoint.port, [...(byPort.get(endpoint.port) ?? []), endpoint])
  }
  for (const [port, sharing] of byPort) {
    if (sharing.length === 1) continue
    const families = sharing.map((endpoint) => isIP(endpoint.host ?? ''))
    if (families.includes(0)) throw fail(`Each listener must have a different port, listeners: ${list}`)
    if (sharing.length > 2) {
      throw fail(
        'Each listener must have a different port unless exactly one listener has an IPv4 address and the other ' +
          `IPv6 address, listeners: ${list}, port: ${port}`,
      )
    }
    if (families[0] === families[1]) {
      throw fail(
        'If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, ' +
          `listeners: ${list}, port: ${port}`,
      )
    }
  }
}
