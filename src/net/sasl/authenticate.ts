import { ErrorCode, errorInfo, KafkaError } from '../../protocol/errors.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../protocol/generated/17-sasl-handshake.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from '../../protocol/generated/36-sasl-authenticate.ts'
import { ClientError } from '../client-error.ts'
import type { Authenticator, SaslChannel } from '../connection.ts'
import { SaslError, type SaslMechanism } from './exchange.ts'

/** A mechanism that never ends is a broken server. */
const MAX_ROUNDS = 10

function failure(
  channel: SaslChannel,
  mechanism: string,
  message: string,
  cause?: unknown,
  code?: number,
): ClientError {
  const { host, port } = channel
  return new ClientError('authentication', message, {
    host,
    port,
    cause,
    detail: `Authentication with ${mechanism} at ${host}:${port} failed.`,
    nextStep: 'Check sasl.mechanism and the credentials in sasl.jaas.config.',
    exceptionClass: code === undefined ? undefined : (errorInfo(code).exceptionClass ?? undefined),
  })
}

/**
 * Authenticates connections with a mechanism: SaslHandshake version 1, then SaslAuthenticate until both sides are done (KIP-152).
 * The broker's message is the error's message, word for word.
 */
export function saslAuthenticator(mechanism: SaslMechanism): Authenticator {
  return {
    async authenticate(channel) {
      const { name } = mechanism
      const handshake = await channel.send(SaslHandshakeRequest, SaslHandshakeResponse, { mechanism: name })
      if (handshake.errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM) {
        const text = `Client SASL mechanism '${name}' not enabled in the server, enabled mechanisms are [${handshake.mechanisms.join(', ')}]`
        throw failure(channel, name, text, undefined, handshake.errorCode)
      }
      if (handshake.errorCode !== ErrorCode.NONE) {
        throw failure(channel, name, new KafkaError(handshake.errorCode).message, undefined, handshake.errorCode)
      }
      try {
        return await converse(channel, mechanism)
      } catch (error) {
        if (error instanceof SaslError) throw failure(channel, name, error.message, error)
        throw error
      }
    },
  }
}

async function converse(channel: SaslChannel, mechanism: SaslMechanism): Promise<number> {
  const exchange = mechanism.exchange()
  let message: Buffer | null = await exchange.start()
  let lifetimeMs = 0
  for (let round = 0; message !== null; round++) {
    if (round >= MAX_ROUNDS) throw new SaslError(`The server did not come to an end after ${MAX_ROUNDS} messages.`)
    const answer: SaslAuthenticateResponse = await channel.send(SaslAuthenticateRequest, SaslAuthenticateResponse, {
      authBytes: message,
    })
    if (answer.errorCode !== ErrorCode.NONE) {
      const text = answer.errorMessage || new KafkaError(answer.errorCode).message
      throw failure(channel, mechanism.name, text, undefined, answer.errorCode)
    }
    lifetimeMs = Number(answer.sessionLifetimeMs)
    message = exchange.next(answer.authBytes)
  }
  return lifetimeMs
}
