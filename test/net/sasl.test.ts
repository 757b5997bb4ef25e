import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClientError } from '../../src/net/client-error.ts'
import { Connection } from '../../src/net/connection.ts'
import { saslAuthenticator } from '../../src/net/sasl/authenticate.ts'
import { oauthBearerMechanism, tokenFromEndpoint, unsecuredToken } from '../../src/net/sasl/oauthbearer.ts'
import { plainMechanism } from '../../src/net/sasl/plain.ts'
import { scramMechanism } from '../../src/net/sasl/scram.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../src/protocol/generated/17-sasl-handshake.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from '../../src/protocol/generated/36-sasl-authenticate.ts'
import { FakeBroker } from '../client/fake-broker.ts'

/** The exchange printed in RFC 7677, section 3. */
const RFC = {
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  final: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}
const scram = () => scramMechanism('SCRAM-SHA-256', { username: 'user', password: 'pencil' }, RFC.nonce).exchange()

describe('SCRAM', () => {
  it('speaks the exchange of RFC 7677', async () => {
    const exchange = scram()
    expect((await exchange.start()).toString()).toBe(RFC.first)
    expect(exchange.next(Buffer.from(RFC.serverFirst))?.toString()).toBe(RFC.final)
    expect(exchange.next(Buffer.from(RFC.serverFinal))).toBeNull()
  })

  it('refuses a server that does not know the password', async () => {
    const exchange = scram()
    await exchange.start()
    exchange.next(Buffer.from(RFC.serverFirst))
    expect(() => exchange.next(Buffer.from('v=AAAA'))).toThrow('Invalid server signature')
  })

  it.each([
    ['another nonce', RFC.serverFirst.replace('r=rO', 'r=xO'), 'nonce'],
    ['its own nonce back', `r=${RFC.nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, 'nonce'],
    ['few iterations', RFC.serverFirst.replace('i=4096', 'i=100'), 'iterations 100'],
    ['endless iterations', RFC.serverFirst.replace('i=4096', 'i=2000000000'), 'iterations'],
    ['no salt', RFC.serverFirst.replace(/s=[^,]*,/, ''), 'salt'],
    ['an error', 'e=other-error', 'other-error'],
  ])('refuses %s', async (_, message, text) => {
    const exchange = scram()
    await exchange.start()
    expect(() => exchange.next(Buffer.from(message))).toThrow(text)
  })

  it('escapes the user name and marks delegation tokens', async () => {
    const credentials = { username: 'a=b,c', password: 'p', tokenAuth: true }
    const exchange = scramMechanism('SCRAM-SHA-512', credentials, 'n0').exchange()
    expect((await exchange.start()).toString()).toBe('n,,n=a=3Db=2Cc,r=n0,tokenauth=true')
  })
})

describe('PLAIN and OAUTHBEARER', () => {
  it('sends user and password as RFC 4616 has it', async () => {
    const exchange = plainMechanism('tim', 'tanstaaftanstaaf').exchange()
    expect((await exchange.start()).toString()).toBe('\0tim\0tanstaaftanstaaf')
    expect(exchange.next(Buffer.alloc(0))).toBeNull()
  })

  it('sends the token as RFC 7628 has it, and acknowledges a refusal', async () => {
    const extensions = new Map([['logicalCluster', 'lkc-1']])
    const exchange = oauthBearerMechanism(async () => 'tok', extensions).exchange()
    expect((await exchange.start()).toString()).toBe('n,,\x01auth=Bearer tok\x01logicalCluster=lkc-1\x01\x01')
    expect(exchange.next(Buffer.from('{"status":"invalid_token"}'))?.toString()).toBe('\x01')
    expect(exchange.next(Buffer.alloc(0))).toBeNull()
  })

  it('makes unsecured tokens', async () => {
    const token = await unsecuredToken(new Map([['sub', 'carol']]), 60, () => 1_000_000)()
    const [header, payload, signature] = token.split('.')
    expect(JSON.parse(Buffer.from(header ?? '', 'base64url').toString())).toEqual({ alg: 'none' })
    expect(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString())).toEqual({
      sub: 'carol',
      iat: 1000,
      exp: 1060,
    })
    expect(signature).toBe('')
  })
})

describe('the token endpoint', () => {
  let server: Server | undefined
  afterEach(async () => {
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
    server = undefined
  })
  const start = async (status: number, body: string, seen: string[] = []): Promise<string> => {
    server = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk) => {
        text += chunk
      })
      request.on('end', () => {
        seen.push(`${request.method} ${request.headers.authorization} ${text}`)
        response.writeHead(status).end(body)
      })
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  }
  const credentials = { clientId: 'id', clientSecret: 'pw', scope: 'kafka' }

  it('is asked with the client credentials, once per life of a token', async () => {
    const seen: string[] = []
    let nowMs = 0
    const url = await start(200, '{"access_token":"t1","expires_in":100}', seen)
    const token = tokenFromEndpoint({ url, ...credentials }, () => nowMs)
    expect(await token()).toBe('t1')
    await token()
    expect(seen).toEqual(['POST Basic aWQ6cHc= grant_type=client_credentials&scope=kafka'])
    nowMs = 81_000
    await token()
    expect(seen.length).toBe(2)
  })

  it.each([
    [401, '{"error":"invalid_client"}', 'answered 401: {"error":"invalid_client"}'],
    [200, '{}', 'gave no access_token'],
    [200, 'not json', 'gave no access_token'],
  ])('is named when it answers %i %s', async (status, body, text) => {
    const url = await start(status, body)
    await expect(tokenFromEndpoint({ url, ...credentials })()).rejects.toThrow(text)
  })

  it('is named when it is not there', async () => {
    const url = await start(200, '{}')
    await new Promise<void>((resolve) => server?.close(() => resolve()))
    server = undefined
    await expect(tokenFromEndpoint({ url, ...credentials })()).rejects.toThrow(`${url} can't be reached`)
  })
})

describe('authentication of a connection', () => {
  let broker: FakeBroker
  const connections: Connection[] = []
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close()
    await broker.stop()
  })
  const open = async (mechanism: Parameters<typeof saslAuthenticator>[0]): Promise<Connection> => {
    const times = { clientId: 'test', setupTimeoutMs: 5000, requestTimeoutMs: 5000 }
    const connection = await Connection.open({
      ...broker.address,
      ...times,
      authenticator: saslAuthenticator(mechanism),
    })
    connections.push(connection)
    return connection
  }
  const failure = (promise: Promise<unknown>): Promise<ClientError> =>
    promise.then(
      () => Promise.reject(new Error('did not fail')),
      (error: ClientError) => error,
    )

  it('goes through handshake and exchange', async () => {
    broker = await FakeBroker.start()
    const sent: string[] = []
    broker.on(SaslHandshakeRequest, SaslHandshakeResponse, () => ({ mechanisms: ['SCRAM-SHA-256'] }))
    broker.on(SaslAuthenticateRequest, SaslAuthenticateResponse, ({ request, index }) => {
      sent.push(request.authBytes.toString())
      return { authBytes: Buffer.from(index === 0 ? RFC.serverFirst : RFC.serverFinal) }
    })
    await open(scramMechanism('SCRAM-SHA-256', { username: 'user', password: 'pencil' }, RFC.nonce))
    expect(sent).toEqual([RFC.first, RFC.final])
    expect(broker.calls.map(({ api, version }) => `${api} ${version}`)).toEqual([
      'ApiVersionsRequest 4',
      'SaslHandshakeRequest 1',
      'SaslAuthenticateRequest 2',
      'SaslAuthenticateRequest 2',
    ])
  })

  it("fails with the broker's own message", async () => {
    broker = await FakeBroker.start()
    broker.on(SaslHandshakeRequest, SaslHandshakeResponse, () => ({ mechanisms: ['PLAIN'] }))
    broker.on(SaslAuthenticateRequest, SaslAuthenticateResponse, () => ({
      errorCode: 58,
      errorMessage: 'Not you again',
    }))
    const error = await failure(open(plainMechanism('a', 'b')))
    expect(error).toMatchObject({
      reason: 'authentication',
      message: 'Not you again',
      retriable: false,
      exceptionClass: 'org.apache.kafka.common.errors.SaslAuthenticationException',
    })
    expect(broker.connectionCount).toBeLessThanOrEqual(1)
  })

  it('names the mechanisms the broker has', async () => {
    broker = await FakeBroker.start()
    broker.on(SaslHandshakeRequest, SaslHandshakeResponse, () => ({ errorCode: 33, mechanisms: ['PLAIN', 'GSSAPI'] }))
    const error = await failure(open(plainMechanism('a', 'b')))
    expect(error.message).toBe(
      "Client SASL mechanism 'PLAIN' not enabled in the server, enabled mechanisms are [PLAIN, GSSAPI]",
    )
  })

  it('gives up on a server that does not come to an end', async () => {
    broker = await FakeBroker.start()
    broker.on(SaslHandshakeRequest, SaslHandshakeResponse, () => ({}))
    broker.on(SaslAuthenticateRequest, SaslAuthenticateResponse, () => ({ authBytes: Buffer.from('more') }))
    const error = await failure(open(oauthBearerMechanism(async () => 't')))
    expect(error).toMatchObject({ reason: 'authentication' })
    expect(error.message).toContain('did not come to an end')
  })
})
