import { parseJaasConfig } from '../jaas.ts'
import type { Environment } from './places.ts'
import { ProfileError } from './profile-error.ts'
import type { Profile } from './profile-file.ts'
import { resolveValue } from './secrets.ts'

const LOGIN_MODULES: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** `sasl.username` and `sasl.password`, which Java's clients don't have, become the `sasl.jaas.config` they do have. */
const withLogin = (profile: Profile, properties: Map<string, string>): void => {
  const username = properties.get('sasl.username')
  const password = properties.get('sasl.password')
  properties.delete('sasl.username')
  properties.delete('sasl.password')
  if ((username === undefined && password === undefined) || properties.has('sasl.jaas.config')) return
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'sasl.username' : 'sasl.password'
    throw new ProfileError(
      `Profile '${profile.name}' has no ${missing}; a login has a user and a password.`,
      `Add it with \`kt profile add ${profile.name} --force …\`, or in profiles.yaml.`,
    )
  }
  const mechanism = properties.get('sasl.mechanism') ?? ''
  const loginModule = LOGIN_MODULES[mechanism]
  if (loginModule === undefined) {
    throw new ProfileError(
      `Profile '${profile.name}': sasl.username and sasl.password are for the mechanisms ${Object.keys(LOGIN_MODULES).join(', ')}; sasl.mechanism is ${mechanism || 'missing'}.`,
      'Set sasl.mechanism to one of them, or write sasl.jaas.config.',
    )
  }
  const login = `username=${quoted(username)} password=${quoted(password)}`
  properties.set('sasl.jaas.config', `${loginModule} required ${login};`)
}

/** A token endpoint needs no words in `sasl.jaas.config`, and Java's clients want it all the same. */
const withTokens = (properties: Map<string, string>): void => {
  const isOidc =
    properties.get('sasl.mechanism') === 'OAUTHBEARER' && properties.has('sasl.oauthbearer.token.endpoint.url')
  if (!isOidc || properties.has('sasl.jaas.config')) return
  properties.set('sasl.jaas.config', 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;')
}

/** Kafka's complaints about a login quote words of it, which may be the secret: they are said here without. */
const checkLogin = (profile: Profile, login: string): void => {
  try {
    parseJaasConfig(login)
  } catch {
    throw new ProfileError(
      `Profile '${profile.name}': sasl.jaas.config can't be read (what it says is not shown, since it holds a secret).`,
      'It has to look like this: org.apache.kafka.common.security.plain.PlainLoginModule required username="…" password="…";',
    )
  }
}

/**
 * A profile's properties as Java's clients take them: secrets resolved, login written out.
 * @throws ProfileError naming profile and property
 */
export const clientPropertiesOf = async (profile: Profile, env: Environment): Promise<Map<string, string>> => {
  const properties = new Map<string, string>()
  for (const [name, value] of profile.properties) {
    properties.set(name, await resolveValue(value, `Profile '${profile.name}', ${name}`, env))
  }
  withLogin(profile, properties)
  withTokens(properties)
  const login = properties.get('sasl.jaas.config')
  if (login !== undefined) checkLogin(profile, login)
  // Whoever may change nothing creates no topic by reading from it either.
  if (profile.readOnly) properties.set('allow.auto.create.topics', 'false')
  return properties
}
