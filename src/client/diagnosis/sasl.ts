import { ClientError } from '../../net/client-error.ts'
import { Connection, type ConnectionOptions } from '../../net/connection.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../protocol/generated/17-sasl-handshake.ts'
import { connectionSecurity } from '../security.ts'
import type { Address, SecuritySettings } from '../settings.ts'
import { HopFailure, type Passed } from './hop.ts'

type SaslSettings = NonNullable<SecuritySettings['sasl']>

/** Opens a connection as a client would; for all that comes after the bytes are known to be right. */
export const openConnection = async (
  address: Address,
  security: SecuritySettings,
  timeoutMs: number,
): Promise<Connection> => {
  const options: ConnectionOptions = {
    ...address,
    clientId: 'kt-doctor',
    setupTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
    ...(await connectionSecurity(security)),
  }
  return Connection.open(options)
}

/** No broker has a mechanism of this name; asking for it brings the list of those it has. */
const NO_MECHANISM = 'KT-DOCTOR'

/** Mechanisms of a listener; undefined when it has no SASL. */
export const enabledMechanisms = async (
  address: Address,
  security: SecuritySettings,
  timeoutMs: number,
): Promise<string[] | undefined> => {
  const connection = await openConnection(address, { ...security, sasl: null }, timeoutMs)
  try {
    const answer = await connection.send(SaslHandshakeRequest, SaslHandshakeResponse, { mechanism: NO_MECHANISM })
    return answer.errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM ? answer.mechanisms : undefined
  } finally {
    connection.close()
  }
}

/** Whom the settings say this client is; no secrets. */
export const saslUser = (sasl: SaslSettings): string => {
  if (sasl.mechanism !== 'OAUTHBEARER') return `User:${sasl.username}`
  const { unsecuredClaims, clientId } = sasl
  return `User:${String(unsecuredClaims.get('sub') ?? clientId ?? 'of the token')}`
}

const refusal = (error: ClientError, sasl: SaslSettings, mechanisms: string[] | undefined): HopFailure => {
  const { mechanism } = sasl
  if (mechanisms === undefined) {
    return new HopFailure(
      'the listener has no SASL',
      'security.protocol has SASL, and the listener has not.',
      'Set security.protocol=PLAINTEXT, or SSL on a listener with TLS; or use the port of a listener with SASL.',
    )
  }
  if (!mechanisms.includes(mechanism)) {
    return new HopFailure(
      `the listener does not have ${mechanism}; it has ${mechanisms.join(', ')}`,
      'sasl.mechanism does not fit the listener.',
      `Set sasl.mechanism to one of ${mechanisms.join(', ')}, with credentials for it in sasl.jaas.config.`,
    )
  }
  const isScram = mechanism.startsWith('SCRAM')
  return new HopFailure(
    `the broker refuses ${saslUser(sasl)} with ${mechanism}: ${error.message.replace(/\.$/, '')}`,
    mechanism === 'OAUTHBEARER'
      ? 'The broker does not accept the token: expired, or of another issuer or audience.'
      : 'The password is wrong, or the user does not exist.',
    isScram
      ? `Check username and password in sasl.jaas.config; kt configs --describe --entity-type users lists who has ${mechanism}.`
      : 'Check the credentials in sasl.jaas.config.',
  )
}

/** SASL: whether the broker lets this user in; the connection goes on to the next hops. */
export const authenticate = async (
  address: Address,
  security: SecuritySettings,
  sasl: SaslSettings,
  timeoutMs: number,
): Promise<Passed<Connection>> => {
  try {
    const connection = await openConnection(address, security, timeoutMs)
    return { detail: `${saslUser(sasl)} is let in with ${sasl.mechanism}`, value: connection }
  } catch (error) {
    const isRefused = error instanceof ClientError && ['authentication', 'disconnected'].includes(error.reason)
    if (!isRefused) throw error
    throw refusal(error, sasl, await enabledMechanisms(address, security, timeoutMs))
  }
}

/** For a client without SASL: the fault when the listener wants it. */
export const wantsSasl = async (
  address: Address,
  security: SecuritySettings,
  timeoutMs: number,
): Promise<HopFailure | undefined> => {
  if (security.sasl !== null) return undefined
  const mechanisms = await enabledMechanisms(address, security, timeoutMs).catch(() => undefined)
  if (mechanisms === undefined) return undefined
  const protocol = security.protocol === 'SSL' ? 'SASL_SSL' : 'SASL_PLAINTEXT'
  return new HopFailure(
    `the listener wants SASL; it has ${mechanisms.join(', ')}`,
    `security.protocol=${security.protocol} has no SASL.`,
    `Set security.protocol=${protocol}, sasl.mechanism and sasl.jaas.config; or use the port of a listener without SASL.`,
  )
}
