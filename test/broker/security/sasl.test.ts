import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import { scramMechanism } from '../../../src/net/sasl/scram.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../../src/protocol/generated/17-sasl-handshake.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import { requestFrame, type TestBroker, type TestClient } from '../in-process.ts'
import { addScramUser, authenticate, handshake, logIn, saslBroker, saslClient, unsecuredToken } from './fixture.ts'

const ALICE = '\0alice\0alice-pw'
const askMetadata = (client: TestClient): Promise<MetadataResponse> =>
  client.request(MetadataRequest, MetadataResponse, 12, { topics: [] })
const askVersions = (client: TestClient): Promise<ApiVersionsResponse> =>
  client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})

describe('a SASL listener', () => {
  let broker: TestBroker
  let client: TestClient
  beforeAll(async () => {
    broker = await saslBroker()
    await addScramUser(broker, 'SCRAM-SHA-256', 'carol', 'carol-pw')
    await addScramUser(broker, 'SCRAM-SHA-512', 'dave', 'dave-pw')
  })
  afterAll(() => broker.stop())

  const begin = async (): Promise<TestClient> => {
    client = await saslClient(broker)
    return client
  }
  const isClosed = async (): Promise<void> => expect(await client.nextFrame()).toBeUndefined()

  it('answers ApiVersions, SaslHandshake and SaslAuthenticate, then everything', async () => {
    await begin()
    const keys = (await askVersions(client)).apiKeys.map(({ apiKey }) => apiKey)
    expect(keys).toEqual(expect.arrayContaining([17, 36]))
    expect(await handshake(client, 'PLAIN')).toMatchObject({
      errorCode: 0,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'],
    })
    expect(await authenticate(client, ALICE)).toMatchObject({ errorCode: 0, errorMessage: null, sessionLifetimeMs: 0n })
    expect((await askMetadata(client)).brokers).toHaveLength(1)
    client.close()
  })

  it.each([0, 1, 2])('takes SaslAuthenticate v%i', async (version) => {
    await begin()
    await handshake(client, 'PLAIN')
    expect((await authenticate(client, ALICE, version)).errorCode).toBe(0)
    client.close()
  })

  it('takes bare messages after handshake v0', async () => {
    await begin()
    expect((await handshake(client, 'PLAIN', 0)).errorCode).toBe(0)
    client.sendFrame(Buffer.from(ALICE))
    expect(await client.nextFrame()).toEqual(Buffer.alloc(0))
    expect((await askMetadata(client)).brokers).toHaveLength(1)
    client.close()
  })

  it('closes without a word when a bare message is wrong', async () => {
    await begin()
    await handshake(client, 'PLAIN', 0)
    client.sendFrame(Buffer.from('\0alice\0wrong'))
    await isClosed()
  })

  it('names its mechanisms to who wants another, and closes', async () => {
    await begin()
    expect(await handshake(client, 'GSSAPI')).toMatchObject({
      errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'],
    })
    await isClosed()
  })

  it.each([
    ['a wrong password', '\0alice\0wrong', 'Authentication failed: Invalid username or password'],
    ['an unknown user', '\0nobody\0alice-pw', 'Authentication failed: Invalid username or password'],
    ['a name of an option that is no user', '\0\0x', 'Authentication failed: username not specified'],
    ['no password', '\0alice\0', 'Authentication failed: password not specified'],
    ['two tokens', 'alice\0alice-pw', 'Invalid SASL/PLAIN response: expected 3 tokens, got 2'],
    ['five tokens', '\0a\0b\0c\0d', 'Invalid SASL/PLAIN response: expected 3 tokens, got 4'],
    [
      'another authorization id',
      'bob\0alice\0alice-pw',
      'Authentication failed: Client requested an authorization id that is different from username',
    ],
  ])('PLAIN refuses %s', async (_what, message, errorMessage) => {
    await begin()
    await handshake(client, 'PLAIN')
    expect(await authenticate(client, message)).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage,
    })
    await isClosed()
  })

  it.each([
    ['SCRAM-SHA-256', 'carol', 'carol-pw'],
    ['SCRAM-SHA-512', 'dave', 'dave-pw'],
  ] as const)('%s lets a user in', async (mechanism, username, password) => {
    await begin()
    expect((await logIn(client, scramMechanism(mechanism, { username, password }))).errorCode).toBe(0)
    expect((await askMetadata(client)).brokers).toHaveLength(1)
    client.close()
  })

  it('SCRAM treats a wrong password, an unknown user, another mechanism and an unknown token alike', async () => {
    const seen: unknown[] = []
    for (const credentials of [
      { username: 'carol', password: 'wrong' },
      { username: 'nobody', password: 'x' },
      { username: 'dave', password: 'dave-pw' },
      { username: 'token', password: 'x', tokenAuth: true },
    ]) {
      await begin()
      await handshake(client, 'SCRAM-SHA-256')
      const exchange = scramMechanism('SCRAM-SHA-256', credentials).exchange()
      const challenge = await authenticate(client, await exchange.start())
      const answer = await authenticate(client, exchange.next(challenge.authBytes)!)
      seen.push([challenge.errorCode, answer.errorCode, answer.errorMessage])
      await isClosed()
    }
    const text =
      'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256'
    expect(seen).toEqual(Array.from({ length: 4 }, () => [0, ErrorCode.SASL_AUTHENTICATION_FAILED, text]))
  })

  it('gives an unknown user the same salt each time, as a known one has', async () => {
    const saltOf = async (): Promise<string> => {
      await begin()
      await handshake(client, 'SCRAM-SHA-256')
      const { authBytes } = await authenticate(client, 'n,,n=nobody,r=abc')
      client.close()
      return /s=([^,]+),i=4096$/.exec(authBytes.toString())![1]!
    }
    expect(await saltOf()).toBe(await saltOf())
  })

  it.each([
    ['SCRAM-SHA-256', 'n,,n=carol'],
    ['SCRAM-SHA-256', 'y,,n=carol,r=abc'],
    ['OAUTHBEARER', 'n,,\x01auth=Basic abc\x01\x01'],
    ['OAUTHBEARER', 'nothing'],
  ])('%s refuses the malformed %j', async (mechanism, message) => {
    await begin()
    await handshake(client, mechanism)
    expect((await authenticate(client, message)).errorMessage).toBe(
      `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
    )
    await isClosed()
  })

  it('OAUTHBEARER takes unsecured tokens, and says what is wrong with one once that is acknowledged', async () => {
    const now = Date.now() / 1000
    const first = (claims: object): string => `n,,\x01auth=Bearer ${unsecuredToken(claims)}\x01\x01`
    await begin()
    await handshake(client, 'OAUTHBEARER')
    const answer = await authenticate(client, first({ sub: 'erin', iat: now, exp: now + 100 }))
    expect(answer).toMatchObject({ errorCode: 0 })
    // The session lasts no longer than the token.
    expect(Number(answer.sessionLifetimeMs)).toBeGreaterThan(0)
    expect(Number(answer.sessionLifetimeMs)).toBeLessThanOrEqual(100_000)
    client.close()
    await begin()
    await handshake(client, 'OAUTHBEARER')
    const refusal = await authenticate(client, first({ sub: 'erin', exp: now - 1 }))
    expect(refusal.authBytes.toString()).toBe('{"status":"invalid_token"}')
    expect(await authenticate(client, '\x01')).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: '{"status":"invalid_token"}',
    })
    await isClosed()
  })

  it.each([
    ['a request without handshake', (c: TestClient) => c.send(MetadataRequest, 12, { topics: [] })],
    ['SaslAuthenticate without handshake', (c: TestClient) => void authenticate(c, ALICE).catch(() => {})],
    ['garbage', (c: TestClient) => c.sendFrame(Buffer.from('not a request'))],
    ['an HTTP request', (c: TestClient) => c.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a frame above sasl.server.max.receive.size', (c: TestClient) => c.socket.write(Buffer.from('00080001', 'hex'))],
  ])('is closed by %s', async (_what, send) => {
    await begin()
    send(client)
    await isClosed()
  })

  it('answers ApiVersions once only, but again after a refusal', async () => {
    await begin()
    client.sendFrame(Buffer.from('00120063000000070004746573740102030405', 'hex'))
    expect((await client.receive(ApiVersionsResponse, 0)).response.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION)
    const bad = { clientSoftwareName: '!', clientSoftwareVersion: '1' }
    expect((await client.request(ApiVersionsRequest, ApiVersionsResponse, 3, bad)).errorCode).toBe(
      ErrorCode.INVALID_REQUEST,
    )
    expect((await askVersions(client)).errorCode).toBe(0)
    client.send(ApiVersionsRequest, 0, {})
    await isClosed()
  })

  it('refuses another request amid the exchange with ILLEGAL_SASL_STATE', async () => {
    await begin()
    await handshake(client, 'PLAIN')
    expect(await askVersions(client)).toMatchObject({ errorCode: ErrorCode.ILLEGAL_SASL_STATE })
    await isClosed()
  })

  it('refuses a handshake of an authenticated client whose session has no end', async () => {
    await begin()
    await logIn(client, plainMechanism('alice', 'alice-pw'))
    expect((await handshake(client, 'PLAIN')).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
    expect(await authenticate(client, ALICE)).toMatchObject({
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      errorMessage: 'SaslAuthenticate request received after successful authentication',
    })
    expect((await askMetadata(client)).brokers).toHaveLength(1)
    client.close()
  })

  it('takes large requests after authentication only', async () => {
    await begin()
    await logIn(client, plainMechanism('alice', 'alice-pw'))
    const large = requestFrame(MetadataRequest, 12, 5, { topics: [] })
    client.sendFrame(Buffer.concat([large, Buffer.alloc(600_000)]))
    expect((await client.receive(MetadataResponse, 12)).correlationId).toBe(5)
    client.close()
  })

  it('serves requests that come in one piece with the last message of authentication, in order', async () => {
    await begin()
    await handshake(client, 'PLAIN')
    const answer = authenticate(client, ALICE)
    client.send(MetadataRequest, 12, { topics: [] })
    client.send(ApiVersionsRequest, 0, {})
    expect((await answer).errorCode).toBe(0)
    expect((await client.receive(MetadataResponse, 12)).response.brokers).toHaveLength(1)
    expect((await client.receive(ApiVersionsResponse, 0)).response.errorCode).toBe(0)
    client.close()
  })

  it('keeps the PLAINTEXT listener as it is, and refuses SASL there', async () => {
    client = await broker.connect()
    expect(await client.request(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: 'PLAIN' })).toMatchObject({
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      mechanisms: [],
    })
    expect((await askMetadata(client)).brokers).toHaveLength(1)
    client.close()
  })

  it('keeps credentials over a restart', async () => {
    await broker.restart()
    await begin()
    const carol = scramMechanism('SCRAM-SHA-256', { username: 'carol', password: 'carol-pw' })
    expect((await logIn(client, carol)).errorCode).toBe(0)
    client.close()
  })
})
