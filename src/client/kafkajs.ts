import type { ConnectionOptions } from 'node:tls'
import type { Kafka, KafkaConfig, SASLOptions } from 'kafkajs'
import type { SaslClientSettings } from '../net/sasl/mechanism.ts'
import type { TlsClientSettings } from '../net/tls.ts'
import { type ClientSettings, completeSettings } from './settings.ts'

/**
 * A kafkajs client for the same cluster with the same security, for applications and tests that want its interface. kt's own
 * commands don't use it; src/client/README.md says why. kafkajs is loaded by the call.
 *
 * @param settings as for connectAdmin
 * @param overrides kafkajs's own configuration, over what the settings give
 */
export async function connectKafkaJs(
  settings: Partial<ClientSettings> & Pick<ClientSettings, 'bootstrapServers'>,
  overrides: Partial<KafkaConfig> = {},
): Promise<Kafka> {
  const { bootstrapServers, clientId, security, ...times } = completeSettings(settings)
  const { Kafka: KafkaClient, logLevel } = (await import('kafkajs')).default
  const config: KafkaConfig = {
    clientId,
    brokers: bootstrapServers.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    requestTimeout: times.requestTimeoutMs,
    connectionTimeout: times.socketConnectionSetupTimeoutMs,
    retry: { initialRetryTime: times.retryBackoffMs, maxRetryTime: times.retryBackoffMaxMs },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => times.warn(entry.log.message),
    ...(security.tls === null ? {} : { ssl: tlsOf(security.tls) }),
    ...(security.sasl === null ? {} : { sasl: await saslOf(security.sasl) }),
    ...overrides,
  }
  return new KafkaClient(config)
}

function tlsOf(settings: TlsClientSettings): ConnectionOptions {
  const { verifyHostname, ...given } = settings
  const options: ConnectionOptions = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  return verifyHostname ? options : { ...options, checkServerIdentity: () => undefined }
}

async function saslOf(settings: SaslClientSettings): Promise<SASLOptions> {
  if (settings.mechanism === 'OAUTHBEARER') {
    const { tokenSourceOf } = await import('../net/sasl/mechanism.ts')
    const token = await tokenSourceOf(settings)
    return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) }
  }
  const { username, password } = settings
  if (settings.mechanism === 'PLAIN') return { mechanism: 'plain', username, password }
  return { mechanism: settings.mechanism === 'SCRAM-SHA-256' ? 'scram-sha-256' : 'scram-sha-512', username, password }
}
