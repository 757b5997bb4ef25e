import { readFileSync } from 'node:fs'
import type { BrokerOptions } from '../../../src/broker/broker.ts'
import { saltedPassword } from '../../../src/broker/controller/scram-formulas.ts'
import { ScramMechanismCode, type ScramMechanismName } from '../../../src/broker/controller/scram-image.ts'
import type { SaslMechanism } from '../../../src/net/sasl/exchange.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../../src/protocol/generated/17-sasl-handshake.ts'
import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from '../../../src/protocol/generated/36-sasl-authenticate.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../../src/protocol/generated/51-alter-user-scram-credentials.ts'
import { TestBroker, TestClient } from '../in-process.ts'

const MODULES = 'org.apache.kafka.common.security'
export const fixturePath = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname
export const fixtureText = (name: string): string => readFileSync(fixturePath(name), 'utf8')

/** A broker with a PLAINTEXT listener, and one named SASL with every mechanism; alice's password is alice-pw. */
export function saslBroker(
  overrides: Record<string, string> = {},
  options: Partial<BrokerOptions> = {},
): Promise<TestBroker> {
  const own = 'listener.name.sasl'
  return TestBroker.start(
    {
      listeners: 'PLAINTEXT://localhost:0,SASL://localhost:0,CONTROLLER://localhost:0',
      'advertised.listeners': 'PLAINTEXT://localhost:0,SASL://localhost:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      [`${own}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      [`${own}.plain.sasl.jaas.config`]: `${MODULES}.plain.PlainLoginModule required user_alice="alice-pw" user_bob="bob-pw";`,
      [`${own}.scram-sha-256.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
      [`${own}.scram-sha-512.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
      [`${own}.oauthbearer.sasl.jaas.config`]: `${MODULES}.oauthbearer.OAuthBearerLoginModule required;`,
      'connection.failed.authentication.delay.ms': '1',
      ...overrides,
    },
    options,
  )
}

/** A client of the SASL listener that hasn't said anything. */
export const saslClient = (broker: TestBroker): Promise<TestClient> =>
  TestClient.connect(broker.broker.listenerPort('SASL'))

export const handshake = (client: TestClient, mechanism: string, version = 1): Promise<SaslHandshakeResponse> =>
  client.request(SaslHandshakeRequest, SaslHandshakeResponse, version, { mechanism })

export const authenticate = (
  client: TestClient,
  authBytes: Buffer | string,
  version = 2,
): Promise<SaslAuthenticateResponse> =>
  client.request(SaslAuthenticateRequest, SaslAuthenticateResponse, version, { authBytes: Buffer.from(authBytes) })

/** Goes through a mechanism; resolves with the last answer, the refusal included. */
export async function logIn(client: TestClient, mechanism: SaslMechanism): Promise<SaslAuthenticateResponse> {
  await handshake(client, mechanism.name)
  const exchange = mechanism.exchange()
  let message: Buffer | null = await exchange.start()
  for (;;) {
    const answer = await authenticate(client, message)
    if (answer.errorCode !== 0) return answer
    message = exchange.next(answer.authBytes)
    if (message === null) return answer
  }
}

export async function addScramUser(
  broker: TestBroker,
  mechanism: ScramMechanismName,
  name: string,
  password: string,
): Promise<void> {
  const client = await broker.connect()
  const salt = Buffer.from('salt')
  const upsertion = {
    name,
    mechanism: ScramMechanismCode[mechanism],
    iterations: 4096,
    salt,
    saltedPassword: saltedPassword(mechanism, password, salt, 4096),
  }
  await client.request(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, {
    upsertions: [upsertion],
  })
  client.close()
}

/** A token without a signature. */
export const unsecuredToken = (claims: object): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.`
}
