/** The client's side of one SASL exchange: bytes out, bytes in, until it is done. */
export interface SaslExchange {
  /** The first message. */
  start(): Buffer | Promise<Buffer>
  /**
   * Answers the server's message.
   *
   * @returns the next message, or null when the client has nothing more to say
   * @throws SaslError when the server's message is wrong or proves that it doesn't know the secret
   */
  next(challenge: Buffer): Buffer | null
}

/** A SASL mechanism with its credentials. */
export interface SaslMechanism {
  readonly name: string
  /** A new exchange; every authentication, and every renewal, has its own. */
  exchange(): SaslExchange
}

/** The exchange failed on the client's side. */
export class SaslError extends Error {
  override readonly name = 'SaslError'
}
