import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { ClientError } from './client-error.ts'

/** How TLS is spoken to one cluster: built once from the settings by `tlsOptions` (tls.ts). */
export interface TlsClientOptions {
  secureContext: SecureContext
  /** ssl.endpoint.identification.algorithm: whether the certificate must name the host. */
  verifyHostname: boolean
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

export interface SocketOptions {
  host: string
  port: number
  /** socket.connection.setup.timeout.ms: for name lookup, connection and TLS handshake together. */
  timeoutMs: number
  tls?: TlsClientOptions | null
  /** Ends the attempt. */
  signal?: AbortSignal | undefined
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return errorCode(error.errors[error.errors.length - 1])
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** What a failed connection attempt means, with the likely cause and the next step. */
function connectError(error: unknown, { host, port, tls }: SocketOptions, connected: boolean): ClientError {
  const at = `${host}:${port}`
  const code = errorCode(error)
  const text = error instanceof Error ? error.message : String(error)
  const common = { host, port, cause: error }
  if (code === 'ECONNREFUSED') {
    return new ClientError('refused', `Connection to ${at} was refused: nothing listens there.`, {
      ...common,
      nextStep: 'Check host and port (--bootstrap-server) and that the broker runs.',
    })
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA') {
    return new ClientError('dns', `Couldn't resolve server ${at}: the name ${host} has no address (${code}).`, {
      ...common,
      nextStep: 'Check the spelling of the host name, and the name server if others fail too.',
      retriable: code === 'EAI_AGAIN',
    })
  }
  if (tls && connected) return tlsError(text, code, common)
  return new ClientError('unreachable', `Connection to ${at} failed: ${text}.`, {
    ...common,
    nextStep: 'Check that the host is reachable from here (network, firewall, listener address).',
  })
}

function tlsError(text: string, code: string, common: { host: string; port: number; cause: unknown }): ClientError {
  const at = `${common.host}:${common.port}`
  const plaintext =
    code === 'ECONNRESET' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  const untrusted = /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE/.test(code)
  const nextStep = plaintext
    ? 'The port may be one without TLS: check security.protocol and the port.'
    : code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? 'The certificate is for another host: use a name it holds, or set ssl.endpoint.identification.algorithm= (empty) if that is meant.'
      : untrusted
        ? "Put the authority that signed the broker's certificate into ssl.truststore.location (a PEM, PKCS12 or JKS file)."
        : 'Check ssl.keystore.location, ssl.truststore.location and ssl.enabled.protocols against the broker.'
  return new ClientError('tls', `SSL handshake failed with ${at}: ${text}`, { ...common, nextStep })
}

/**
 * Opens a TCP connection, with TLS when asked.
 *
 * @throws ClientError: refused, unreachable, dns, tls or timeout.
 */
export async function openSocket(options: SocketOptions): Promise<Socket | TLSSocket> {
  const { host, port, tls, timeoutMs, signal } = options
  // With it comes node:crypto: together they take as long as a connection.
  const connectTls = tls ? (await import('node:tls')).connect : null
  return new Promise((resolve, reject) => {
    let connected = false
    const socket =
      tls && connectTls
        ? connectTls({
            host,
            port,
            secureContext: tls.secureContext,
            ...(isIP(host) === 0 ? { servername: host } : {}),
            ...(tls.verifyHostname ? {} : { checkServerIdentity: () => undefined }),
            ...(tls.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
            ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
          })
        : connectTcp({ host, port, noDelay: true })
    const timer = setTimeout(() => {
      const what = connected ? 'did not finish the TLS handshake' : 'did not answer'
      fail(
        new ClientError('timeout', `${host}:${port} ${what} within ${timeoutMs} ms.`, {
          host,
          port,
          nextStep: 'Check host, port and firewall, or raise socket.connection.setup.timeout.ms.',
        }),
      )
    }, timeoutMs)
    const onAbort = (): void =>
      fail(new ClientError('closed', 'The client was closed while it connected.', { host, port }))
    const fail = (error: Error): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort)
    socket.once('connect', () => {
      connected = true
      socket.setNoDelay(true)
    })
    socket.once('error', (error) => fail(connectError(error, options, connected)))
    socket.once('close', () => fail(connectError(new Error('the server closed the connection'), options, connected)))
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.removeAllListeners('error')
      socket.removeAllListeners('close')
      resolve(socket)
    })
  })
}
