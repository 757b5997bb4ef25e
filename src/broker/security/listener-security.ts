/** How clients of one listener prove who they are, read from the broker's configs once when it starts. */
import type { Clock } from '../../base/clock.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { type JaasEntry, parseJaasConfig } from '../../config/jaas.ts'
import type { SecurityProtocol } from '../../config/listeners.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { BrokerStartError } from '../broker-start-error.ts'
import type { ConfigStore } from '../config-store.ts'
import type { ScramImage } from '../controller/scram-image.ts'
import type { Logger } from '../logger.ts'
import type { DelegationTokens } from './delegation-tokens.ts'
import { Jwks } from './jwks.ts'
import { jwtValidator } from './jwt-validator.ts'
import { oauthBearerServer, type TokenValidator } from './oauthbearer-server.ts'
import { plainServer } from './plain-server.ts'
import type { SaslMechanismServer } from './sasl-server.ts'
import { scramServer } from './scram-server.ts'
import { TlsListener } from './tls-listener.ts'
import { unsecuredValidator } from './unsecured-validator.ts'

/** SASL as a listener is configured for it. */
export interface SaslListenerSettings {
  /** By name, in the order of sasl.enabled.mechanisms. */
  readonly mechanisms: ReadonlyMap<string, SaslMechanismServer>
  /** sasl.server.max.receive.size: of a frame before authentication. */
  readonly maxReceiveBytes: number
  /** connections.max.reauth.ms of a mechanism; 0 sets sessions no end. */
  maxReauthenticationMs(mechanism: string): number
}

export interface ListenerSecurity {
  readonly protocol: SecurityProtocol
  readonly tls: TlsListener | undefined
  readonly sasl: SaslListenerSettings | undefined
}

export interface SecuritySources {
  configs: ConfigStore
  clock: Clock
  logger: Logger
  scram: ScramImage
  tokens: DelegationTokens
}

const CONFIG_EXCEPTION = 'org.apache.kafka.common.config.ConfigException'
const SECURITY = 'org.apache.kafka.common.security'
/** Login module of each mechanism, as its JAAS entry has to name it. */
const LOGIN_MODULES: Readonly<Record<string, string>> = {
  PLAIN: `${SECURITY}.plain.PlainLoginModule`,
  'SCRAM-SHA-256': `${SECURITY}.scram.ScramLoginModule`,
  'SCRAM-SHA-512': `${SECURITY}.scram.ScramLoginModule`,
  OAUTHBEARER: `${SECURITY}.oauthbearer.OAuthBearerLoginModule`,
}
const HANDLER_CLASS = 'sasl.server.callback.handler.class'
const JWKS_URL = 'sasl.oauthbearer.jwks.endpoint.url'
const SIGNED_TOKENS = `${SECURITY}.oauthbearer.OAuthBearerValidatorCallbackHandler`
const SIGNED_TOKENS_OLD = `${SECURITY}.oauthbearer.secured.OAuthBearerValidatorCallbackHandler`
const UNSECURED_TOKENS = `${SECURITY}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`

/** @throws BrokerStartError, ConfigError for what can't be served as it is configured */
export function listenerSecurity(sources: SecuritySources, listener: string): ListenerSecurity {
  const config = sources.configs.broker
  const protocol = config.topology.securityProtocols.get(listener) ?? 'PLAINTEXT'
  return {
    protocol,
    tls: protocol === 'SSL' || protocol === 'SASL_SSL' ? tlsListener(sources, listener) : undefined,
    sasl: protocol.startsWith('SASL_') ? saslSettings(sources, listener) : undefined,
  }
}

/** Keys and certificates follow dynamic changes (KIP-226); what can't be used is refused before it is written. */
function tlsListener({ configs, logger }: SecuritySources, listener: string): TlsListener {
  const tls = new TlsListener(configs.broker, listener)
  configs.onBrokerCheck((candidate) => {
    try {
      tls.check(candidate)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        `Invalid value ${CONFIG_EXCEPTION}: Validation of dynamic config update of SSLFactory failed: ${why} for configuration Invalid dynamic configuration`,
      )
    }
  })
  configs.onBrokerChange((changed) => {
    try {
      tls.reload(changed)
    } catch (error) {
      logger.error({ err: error, listener }, 'changed TLS configs can not be used: the former ones stay')
    }
  })
  return tls
}

function saslSettings(sources: SecuritySources, listener: string): SaslListenerSettings {
  const config = sources.configs.broker
  const own = config.listenerConfig(listener)
  const names = own.list('sasl.enabled.mechanisms')
  if (names.length === 0) throw new BrokerStartError(`listener ${listener}: No SASL mechanisms are enabled`)
  return {
    mechanisms: new Map(names.map((name) => [name, mechanismServer(sources, listener, name)])),
    maxReceiveBytes: own.int('sasl.server.max.receive.size'),
    maxReauthenticationMs: (mechanism) =>
      Number(config.listenerText(listener, 'connections.max.reauth.ms', mechanism) ?? '0'),
  }
}

function mechanismServer(sources: SecuritySources, listener: string, name: string): SaslMechanismServer {
  if (!Object.hasOwn(LOGIN_MODULES, name)) {
    throw new BrokerStartError(
      `listener ${listener}: the SASL mechanism ${name} is not supported. ` +
        `Set listener.name.${listener.toLowerCase()}.sasl.enabled.mechanisms (or sasl.enabled.mechanisms) to some of ${Object.keys(LOGIN_MODULES).join(', ')}.`,
    )
  }
  const { options } = jaasEntry(sources.configs.broker, listener, name)
  const handler = sources.configs.broker.listenerText(listener, HANDLER_CLASS, name)
  if (name === 'OAUTHBEARER') {
    const { logger } = sources
    const onRefused = (reason: string): void => logger.info({ listener, reason }, 'bearer token refused')
    return oauthBearerServer(tokenValidator(sources, listener, handler, options), onRefused)
  }
  if (handler !== null) throw unknownClass(listener, handler)
  return name === 'PLAIN' ? plainServer(options) : scramServer(name as 'SCRAM-SHA-256', sources)
}

const unknownClass = (listener: string, name: string): BrokerStartError =>
  new BrokerStartError(`listener ${listener}: Class ${name} of ${HANDLER_CLASS} could not be found.`)

/** Only the entry of this listener and mechanism counts, as with Kafka; sasl.jaas.config alone is a client's. */
function jaasEntry(config: BrokerConfig, listener: string, mechanism: string): JaasEntry {
  const property = `listener.name.${listener.toLowerCase()}.${mechanism.toLowerCase()}.sasl.jaas.config`
  if (!config.isSet(property)) {
    throw new BrokerStartError(
      `Could not find a 'KafkaServer' or '${listener.toLowerCase()}.KafkaServer' entry in the JAAS configuration. ` +
        `System property 'java.security.auth.login.config' is not set. Set ${property}="${LOGIN_MODULES[mechanism]} required;".`,
    )
  }
  const entry = parseJaasConfig(config.listenerText(listener, 'sasl.jaas.config', mechanism) ?? '')
  if (entry.loginModule !== LOGIN_MODULES[mechanism]) {
    throw new BrokerStartError(
      `${property} names ${entry.loginModule}, but ${mechanism} needs ${LOGIN_MODULES[mechanism]}.`,
    )
  }
  return entry
}

/**
 * Signed tokens when a key set is configured or Kafka's handler for them; else unsecured ones. Kafka would take unsecured tokens from
 * everybody where a key set is configured but its handler forgotten; that is never meant.
 */
function tokenValidator(
  { configs, clock, logger }: SecuritySources,
  listener: string,
  handler: string | null,
  options: ReadonlyMap<string, string>,
): TokenValidator {
  const own = configs.broker.listenerConfig(listener)
  const url = own.stringOrNull(JWKS_URL)
  if (handler !== null && ![SIGNED_TOKENS, SIGNED_TOKENS_OLD, UNSECURED_TOKENS].includes(handler)) {
    throw unknownClass(listener, handler)
  }
  if (handler === UNSECURED_TOKENS || (handler === null && url === null)) return unsecuredValidator(options, clock)
  if (url === null || !/^(https?|file):/i.test(url)) {
    throw new BrokerStartError(
      `listener ${listener}: ${JWKS_URL}=${url ?? ''} is not the address of a key set. Use https:, http: or file:.`,
    )
  }
  const jwks = new Jwks({
    url,
    refreshMs: own.long('sasl.oauthbearer.jwks.endpoint.refresh.ms'),
    clock,
    onError: (error) => logger.error({ err: error, url }, "the key set for bearer tokens can't be read"),
  })
  const settings = {
    expectedAudience: own.list('sasl.oauthbearer.expected.audience'),
    expectedIssuer: own.stringOrNull('sasl.oauthbearer.expected.issuer'),
    clockSkewSeconds: own.int('sasl.oauthbearer.clock.skew.seconds'),
    scopeClaim: own.string('sasl.oauthbearer.scope.claim.name'),
    subClaim: own.string('sasl.oauthbearer.sub.claim.name'),
  }
  return jwtValidator(settings, jwks, clock)
}
