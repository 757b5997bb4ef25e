import type { SaslMechanism } from './exchange.ts'
import type { TokenSource } from './oauthbearer.ts'
import type { ScramName } from './scram.ts'

/** Mechanism and credentials, read from sasl.jaas.config and the sasl.oauthbearer.* settings. */
export type SaslClientSettings =
  | { readonly mechanism: 'PLAIN'; readonly username: string; readonly password: string }
  | {
      readonly mechanism: ScramName
      readonly username: string
      readonly password: string
      readonly tokenAuth: boolean
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      /** Null: unsecured tokens, made here. */
      readonly tokenEndpointUrl: string | null
      readonly clientId: string | null
      readonly clientSecret: string | null
      readonly scope: string | null
      readonly unsecuredClaims: ReadonlyMap<string, string | number | readonly string[]>
      readonly unsecuredLifetimeSeconds: number
      readonly extensions: ReadonlyMap<string, string>
    }

/** The mechanism of the settings; loads only its own code. */
export async function mechanismOf(settings: SaslClientSettings): Promise<SaslMechanism> {
  if (settings.mechanism === 'PLAIN') {
    return (await import('./plain.ts')).plainMechanism(settings.username, settings.password)
  }
  if (settings.mechanism !== 'OAUTHBEARER') {
    return (await import('./scram.ts')).scramMechanism(settings.mechanism, settings)
  }
  const { oauthBearerMechanism } = await import('./oauthbearer.ts')
  return oauthBearerMechanism(await tokenSourceOf(settings), settings.extensions)
}

/** Where the tokens of the settings come from. */
export async function tokenSourceOf(settings: SaslClientSettings & { mechanism: 'OAUTHBEARER' }): Promise<TokenSource> {
  const { tokenFromEndpoint, unsecuredToken } = await import('./oauthbearer.ts')
  const { tokenEndpointUrl: url, clientId, clientSecret, scope } = settings
  if (url === null) return unsecuredToken(settings.unsecuredClaims, settings.unsecuredLifetimeSeconds)
  return tokenFromEndpoint({ url, clientId: clientId ?? '', clientSecret: clientSecret ?? '', scope })
}
