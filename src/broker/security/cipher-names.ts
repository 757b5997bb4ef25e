/** Java names cipher suites as IANA does, OpenSSL its own way below TLS 1.3. */

const SUITE = /^TLS_(.+)_WITH_(.+)$/

/**
 * @param name `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`, or a name of OpenSSL's
 * @returns OpenSSL's name: `ECDHE-RSA-AES256-GCM-SHA384`; names of TLS 1.3 are the same in both
 */
export function opensslCipherName(name: string): string {
  const match = SUITE.exec(name)
  if (match === null) return name
  const exchange = match[1] === 'RSA' ? '' : `${match[1]!.replaceAll('_', '-')}-`
  const cipher = match[2]!
    .replace(/^(AES|CAMELLIA)_(\d+)/, '$1$2')
    .replace('_CBC', '')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305')
    .replaceAll('_', '-')
    .replace('CHACHA20-POLY1305', 'CHACHA20-POLY1305')
  return exchange + cipher
}
