import { SaslFailure, type SaslMechanismServer, type SaslOutcome, type SaslServer } from './sasl-server.ts'

const SASL_NAME = '(?:[\\x01-\\x2B\\x2D-\\x3C\\x3E-\\x7F]|=2C|=3D)+'
const PAIRS = '(?:[A-Za-z]+=[\\x21-\\x7E \\t\\r\\n]+\\x01)*'
const CLIENT_FIRST = new RegExp(`^n,(?:a=(?<authzid>${SASL_NAME}))?,\\x01(?<pairs>${PAIRS})\\x01$`)
const AUTHORIZATION = /^(?<scheme>\w+) +(?<token>[-_~+/.a-zA-Z0-9]+=*)$/
const EXTENSION_NAME = /^[A-Za-z]+$/
/** What a client sends once it has read why its token was refused (RFC 7628, section 3.2.3). */
const ACKNOWLEDGEMENT = Buffer.from('\x01')

/** A token that was accepted. */
export interface ValidToken {
  readonly principal: string
  readonly expiresAtMs: number
}

/** The token is refused; `status` and `scope` go to the client, the message to the log. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError'
  readonly status: 'invalid_token' | 'insufficient_scope'
  readonly scope: string | undefined

  constructor(message: string, status: 'invalid_token' | 'insufficient_scope' = 'invalid_token', scope?: string) {
    super(message)
    this.status = status
    this.scope = scope
  }
}

/** Decides of a token. Throws InvalidTokenError. */
export type TokenValidator = (token: string) => ValidToken | Promise<ValidToken>

/** OAUTHBEARER (RFC 7628, KIP-255). */
export function oauthBearerServer(
  validate: TokenValidator,
  onRefused: (reason: string) => void = () => {},
): SaslMechanismServer {
  return { name: 'OAUTHBEARER', exchange: () => new OAuthBearerServer(validate, onRefused) }
}

class OAuthBearerServer implements SaslServer {
  outcome: SaslOutcome | undefined
  private readonly validate: TokenValidator
  private readonly onRefused: (reason: string) => void
  private refusal: string | undefined

  constructor(validate: TokenValidator, onRefused: (reason: string) => void) {
    this.validate = validate
    this.onRefused = onRefused
  }

  async evaluate(message: Buffer): Promise<Buffer> {
    if (this.refusal !== undefined && message.equals(ACKNOWLEDGEMENT)) throw SaslFailure.told(this.refusal)
    this.refusal = undefined
    const { token, authorizationId } = parseFirst(message.toString('utf8'))
    let valid: ValidToken
    try {
      valid = await this.validate(token)
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error
      this.onRefused(error.message)
      const scope = error.scope === undefined ? '' : `, "scope":"${error.scope}"`
      this.refusal = `{"status":"${error.status}"${scope}}`
      return Buffer.from(this.refusal)
    }
    if (authorizationId !== '' && authorizationId !== valid.principal) {
      throw SaslFailure.told(
        `Authentication failed: Client requested an authorization id (${authorizationId}) that is different from the token's principal name (${valid.principal})`,
      )
    }
    this.outcome = { user: valid.principal, expiresAtMs: valid.expiresAtMs }
    return Buffer.alloc(0)
  }
}

function parseFirst(text: string): { token: string; authorizationId: string } {
  const fields = CLIENT_FIRST.exec(text)?.groups
  if (!fields) throw SaslFailure.kept('Invalid OAUTHBEARER client first message')
  const pairs = new Map(
    fields
      .pairs!.split('\x01')
      .filter((pair) => pair !== '')
      .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  const authorization = pairs.get('auth')
  if (authorization === undefined) {
    throw SaslFailure.kept("Invalid OAUTHBEARER client first message: 'auth' not specified")
  }
  const parts = AUTHORIZATION.exec(authorization)?.groups
  if (!parts) throw SaslFailure.kept("Invalid OAUTHBEARER client first message: invalid 'auth' format")
  if (parts.scheme!.toLowerCase() !== 'bearer') {
    throw SaslFailure.kept(`Invalid scheme in OAUTHBEARER client first message: ${parts.scheme}`)
  }
  for (const name of pairs.keys()) {
    if (!EXTENSION_NAME.test(name)) throw SaslFailure.kept(`Extension name ${name} is invalid`)
  }
  const authorizationId = (fields.authzid ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=')
  return { token: parts.token!, authorizationId }
}
