import { equalInConstantTime, madeUpBytes } from './constant-time.ts'
import { SaslFailure, type SaslMechanismServer, type SaslOutcome, type SaslServer } from './sasl-server.ts'

const USER_OPTION = 'user_'
const TOKENS = 3

/**
 * PLAIN (RFC 4616) with the users of a JAAS entry: `user_alice="password"`.
 *
 * @param options of Kafka's PlainLoginModule
 */
export function plainServer(options: ReadonlyMap<string, string>): SaslMechanismServer {
  return { name: 'PLAIN', exchange: () => new PlainServer(options) }
}

class PlainServer implements SaslServer {
  outcome: SaslOutcome | undefined
  private readonly options: ReadonlyMap<string, string>

  constructor(options: ReadonlyMap<string, string>) {
    this.options = options
  }

  evaluate(message: Buffer): Buffer {
    const tokens = message.toString('utf8').split('\0')
    if (tokens.length !== TOKENS) {
      throw SaslFailure.told(
        `Invalid SASL/PLAIN response: expected 3 tokens, got ${Math.min(tokens.length, TOKENS + 1)}`,
      )
    }
    const [authorizationId, user, password] = tokens as [string, string, string]
    if (user === '') throw SaslFailure.told('Authentication failed: username not specified')
    if (password === '') throw SaslFailure.told('Authentication failed: password not specified')
    // An unknown user's password is compared too, so that the time taken tells nobody which users there are.
    const expected = this.options.get(USER_OPTION + user)
    const isSame = equalInConstantTime(password, expected ?? madeUpBytes(user, 32))
    if (!isSame || expected === undefined) {
      throw SaslFailure.told('Authentication failed: Invalid username or password')
    }
    if (authorizationId !== '' && authorizationId !== user) {
      throw SaslFailure.told(
        'Authentication failed: Client requested an authorization id that is different from username',
      )
    }
    this.outcome = { user }
    return Buffer.alloc(0)
  }
}
