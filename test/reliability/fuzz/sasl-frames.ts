import { SaslHandshakeRequest } from '../../../src/protocol/generated/17-sasl-handshake.ts'
import { ApiVersionsRequest } from '../../../src/protocol/generated/18-api-versions.ts'
import { SaslAuthenticateRequest } from '../../../src/protocol/generated/36-sasl-authenticate.ts'
import { requestFrame } from '../../broker/in-process.ts'

const MODULES = 'org.apache.kafka.common.security'
const OWN = 'listener.name.sasl'
export const USER = { name: 'alice', password: 'alice-pw' }
export const ROOT = { name: 'root', password: 'root-pw' }

/** Properties of a broker with a listener SASL that knows every mechanism, and both users by PLAIN. */
export const SASL_BROKER: Readonly<Record<string, string>> = {
  listeners: 'PLAINTEXT://localhost:0,SASL://localhost:0,CONTROLLER://localhost:0',
  'advertised.listeners': 'PLAINTEXT://localhost:0,SASL://localhost:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  [`${OWN}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
  [`${OWN}.plain.sasl.jaas.config`]: `${MODULES}.plain.PlainLoginModule required user_${USER.name}="${USER.password}" user_${ROOT.name}="${ROOT.password}";`,
  [`${OWN}.scram-sha-256.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
  [`${OWN}.scram-sha-512.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
  [`${OWN}.oauthbearer.sasl.jaas.config`]: `${MODULES}.oauthbearer.OAuthBearerLoginModule required;`,
  'delegation.token.secret.key': 'secret',
  'connection.failed.authentication.delay.ms': '1',
  'connections.max.reauth.ms': '10000',
}

const below = (limit: number): number => Math.floor(Math.random() * limit)
const anyOf = <T>(items: readonly T[]): T => items[below(items.length)] as T

export const plainToken = ({ name, password }: typeof USER): Buffer => Buffer.from(`\0${name}\0${password}`)

const MECHANISMS: Readonly<Record<string, readonly string[]>> = {
  PLAIN: ['\0alice\0alice-pw', '\0alice\0wrong', 'bob\0alice\0alice-pw', '\0\0', '\0nobody\nhere\0x'],
  'SCRAM-SHA-256': [
    'n,,n=alice,r=fyko',
    'n,a=bob,n=alice,r=fyko',
    'n,,n=id,r=fyko,tokenauth=true',
    'c=biws,r=fyko,p=YWJj',
  ],
  'SCRAM-SHA-512': ['n,,n=al=2Cice,r=fyko', 'n,,m=x,n=alice,r=fyko', 'y,,n=alice,r=fyko', 'c=biws,r=fyko,p='],
  OAUTHBEARER: [
    'n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6OTk5OTk5OTk5OX0.\x01\x01',
    'n,a=bob,\x01auth=Bearer x.y.\x01k=v\x01\x01',
    '\x01',
  ],
}

export const handshakeFrame = (mechanism: string, version: number): Buffer =>
  requestFrame(SaslHandshakeRequest, version, 1, { mechanism })
export const authenticateFrame = (authBytes: Buffer, version = 2): Buffer =>
  requestFrame(SaslAuthenticateRequest, version, 2, { authBytes })

/**
 * What a client may send before it is somebody: an exchange of any mechanism in either framing, at times after ApiVersions, with each frame but now and
 * then mutated; or requests that have no business there.
 */
export function beforeAuthentication(mutated: (frame: Buffer) => Buffer, pool: readonly Buffer[]): Buffer[] {
  const maybe = (frame: Buffer): Buffer => (below(4) === 0 ? mutated(frame) : frame)
  const mechanism = anyOf(Object.keys(MECHANISMS))
  const token = (): Buffer => Buffer.from(anyOf(MECHANISMS[mechanism]!), 'latin1')
  const versions = requestFrame(ApiVersionsRequest, below(5), 0, {
    clientSoftwareName: 'a',
    clientSoftwareVersion: '1',
  })
  const start = below(3) === 0 ? [maybe(versions)] : []
  switch (below(4)) {
    case 0:
      return [...start, mutated(anyOf(pool)), mutated(anyOf(pool))]
    case 1:
      return [...start, mutated(handshakeFrame(mechanism, below(2))), token()]
    case 2:
      return [...start, maybe(handshakeFrame(mechanism, 0)), mutated(token()), mutated(token()), maybe(anyOf(pool))]
    default: {
      const authenticate = (): Buffer =>
        mutated(authenticateFrame(below(2) === 0 ? token() : mutated(token()), below(3)))
      return [...start, maybe(handshakeFrame(mechanism, 1)), authenticate(), authenticate(), maybe(anyOf(pool))]
    }
  }
}
