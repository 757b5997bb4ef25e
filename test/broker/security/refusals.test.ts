import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ClientError } from '../../../src/net/client-error.ts'
import { Connection, type ConnectionOptions } from '../../../src/net/connection.ts'
import { saslAuthenticator } from '../../../src/net/sasl/authenticate.ts'
import type { SaslMechanism } from '../../../src/net/sasl/exchange.ts'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import { scramMechanism } from '../../../src/net/sasl/scram.ts'
import { tlsOptions } from '../../../src/net/tls.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import type { TestBroker } from '../in-process.ts'
import { fixturePath, logIn, saslBroker, saslClient } from './fixture.ts'

const LISTENERS = 'PLAINTEXT://localhost:0,SASL://localhost:0,TLS://localhost:0'
const DELAY_MS = 2000

const scram = (username: string): SaslMechanism => scramMechanism('SCRAM-SHA-256', { username, password: 'wrong' })
const tls = tlsOptions({
  ...{ ca: null, cert: null, key: null, passphrase: null, ciphers: null, verifyHostname: false },
  ...{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
})

describe("kt's client, refused", () => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await saslBroker({
      listeners: `${LISTENERS},CONTROLLER://localhost:0`,
      'advertised.listeners': LISTENERS,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT',
      'listener.name.tls.ssl.keystore.type': 'PKCS12',
      'listener.name.tls.ssl.keystore.location': fixturePath('server.p12'),
      'listener.name.tls.ssl.keystore.password': 'changeit',
    })
  })
  afterAll(() => broker.stop())

  const refusal = async (port: number, more: Partial<ConnectionOptions> = {}): Promise<ClientError> => {
    const options = { host: 'localhost', port, clientId: 'test', setupTimeoutMs: 10_000, requestTimeoutMs: 10_000 }
    try {
      const connection = await Connection.open({ ...options, ...more })
      await connection.send(MetadataRequest, MetadataResponse, { topics: [] })
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
    throw new Error('it was not refused')
  }

  it.each([
    ['a wrong password', plainMechanism('alice', 'wrong'), 'Authentication failed: Invalid username or password'],
    ['an unknown user', plainMechanism('nobody', 'wrong'), 'Authentication failed: Invalid username or password'],
    [
      'an unknown SCRAM user',
      scram('nobody'),
      'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256',
    ],
  ])('for %s', async (_, mechanism, message) => {
    const port = broker.broker.listenerPort('SASL')
    const error = await refusal(port, { authenticator: saslAuthenticator(mechanism) })
    expect(error).toMatchObject({ reason: 'authentication', host: 'localhost', port, message })
    expect(error.detail).toContain(`localhost:${port}`)
    expect(error.nextStep).toContain('sasl.jaas.config')
  })

  it('for skipping the handshake', async () => {
    const port = broker.broker.listenerPort('SASL')
    const error = await refusal(port)
    expect(error).toMatchObject({ reason: 'disconnected', host: 'localhost', port })
    expect(error.message).toContain(`localhost:${port}`)
    expect(error.nextStep).toContain('sasl.mechanism')
  })

  it('for SASL where there is none', async () => {
    const error = await refusal(broker.port, { authenticator: saslAuthenticator(plainMechanism('alice', 'alice-pw')) })
    expect(error).toMatchObject({ reason: 'authentication', port: broker.port })
    expect(error.nextStep).toContain('sasl.mechanism')
  })

  it('for no TLS at a port with it', async () => {
    const port = broker.broker.listenerPort('TLS')
    const error = await refusal(port)
    expect(error).toMatchObject({ reason: 'disconnected', host: 'localhost', port })
    expect(error.nextStep).toContain('may want TLS')
  })

  it('for TLS at a port without', async () => {
    const error = await refusal(broker.port, { tls })
    expect(error).toMatchObject({ reason: 'tls', host: 'localhost', port: broker.port })
    expect(error.nextStep).toContain('may be one without TLS')
  })

  it('while others are served', async () => {
    const client = await broker.connect()
    expect((await client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})).errorCode).toBe(0)
    client.close()
  })
})

describe('connection.failed.authentication.delay.ms', () => {
  it.each([
    ['a wrong password', plainMechanism('alice', 'wrong')],
    ['an unknown user', plainMechanism('nobody', 'wrong')],
    ['an unknown SCRAM user', scram('nobody')],
  ])('keeps %s waiting, and nobody else', async (_, mechanism) => {
    const clock = new ManualClock()
    const broker = await saslBroker({ 'connection.failed.authentication.delay.ms': String(DELAY_MS) }, { clock })
    try {
      const client = await saslClient(broker)
      let answered: number | undefined
      const refused = logIn(client, mechanism).then(({ errorCode }) => {
        answered = errorCode
      })
      const isQuiet = async (): Promise<void> => {
        // What has been read meanwhile has been looked at, too.
        const other = await broker.connect()
        for (let i = 0; i < 50; i++) await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
        other.close()
        expect(answered).toBeUndefined()
      }
      await isQuiet()
      clock.advance(DELAY_MS - 1)
      await isQuiet()
      clock.advance(1)
      await refused
      expect(answered).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
      expect(await client.nextFrame()).toBeUndefined()
    } finally {
      await broker.stop()
    }
  })
})
