import type { ConnectionSecurity, SecuritySettings } from './settings.ts'

/** What connections need to speak the cluster's security protocol. */
export async function connectionSecurity({ tls, sasl }: SecuritySettings): Promise<ConnectionSecurity> {
  return {
    tls: tls === null ? null : (await import('../net/tls.ts')).tlsOptions(tls),
    authenticator: sasl === null ? null : await authenticatorOf(sasl),
  }
}

async function authenticatorOf(sasl: NonNullable<SecuritySettings['sasl']>) {
  const [{ saslAuthenticator }, { mechanismOf }] = await Promise.all([
    import('../net/sasl/authenticate.ts'),
    import('../net/sasl/mechanism.ts'),
  ])
  return saslAuthenticator(await mechanismOf(sasl))
}
