/** The broker's side of one SASL exchange: messages in, messages out, until it is complete. */
export interface SaslServer {
  /**
   * Answers the client's message.
   *
   * @returns the next message to the client, empty when there is nothing to say
   * @throws SaslFailure when the exchange has failed
   */
  evaluate(message: Buffer): Buffer | Promise<Buffer>
  /** Who the client is; undefined as long as the exchange isn't complete. */
  readonly outcome: SaslOutcome | undefined
}

/** What a complete exchange has found out. */
export interface SaslOutcome {
  /** The name of the principal 'User:NAME'. */
  readonly user: string
  /** When the credential ends (an OAuth or delegation token), in ms since 1970. */
  readonly expiresAtMs?: number
  /** Logged in by a delegation token, which may not ask for another. */
  readonly byToken?: boolean
}

/** A mechanism as a listener is configured for it. */
export interface SaslMechanismServer {
  readonly name: string
  exchange(): SaslServer
}

/**
 * The exchange failed. `clientMessage` is what the client may be told; undefined says no more than that the credentials are wrong.
 */
export class SaslFailure extends Error {
  override readonly name = 'SaslFailure'
  readonly clientMessage: string | undefined

  private constructor(message: string, clientMessage: string | undefined) {
    super(message)
    this.clientMessage = clientMessage
  }

  /** The client is told why. */
  static told(message: string): SaslFailure {
    return new SaslFailure(message, message)
  }

  /** The reason goes to the broker's log alone. */
  static kept(message: string): SaslFailure {
    return new SaslFailure(message, undefined)
  }
}
