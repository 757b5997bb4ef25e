import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { SaslError, type SaslExchange, type SaslMechanism } from './exchange.ts'

export type ScramName = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export interface ScramCredentials {
  username: string
  password: string
  /** The credentials are a delegation token's id and HMAC (KIP-48). */
  tokenAuth?: boolean
}

const HASH: Record<ScramName, { name: string; sizeBytes: number }> = {
  'SCRAM-SHA-256': { name: 'sha256', sizeBytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', sizeBytes: 64 },
}

/** Fewer rounds make guessing the password from what was overheard too cheap (RFC 7677). */
const MIN_ITERATIONS = 4096
/** A server that asks for more wants to keep the client busy. */
const MAX_ITERATIONS = 10_000_000
/** GS2 header "n,,": no channel binding; in base64 as the final message repeats it. */
const GS2_HEADER = 'n,,'
const CHANNEL_BINDING = Buffer.from(GS2_HEADER).toString('base64')

const escapeName = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C')

/** Attributes of a server message: "r=…,s=…,i=…". */
function attributes(message: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of message.split(',')) {
    if (part[1] === '=') found.set(part[0] ?? '', part.slice(2))
  }
  return found
}

/**
 * SCRAM (RFC 5802, RFC 7677) without channel binding, as Kafka has it: the password never crosses the wire, and the server has to
 * prove that it knows it too.
 *
 * @param nonce the client's nonce, for tests; random otherwise.
 */
export function scramMechanism(name: ScramName, credentials: ScramCredentials, nonce?: string): SaslMechanism {
  return { name, exchange: () => new ScramExchange(name, credentials, nonce ?? randomBytes(24).toString('base64url')) }
}

class ScramExchange implements SaslExchange {
  private readonly hash: string
  private readonly hashBytes: number
  private readonly password: string
  private readonly nonce: string
  private readonly firstBare: string
  private serverSignature: Buffer | null = null

  constructor(name: ScramName, { username, password, tokenAuth }: ScramCredentials, nonce: string) {
    this.hash = HASH[name].name
    this.hashBytes = HASH[name].sizeBytes
    // SASLprep beyond this changes nothing for the ASCII passwords that Kafka's own tools make.
    this.password = password.normalize('NFKC')
    this.nonce = nonce
    this.firstBare = `n=${escapeName(username)},r=${nonce}${tokenAuth ? ',tokenauth=true' : ''}`
  }

  start(): Buffer {
    return Buffer.from(GS2_HEADER + this.firstBare)
  }

  next(challenge: Buffer): Buffer | null {
    const message = challenge.toString('utf8')
    const server = attributes(message)
    const error = server.get('e')
    if (error !== undefined) throw new SaslError(`Sasl authentication using ${this.hash} failed with error: ${error}`)
    if (this.serverSignature === null) return this.proof(message, server)
    this.verify(server)
    return null
  }

  private proof(message: string, server: Map<string, string>): Buffer {
    const nonce = server.get('r') ?? ''
    const salt = Buffer.from(server.get('s') ?? '', 'base64')
    const iterations = Number(server.get('i'))
    if (!nonce.startsWith(this.nonce) || nonce.length === this.nonce.length) {
      throw new SaslError(
        "The server's nonce does not extend the client's: its message is not an answer to this client.",
      )
    }
    if (salt.length === 0 || !Number.isInteger(iterations))
      throw new SaslError("The server's SCRAM message has no salt or iterations.")
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw new SaslError(`Requested iterations ${iterations} are outside ${MIN_ITERATIONS} to ${MAX_ITERATIONS}.`)
    }
    const salted = pbkdf2Sync(this.password, salt, iterations, this.hashBytes, this.hash)
    const clientKey = this.hmac(salted, 'Client Key')
    const storedKey = createHash(this.hash).update(clientKey).digest()
    const withoutProof = `c=${CHANNEL_BINDING},r=${nonce}`
    const authMessage = `${this.firstBare},${message},${withoutProof}`
    const signature = this.hmac(storedKey, authMessage)
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)))
    this.serverSignature = this.hmac(this.hmac(salted, 'Server Key'), authMessage)
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)
  }

  private verify(server: Map<string, string>): void {
    const signature = Buffer.from(server.get('v') ?? '', 'base64')
    const expected = this.serverSignature as Buffer
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new SaslError('Invalid server signature in server final message: the server does not know the password.')
    }
  }

  private hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.hash, key).update(text).digest()
  }
}
