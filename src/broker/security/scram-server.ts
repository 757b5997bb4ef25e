import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { credentialOfPassword, MIN_SCRAM_ITERATIONS, scramHash } from '../controller/scram-formulas.ts'
import {
  type ScramCredential,
  type ScramImage,
  ScramMechanismCode,
  type ScramMechanismName,
} from '../controller/scram-image.ts'
import { madeUpBytes } from './constant-time.ts'
import type { DelegationTokens } from './delegation-tokens.ts'
import { SaslFailure, type SaslMechanismServer, type SaslOutcome, type SaslServer } from './sasl-server.ts'

const SASL_NAME = '(?:[\\x01-\\x2B\\x2D-\\x3C\\x3E-\\x7F]|=2C|=3D)+'
const PRINTABLE = '[\\x21-\\x2B\\x2D-\\x7E]+'
const BASE64 = '(?:[a-zA-Z0-9/+]{4})*(?:[a-zA-Z0-9/+]{3}=|[a-zA-Z0-9/+]{2}==)?'
const EXTENSIONS = '(?:,[A-Za-z]+=[\\x01-\\x2B\\x2D-\\x7F]+)*'
/** Kafka's patterns for the two messages of a client (ScramMessages). */
const CLIENT_FIRST = new RegExp(
  `^n,(?:a=(?<authzid>${SASL_NAME}))?,(?<bare>(?:m=[\\x01-\\x2B\\x2D-\\x7F]+,)?n=(?<name>${SASL_NAME}),r=(?<nonce>${PRINTABLE})(?<extensions>${EXTENSIONS}))$`,
)
const CLIENT_FINAL = new RegExp(
  `^(?<bare>c=(?<channel>${BASE64}),r=(?<nonce>${PRINTABLE})${EXTENSIONS}),p=(?<proof>${BASE64})$`,
)
const SALT_BYTES = 24
const NONCE_BYTES = 24

/** Where credentials come from. */
export interface ScramSources {
  scram: ScramImage
  tokens: DelegationTokens
}

/**
 * SCRAM (RFC 5802, RFC 7677) with the credentials of the metadata log, or with a delegation token's id and HMAC (KIP-48).
 *
 * A user or token that there isn't is led through the whole exchange with made-up salt and keys, and fails at its end as a wrong
 * password does: neither answer nor time tells which it was.
 */
export function scramServer(name: ScramMechanismName, sources: ScramSources): SaslMechanismServer {
  return { name, exchange: () => new ScramServer(name, sources) }
}

/** Who wants to log in, and how to get at what the proof is checked with. */
interface Claim {
  outcome: SaslOutcome | undefined
  salt: Buffer
  iterations: number
  credential(): ScramCredential | Promise<ScramCredential>
}

interface FirstMessages {
  claim: Claim
  nonce: string
  /** Both first messages as the signatures cover them. */
  text: string
}

class ScramServer implements SaslServer {
  outcome: SaslOutcome | undefined
  private readonly mechanism: ScramMechanismName
  private readonly hash: string
  private readonly sources: ScramSources
  private first: FirstMessages | undefined

  constructor(mechanism: ScramMechanismName, sources: ScramSources) {
    this.mechanism = mechanism
    this.hash = scramHash(mechanism)
    this.sources = sources
  }

  evaluate(message: Buffer): Buffer | Promise<Buffer> {
    const text = message.toString('utf8')
    return this.first === undefined ? this.begin(text) : this.finish(text, this.first)
  }

  private begin(text: string): Buffer {
    const fields = CLIENT_FIRST.exec(text)?.groups
    if (!fields) throw SaslFailure.kept('Invalid SCRAM client first message format')
    const name = fields.name!.replaceAll('=2C', ',').replaceAll('=3D', '=')
    const isToken = /(?:^|,)tokenauth=true(?:,|$)/i.test(fields.extensions ?? '')
    const claim = isToken ? this.tokenClaim(name) : this.userClaim(name)
    const authorizationId = fields.authzid ?? ''
    if (authorizationId !== '' && authorizationId !== name) {
      throw SaslFailure.told(
        'Authentication failed: Client requested an authorization id that is different from username',
      )
    }
    const { salt, iterations } = claim
    if (iterations < MIN_SCRAM_ITERATIONS) {
      throw SaslFailure.kept(
        `Iterations ${iterations} is less than the minimum ${MIN_SCRAM_ITERATIONS} for ${this.mechanism}`,
      )
    }
    const nonce = fields.nonce! + randomBytes(NONCE_BYTES).toString('base64url')
    const answer = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`
    this.first = { claim, nonce, text: `${fields.bare},${answer}` }
    return Buffer.from(answer)
  }

  private userClaim(user: string): Claim {
    const credential = this.sources.scram.credential(user, ScramMechanismCode[this.mechanism])
    if (credential === undefined) return this.madeUpClaim(user)
    const { salt, iterations } = credential
    return { outcome: { user }, salt, iterations, credential: () => credential }
  }

  private madeUpClaim(user: string): Claim {
    const salt = madeUpBytes(`${this.mechanism} salt of ${user}`, SALT_BYTES)
    const key = madeUpBytes(`${this.mechanism} key of ${user}`, this.hash === 'sha256' ? 32 : 64)
    const credential = { salt, storedKey: key, serverKey: key, iterations: MIN_SCRAM_ITERATIONS }
    return { outcome: undefined, salt, iterations: MIN_SCRAM_ITERATIONS, credential: () => credential }
  }

  /** The password is the token's HMAC in base64; its salted form is made only when a proof has come. */
  private tokenClaim(tokenId: string): Claim {
    const token = this.sources.tokens.byId(tokenId)
    const salt = madeUpBytes(`${this.mechanism} token ${tokenId}`, SALT_BYTES)
    const password = (token?.hmac ?? madeUpBytes(tokenId, 64)).toString('base64')
    const iterations = MIN_SCRAM_ITERATIONS
    const credential = (): Promise<ScramCredential> => credentialOfPassword(this.mechanism, password, salt, iterations)
    if (token === undefined) return { outcome: undefined, salt, iterations, credential }
    const user = token.owner.slice(token.owner.indexOf(':') + 1)
    return { outcome: { user, expiresAtMs: token.expiryTimestampMs, byToken: true }, salt, iterations, credential }
  }

  private async finish(text: string, { claim, nonce, text: firstMessages }: FirstMessages): Promise<Buffer> {
    const fields = CLIENT_FINAL.exec(text)?.groups
    if (!fields) throw SaslFailure.kept('Invalid SCRAM client final message format')
    if (fields.nonce !== nonce) throw SaslFailure.kept('Invalid client nonce in the final client message.')
    const { storedKey, serverKey } = await claim.credential()
    const authMessage = `${firstMessages},${fields.bare}`
    const proof = Buffer.from(fields.proof!, 'base64')
    const signature = this.hmac(storedKey, authMessage)
    const clientKey = Buffer.from(signature.map((byte, i) => byte ^ (proof[i] ?? 0)))
    const provenKey = createHash(this.hash).update(clientKey).digest()
    const isProven = provenKey.length === storedKey.length && timingSafeEqual(provenKey, storedKey)
    if (!isProven || proof.length !== signature.length || claim.outcome === undefined) {
      throw SaslFailure.kept('Invalid client credentials')
    }
    this.outcome = claim.outcome
    return Buffer.from(`v=${this.hmac(serverKey, authMessage).toString('base64')}`)
  }

  private hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.hash, key).update(text).digest()
  }
}
