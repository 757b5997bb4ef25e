/** kcat.conf: librdkafka's properties, which differ from those of Java's clients in some names and values. */
import type { Profile } from '../../config/profiles/profile-file.ts'
import { addressList, type Imported, INSECURE_NOTE, tlsProperties } from './imported.ts'

/** Properties that mean the same; the name of Java's. */
const SAME: Readonly<Record<string, string>> = {
  'client.id': 'client.id',
  'client.rack': 'client.rack',
  'group.id': 'group.id',
  'group.instance.id': 'group.instance.id',
  'group.protocol': 'group.protocol',
  'isolation.level': 'isolation.level',
  'session.timeout.ms': 'session.timeout.ms',
  'heartbeat.interval.ms': 'heartbeat.interval.ms',
  'max.poll.interval.ms': 'max.poll.interval.ms',
  'auto.commit.interval.ms': 'auto.commit.interval.ms',
  'enable.auto.commit': 'enable.auto.commit',
  'fetch.min.bytes': 'fetch.min.bytes',
  'fetch.max.bytes': 'fetch.max.bytes',
  'fetch.wait.max.ms': 'fetch.max.wait.ms',
  'max.partition.fetch.bytes': 'max.partition.fetch.bytes',
  'fetch.message.max.bytes': 'max.partition.fetch.bytes',
  'check.crcs': 'check.crcs',
  'metadata.max.age.ms': 'metadata.max.age.ms',
  'retry.backoff.ms': 'retry.backoff.ms',
  'retry.backoff.max.ms': 'retry.backoff.max.ms',
  'connections.max.idle.ms': 'connections.max.idle.ms',
  'socket.connection.setup.timeout.ms': 'socket.connection.setup.timeout.ms',
  'message.max.bytes': 'max.request.size',
  'linger.ms': 'linger.ms',
  'queue.buffering.max.ms': 'linger.ms',
  'batch.size': 'batch.size',
  'compression.codec': 'compression.type',
  'compression.type': 'compression.type',
  acks: 'acks',
  'request.required.acks': 'acks',
  retries: 'retries',
  'message.send.max.retries': 'retries',
  'delivery.timeout.ms': 'delivery.timeout.ms',
  'message.timeout.ms': 'delivery.timeout.ms',
  'enable.idempotence': 'enable.idempotence',
  'transactional.id': 'transactional.id',
  'transaction.timeout.ms': 'transaction.timeout.ms',
  'sasl.mechanism': 'sasl.mechanism',
  'sasl.mechanisms': 'sasl.mechanism',
  'sasl.username': 'sasl.username',
  'sasl.password': 'sasl.password',
  'sasl.oauthbearer.token.endpoint.url': 'sasl.oauthbearer.token.endpoint.url',
  'sasl.oauthbearer.client.id': 'sasl.oauthbearer.client.credentials.client.id',
  'sasl.oauthbearer.client.secret': 'sasl.oauthbearer.client.credentials.client.secret',
  'sasl.oauthbearer.scope': 'sasl.oauthbearer.scope',
  'ssl.key.password': 'ssl.key.password',
  'ssl.keystore.location': 'ssl.keystore.location',
  'ssl.keystore.password': 'ssl.keystore.password',
  'ssl.ca.pem': 'ssl.truststore.certificates',
  'ssl.certificate.pem': 'ssl.keystore.certificate.chain',
  'ssl.key.pem': 'ssl.keystore.key',
}

/** Values of librdkafka that Java calls otherwise. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'auto.offset.reset': {
    smallest: 'earliest',
    earliest: 'earliest',
    beginning: 'earliest',
    largest: 'latest',
    latest: 'latest',
    end: 'latest',
    error: 'none',
  },
  'ssl.endpoint.identification.algorithm': { none: '', https: 'https' },
}

const PAIR = /^\s*([^#=\s][^=]*?)\s*=(.*)$/

/** The lines of a kcat.conf; `topic.` before a topic's property is cut off, since Java has no topic properties. */
const pairsOf = (content: string): Map<string, string> => {
  const pairs = new Map<string, string>()
  for (const line of content.split(/\r?\n/)) {
    const [, name, value = ''] = PAIR.exec(line) ?? []
    if (name !== undefined) pairs.set(name.replace(/^topic\./, ''), value.trim())
  }
  return pairs
}

/** Takes the properties that are files, or several in one, out of the pairs. */
const takeFiles = (pairs: Map<string, string>, properties: Map<string, string>, notes: string[]): void => {
  const take = (name: string): string | undefined => {
    const value = pairs.get(name)
    pairs.delete(name)
    return value
  }
  const [ca, certificate, key] = ['ssl.ca.location', 'ssl.certificate.location', 'ssl.key.location'].map(take)
  if (ca === 'probe') notes.push('ssl.ca.location=probe: kt takes the certificates of Node instead.')
  if ((certificate === undefined) !== (key === undefined)) {
    notes.push('a client certificate needs its key, and the key a certificate: the one that is there was left out.')
  }
  for (const [name, value] of tlsProperties({ ca: ca === 'probe' ? undefined : ca, certificate, key })) {
    properties.set(name, value)
  }
  if (pairs.has('ssl.ca.pem')) properties.set('ssl.truststore.type', 'PEM')
  if (pairs.has('ssl.key.pem')) properties.set('ssl.keystore.type', 'PEM')
  if (pairs.has('ssl.keystore.location')) properties.set('ssl.keystore.type', 'PKCS12')
  if (take('enable.ssl.certificate.verification') === 'false') notes.push(INSECURE_NOTE)
}

/**
 * @param content text of a kcat.conf
 * @param name what the profile is to be called; the file has no name
 */
export const fromKcat = (content: string, name: string): Imported => {
  const pairs = pairsOf(content)
  const properties = new Map<string, string>()
  const notes: string[] = []
  const bootstrap = pairs.get('bootstrap.servers') ?? pairs.get('metadata.broker.list')
  pairs.delete('bootstrap.servers')
  pairs.delete('metadata.broker.list')
  const protocol = pairs.get('security.protocol')
  if (protocol !== undefined) properties.set('security.protocol', protocol.toUpperCase())
  pairs.delete('security.protocol')
  takeFiles(pairs, properties, notes)
  // The only method with an endpoint, and all that Java's clients have.
  if (pairs.get('sasl.oauthbearer.method')?.toLowerCase() === 'oidc') pairs.delete('sasl.oauthbearer.method')
  const unknown: string[] = []
  for (const [key, value] of pairs) {
    const translated = VALUES[key]?.[value.toLowerCase()]
    if (translated !== undefined) properties.set(key, translated)
    else if (SAME[key] !== undefined) properties.set(SAME[key], value)
    else unknown.push(key)
  }
  if (unknown.length > 0) notes.push(`not taken over, since kt has nothing like it: ${unknown.join(', ')}.`)
  if (bootstrap === undefined) notes.push('the file names no brokers; localhost:9092 was taken.')
  const profile: Profile = {
    name,
    bootstrap: addressList(bootstrap ?? 'localhost:9092'),
    properties,
    protected: false,
    readOnly: false,
  }
  return { profile, notes }
}
