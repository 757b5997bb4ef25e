import type { SecuritySettings } from '../settings.ts'

/**
 * Tries whether keys, certificates and passwords of TLS settings fit together.
 * @throws ClientError 'tls'
 */
export const checkTls = async (settings: NonNullable<SecuritySettings['tls']>): Promise<void> => {
  const { tlsOptions } = await import('../../net/tls.ts')
  tlsOptions(settings)
}
