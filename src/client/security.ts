import type { ConnectionSecurity, SecuritySettings } from './settings.ts'

/** What connections need to speak the cluster's security protocol; key and trust stores are read here, once. */
export async function connectionSecurity({ protocol, properties }: SecuritySettings): Promise<ConnectionSecurity> {
  const tls = protocol.endsWith('SSL') ? (await import('../net/tls.ts')).tlsOptions(properties) : null
  const authenticator = protocol.startsWith('SASL')
    ? (await import('../net/sasl/authenticate.ts')).saslAuthenticator(properties)
    : null
  return { tls, authenticator }
}
