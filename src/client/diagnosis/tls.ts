import { isIP } from 'node:net'
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { tlsOptions } from '../../net/tls.ts'
import type { Address, SecurityProtocol, SecuritySettings } from '../settings.ts'
import { type FirstAnswer, firstAnswer } from './first-answer.ts'
import { askPlain } from './guess-server.ts'
import { HopFailure, type Passed } from './hop.ts'

type TlsSettings = NonNullable<SecuritySettings['tls']>

const DAY_MS = 86_400_000
/** A certificate that ends sooner is mentioned. */
const SOON_DAYS = 30

/** `CN=Test CA, O=Example`, most telling part first. */
const nameText = (name: DetailedPeerCertificate['issuer'] | undefined): string => {
  const parts = ['CN', 'OU', 'O', 'L', 'ST', 'C'] as const
  const shown = parts.flatMap((part) => {
    const value = name?.[part]
    return value === undefined ? [] : [`${part}=${Array.isArray(value) ? value.join('+') : value}`]
  })
  return shown.join(', ') || 'without a name'
}

/** The names a certificate is for: `DNS:localhost`, `IP Address:127.0.0.1`; else its CN. */
const namesOf = (certificate: DetailedPeerCertificate): string =>
  certificate.subjectaltname ?? `CN=${String(certificate.subject?.CN ?? '')}`

const dateText = (text: string): string => {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? text : date.toISOString().slice(0, 10)
}

/** A certificate of the chain that is out of its time. */
const outOfTime = (leaf: DetailedPeerCertificate, nowMs: number): DetailedPeerCertificate | undefined => {
  let at: DetailedPeerCertificate | undefined = leaf
  for (let depth = 0; at !== undefined && depth < 10; depth++) {
    if (new Date(at.valid_to).getTime() < nowMs || new Date(at.valid_from).getTime() > nowMs) return at
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate
  }
  return undefined
}

/** The issuer that would have to be trusted: that of the last certificate the server sent. */
const topIssuer = (leaf: DetailedPeerCertificate): string => {
  let at = leaf
  for (let depth = 0; depth < 10 && at.issuerCertificate && at.issuerCertificate !== at; depth++)
    at = at.issuerCertificate
  return nameText(at.issuer)
}

/** What is wrong with a certificate, by what Node found; undefined when all is well. */
export const certificateFault = (
  certificate: DetailedPeerCertificate,
  host: string,
  authorizationError: string | undefined,
  { ca, verifyHostname }: Pick<TlsSettings, 'ca' | 'verifyHostname'>,
  nowMs: number,
): HopFailure | undefined => {
  const late = outOfTime(certificate, nowMs)
  if (authorizationError !== undefined && late) {
    const isEarly = new Date(late.valid_from).getTime() > nowMs
    const what = isEarly ? `is not valid before ${dateText(late.valid_from)}` : `expired on ${dateText(late.valid_to)}`
    return new HopFailure(
      `the certificate of ${nameText(late.subject)} ${what}`,
      isEarly
        ? 'The clock of this machine is late, or the certificate is too new.'
        : 'The certificate was not renewed.',
      isEarly
        ? 'Compare the clocks.'
        : `Put a new certificate on the broker (ssl.keystore.location). This machine's date is ${dateText(new Date(nowMs).toISOString())}.`,
    )
  }
  if (authorizationError !== undefined) {
    const issuer = topIssuer(certificate)
    return new HopFailure(
      `the broker's certificate is signed by ${issuer}, which is not trusted here (${authorizationError})`,
      ca === null
        ? 'No trust store is set, so that only public authorities are trusted.'
        : 'The trust store holds another authority, or the broker does not send its intermediate certificates.',
      `Put the certificate of ${issuer} into the file of ssl.truststore.location (ssl.truststore.type=PEM).`,
    )
  }
  const mismatch = verifyHostname ? checkServerIdentity(host, certificate) : undefined
  if (!mismatch) return undefined
  return new HopFailure(
    `the certificate is for ${namesOf(certificate)}, not for ${host}`,
    'The broker is reached by another name than its certificate has.',
    'Use one of those names, or a certificate with this one; ssl.endpoint.identification.algorithm= (empty) turns the check off.',
  )
}

/** What the server's complaint about the client's side means; undefined when it is none. */
const alertFault = (code: string, hasCertificate: boolean): HopFailure | undefined => {
  if (!/ALERT/.test(code)) return undefined
  if (/PROTOCOL_VERSION/.test(code)) return versionFault(code)
  if (
    /CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED/.test(code)
  ) {
    return hasCertificate
      ? new HopFailure(
          `the broker refuses the client's certificate (${code})`,
          "The broker's trust store does not hold the authority that signed it, or it is expired.",
          "Use a certificate of an authority in the broker's ssl.truststore.location, in ssl.keystore.location here.",
        )
      : new HopFailure(
          `the broker ends the handshake: it wants a client certificate (${code})`,
          'The listener has ssl.client.auth=required, and no ssl.keystore.location is set here.',
          'Set ssl.keystore.location to a file with key and certificate (ssl.keystore.type=PEM or PKCS12).',
        )
  }
  return undefined
}

const versionFault = (code: string): HopFailure =>
  new HopFailure(
    `client and broker have no TLS version or cipher in common (${code})`,
    'ssl.enabled.protocols or ssl.cipher.suites differ.',
    'Compare ssl.enabled.protocols and ssl.cipher.suites with the broker; kt has TLSv1.2 and TLSv1.3.',
  )

/** A server that shakes hands and then closes: it doesn't take the client, or is no broker. */
const closedFault = (code: string | undefined, { cert }: TlsSettings): HopFailure => {
  const hasCertificate = cert !== null
  const refused = alertFault(code ?? '', hasCertificate)
  if (refused) return refused
  return new HopFailure(
    `the broker closes the connection after the handshake (${code ?? 'without a word'})`,
    hasCertificate
      ? "It refuses the client's certificate: its trust store does not hold the authority that signed it."
      : 'It wants a client certificate (ssl.client.auth=required), or is no Kafka broker.',
    hasCertificate
      ? "Use a certificate of an authority in the broker's ssl.truststore.location, in ssl.keystore.location here."
      : "Set ssl.keystore.location to a file with key and certificate; else check the port, and the broker's log.",
  )
}

type Shaken = { socket: TLSSocket } | { error: NodeJS.ErrnoException }

const shakeHands = ({ host, port }: Address, settings: TlsSettings, timeoutMs: number): Promise<Shaken> =>
  new Promise((resolve) => {
    const { secureContext, minVersion, maxVersion } = tlsOptions(settings)
    const socket = connect({
      ...{ host, port, secureContext },
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(minVersion === undefined ? {} : { minVersion }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
      // The certificate is judged here, so that all about it can be told.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    })
    const fail = (error: NodeJS.ErrnoException): void => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve({ error })
    }
    socket.setTimeout(timeoutMs, () =>
      fail(Object.assign(new Error('no answer to the handshake'), { code: 'ETIMEDOUT' })),
    )
    socket.once('error', fail)
    socket.once('close', () => fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })))
    socket.once('secureConnect', () => {
      socket.setTimeout(0)
      socket.removeAllListeners()
      resolve({ socket })
    })
  })

/** A handshake that failed: what listens on the port in place of TLS, or what the two can't agree on. */
const handshakeFault = async (
  address: Address,
  protocol: SecurityProtocol,
  settings: TlsSettings,
  error: NodeJS.ErrnoException,
  timeoutMs: number,
): Promise<HopFailure> => {
  const code = error.code ?? error.message
  const alert = alertFault(code, settings.cert !== null)
  if (alert) return alert
  const plain = await askPlain(address, timeoutMs)
  if (plain.kind === 'kafka') {
    const without = protocol === 'SASL_SSL' ? 'SASL_PLAINTEXT' : 'PLAINTEXT'
    return new HopFailure(
      'a Kafka broker answers there without TLS',
      `security.protocol=${protocol} does not fit this listener.`,
      `Set security.protocol=${without}, or use the port of a listener with TLS.`,
    )
  }
  if (plain.kind === 'http') {
    return new HopFailure(
      `no TLS: it answers "${plain.line}"`,
      'An HTTP server listens there, not a Kafka broker.',
      "Correct the port: Kafka's own is usually 9092, or 9093 with TLS.",
    )
  }
  if (/UNSUPPORTED_PROTOCOL|NO_CIPHER|NO_PROTOCOLS|INTERNAL_ERROR/.test(code)) return versionFault(code)
  return new HopFailure(
    `the handshake failed: ${error.message} (${code})`,
    'The port may be one without TLS, or nothing of Kafka listens there.',
    'Check security.protocol, the port, ssl.enabled.protocols and ssl.cipher.suites against the broker.',
  )
}

const described = (socket: TLSSocket, certificate: DetailedPeerCertificate, nowMs: number): string => {
  const days = Math.floor((new Date(certificate.valid_to).getTime() - nowMs) / DAY_MS)
  const soon = days <= SOON_DAYS ? `, ${days} days from now` : ''
  return `${socket.getProtocol()}, certificate for ${namesOf(certificate)}, signed by ${nameText(certificate.issuer)}, until ${dateText(certificate.valid_to)}${soon}`
}

/**
 * TLS: handshake, certificate, host name, and whether the server takes the client (with TLS 1.3 it says so after the handshake, in
 * place of its first answer, which is therefore read here).
 */
export const shakeTls = async (
  address: Address,
  protocol: SecurityProtocol,
  settings: TlsSettings,
  timeoutMs: number,
): Promise<Passed<FirstAnswer>> => {
  const shaken = await shakeHands(address, settings, Math.ceil(timeoutMs / 2))
  if ('error' in shaken) {
    throw await handshakeFault(address, protocol, settings, shaken.error, Math.floor(timeoutMs / 2))
  }
  const { socket } = shaken
  const nowMs = Date.now()
  const certificate = socket.getPeerCertificate(true)
  // Node says what it doesn't trust in an Error in spite of its type, or as its code.
  const doubt = socket.authorizationError as unknown as { code?: string; message?: string } | string | null | undefined
  const error = !doubt ? undefined : typeof doubt === 'string' ? doubt : (doubt.code ?? doubt.message)
  const fault = certificateFault(certificate, address.host, error, settings, nowMs)
  if (fault) {
    socket.on('error', () => {})
    socket.destroy()
    throw fault
  }
  const detail = described(socket, certificate, nowMs)
  const answer = await firstAnswer(socket, Math.floor(timeoutMs / 2))
  if (answer.kind === 'closed') throw closedFault(answer.error?.code, settings)
  return { detail, value: answer }
}
