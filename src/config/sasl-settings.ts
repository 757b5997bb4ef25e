/** sasl.* client settings: mechanism and credentials, read from sasl.jaas.config and the sasl.oauthbearer.* configs. */
import { ConfigError, illegalArgument } from './config-error.ts'
import type { ConfigMap } from './config-map.ts'
import { type JaasEntry, parseJaasConfig } from './jaas.ts'

/** How a client proves who it is. */
export type SaslSettings =
  | { readonly mechanism: 'PLAIN'; readonly username: string; readonly password: string }
  | {
      readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
      /** Whether the credentials are a delegation token's id and HMAC. */
      readonly tokenAuth: boolean
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      /** Where to get a token with the client credentials grant; null makes an unsecured token. */
      readonly tokenEndpointUrl: string | null
      readonly clientId: string | null
      readonly clientSecret: string | null
      readonly scope: string | null
      /** Claims of an unsecured token by name, from `unsecuredLogin…Claim_…` options; `sub` among them. */
      readonly unsecuredClaims: ReadonlyMap<string, string | number | readonly string[]>
      readonly unsecuredLifetimeSeconds: number
      /** SASL extensions by name. */
      readonly extensions: ReadonlyMap<string, string>
    }

/** Login module classes by mechanism. */
const LOGIN_MODULES: Readonly<Record<SaslSettings['mechanism'], string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
}

/** @throws ConfigError for another mechanism, a missing or malformed sasl.jaas.config, missing credentials */
export function saslSettings(config: ConfigMap): SaslSettings {
  const mechanism = config.string('sasl.mechanism')
  const line = config.stringOrNull('sasl.jaas.config')
  if (!isSupported(mechanism)) {
    throw new ConfigError(
      `sasl.mechanism=${mechanism} is not supported. Use one of ${Object.keys(LOGIN_MODULES).join(', ')}.`,
    )
  }
  if (line === null) {
    throw illegalArgument(
      "Could not find a 'KafkaClient' entry in the JAAS configuration. " +
        "System property 'java.security.auth.login.config' is not set",
    )
  }
  const entry = parseJaasConfig(line)
  if (entry.loginModule !== LOGIN_MODULES[mechanism]) {
    throw new ConfigError(
      `sasl.jaas.config names ${entry.loginModule}, but sasl.mechanism=${mechanism} needs ${LOGIN_MODULES[mechanism]}.`,
    )
  }
  if (mechanism === 'OAUTHBEARER') return oauthBearer(config, entry)
  const username = required(entry, 'username')
  const password = required(entry, 'password')
  if (mechanism === 'PLAIN') return { mechanism, username, password }
  return { mechanism, username, password, tokenAuth: entry.options.get('tokenauth')?.toLowerCase() === 'true' }
}

function isSupported(mechanism: string): mechanism is SaslSettings['mechanism'] {
  return Object.hasOwn(LOGIN_MODULES, mechanism)
}

function required(entry: JaasEntry, option: string): string {
  const value = entry.options.get(option)
  if (value === undefined) {
    throw new ConfigError(`sasl.jaas.config has no ${option}. Add ${option}="…" before the semicolon.`)
  }
  return value
}

function oauthBearer(config: ConfigMap, { options }: JaasEntry): SaslSettings {
  const tokenEndpointUrl = config.stringOrNull('sasl.oauthbearer.token.endpoint.url')
  const clientId =
    config.stringOrNull('sasl.oauthbearer.client.credentials.client.id') ?? options.get('clientId') ?? null
  const clientSecret =
    config.stringOrNull('sasl.oauthbearer.client.credentials.client.secret') ?? options.get('clientSecret') ?? null
  const scope = config.stringOrNull('sasl.oauthbearer.scope') ?? options.get('scope') ?? null
  const claims = unsecuredClaims(options)
  if (tokenEndpointUrl !== null && (clientId === null || clientSecret === null)) {
    throw new ConfigError(
      'sasl.oauthbearer.token.endpoint.url needs credentials: set sasl.oauthbearer.client.credentials.client.id and ' +
        'sasl.oauthbearer.client.credentials.client.secret, or clientId and clientSecret in sasl.jaas.config.',
    )
  }
  if (tokenEndpointUrl === null && !claims.has(options.get('unsecuredLoginPrincipalClaimName') ?? 'sub')) {
    throw new ConfigError(
      'OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url, or unsecuredLoginStringClaim_sub="…" in sasl.jaas.config ' +
        'for an unsecured token.',
    )
  }
  return {
    mechanism: 'OAUTHBEARER',
    tokenEndpointUrl,
    clientId,
    clientSecret,
    scope,
    unsecuredClaims: claims,
    unsecuredLifetimeSeconds: Number(options.get('unsecuredLoginLifetimeSeconds') ?? 3600),
    extensions: new Map([...withPrefix(options, 'extension_'), ...withPrefix(options, 'unsecuredLoginExtension_')]),
  }
}

function unsecuredClaims(
  options: ReadonlyMap<string, string>,
): ReadonlyMap<string, string | number | readonly string[]> {
  const numbers = withPrefix(options, 'unsecuredLoginNumberClaim_')
  const lists = withPrefix(options, 'unsecuredLoginListClaim_')
  return new Map<string, string | number | readonly string[]>([
    ...withPrefix(options, 'unsecuredLoginStringClaim_'),
    ...numbers.map(([name, text]): [string, number] => [name, Number(text)]),
    // The first character of a list is its delimiter: "|a|b".
    ...lists.map(([name, text]): [string, string[]] => [name, text === '' ? [] : text.slice(1).split(text[0]!)]),
  ])
}

function withPrefix(options: ReadonlyMap<string, string>, prefix: string): [string, string][] {
  return [...options].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value])
}
