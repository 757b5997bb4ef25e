import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type DetailedPeerCertificate } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { checkAdvertised } from '../../src/client/diagnosis/cluster.ts'
import type { Lookup } from '../../src/client/diagnosis/dns.ts'
import { Budget, type Hop } from '../../src/client/diagnosis/hop.ts'
import { certificateFault } from '../../src/client/diagnosis/tls.ts'
import { walk } from '../../src/client/diagnosis/walk.ts'
import type { SecuritySettings } from '../../src/client/settings.ts'
import { startBroker } from '../../src/embedded/index.ts'
import { TestBroker } from '../broker/in-process.ts'
import { fixtureText } from '../broker/security/fixture.ts'

const MODULES = 'org.apache.kafka.common.security'
const LISTENERS = ['PLAINTEXT', 'TLS', 'MTLS', 'SASL', 'SECURE', 'CONTROLLER']
const texts = (names: string[]): string => names.map((name) => `${name}://localhost:0`).join(',')
const PROPERTIES = {
  listeners: texts(LISTENERS),
  'advertised.listeners': texts(LISTENERS.slice(0, -1)),
  'listener.security.protocol.map':
    'PLAINTEXT:PLAINTEXT,TLS:SSL,MTLS:SSL,SASL:SASL_PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.key': fixtureText('server.key'),
  'ssl.keystore.certificate.chain': fixtureText('server.pem'),
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.certificates': fixtureText('ca.pem'),
  'listener.name.mtls.ssl.client.auth': 'required',
  'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
  'listener.name.sasl.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required user_alice="alice-pw";`,
  'listener.name.sasl.scram-sha-256.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
  'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.secure.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required user_alice="alice-pw";`,
  'connection.failed.authentication.delay.ms': '1',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
}

const plaintext: SecuritySettings = { protocol: 'PLAINTEXT', tls: null, sasl: null }
const ssl = (more: Partial<NonNullable<SecuritySettings['tls']>> = {}): SecuritySettings => ({
  protocol: 'SSL',
  sasl: null,
  tls: {
    ...{ ca: fixtureText('ca.pem'), cert: null, key: null, pfx: null, passphrase: null },
    ...{ verifyHostname: true, ciphers: null, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
    ...more,
  },
})
const withAlice = (security: SecuritySettings, password = 'alice-pw'): SecuritySettings => ({
  ...security,
  protocol: security.tls ? 'SASL_SSL' : 'SASL_PLAINTEXT',
  sasl: { mechanism: 'PLAIN', username: 'alice', password },
})

/** Walks to a port, and answers the hops that were taken, by name and status, and the first that failed. */
const walkTo = async (
  port: number,
  security: SecuritySettings = plaintext,
  { host = 'localhost', find, timeoutMs = 20_000 }: { host?: string; find?: Lookup; timeoutMs?: number } = {},
): Promise<{ way: string; failed: Hop | undefined; hops: Hop[] }> => {
  const hops: Hop[] = []
  const report = (hop: Hop): number => hops.push(hop)
  const budget = new Budget(timeoutMs)
  await walk({ addresses: [{ host, port }], security, budget, report, ...(find ? { find } : {}) })
  return {
    way: hops
      .map(({ hop, status }) => (status === 'ok' ? hop : status === 'failed' ? `${hop}!` : `(${hop})`))
      .join(' '),
    failed: hops.find(({ status }) => status === 'failed'),
    hops,
  }
}

describe('the way to a broker', () => {
  let broker: TestBroker
  const portOf = (listener: string): number => broker.broker.listenerPort(listener)
  beforeAll(async () => {
    broker = await TestBroker.start(PROPERTIES)
  })
  afterAll(() => broker.stop())

  it('is walked to the end where all is well', async () => {
    const { way, hops } = await walkTo(broker.port)
    expect(way).toBe('dns tcp (tls) kafka (sasl) cluster advertised rights')
    expect(hops.at(-1)?.detail).toContain('User:ANONYMOUS')
    expect(hops.at(-1)?.detail).toContain('DESCRIBE_CONFIGS')
  })

  it('tells of the certificate over TLS', async () => {
    const { way, hops } = await walkTo(portOf('TLS'), ssl())
    expect(way).toBe('dns tcp tls kafka (sasl) cluster advertised rights')
    expect(hops[2]?.detail).toMatch(/TLSv1\.3, certificate for DNS:localhost.*signed by CN=Test CA, until 2120-01-01/)
  })

  it('with TLS and SASL goes on to what the user may do', async () => {
    const { way, failed } = await walkTo(portOf('SECURE'), withAlice(ssl()))
    expect(way).toBe('dns tcp tls kafka sasl cluster advertised rights!')
    expect(failed?.detail).toContain('User:alice may do nothing')
  })

  it.each<[string, string, SecuritySettings, string, string, RegExp, RegExp]>([
    ['no TLS on a TLS port', 'TLS', plaintext, 'kafka', 'the port speaks TLS', /TLS/, /security\.protocol=SSL/],
    ['SASL without TLS on a TLS port', 'TLS', withAlice(plaintext), 'kafka', 'speaks TLS', /TLS/, /=SASL_SSL/],
    ['TLS on a plaintext port', 'PLAINTEXT', ssl(), 'tls', 'without TLS', /SSL does not fit/, /=PLAINTEXT/],
    [
      'an unknown authority',
      ...(['TLS', ssl({ ca: fixtureText('stranger.pem') }), 'tls', 'signed by CN=Test CA'] as const),
      ...([/another authority/, /certificate of CN=Test CA/] as const),
    ],
    [
      'no trust store',
      ...(['TLS', ssl({ ca: null }), 'tls', 'signed by CN=Test CA'] as const),
      ...([/No trust store/, /ssl\.truststore\.location/] as const),
    ],
    ['no client certificate', 'MTLS', ssl(), 'tls', 'wants a client certificate', /client\.auth/, /ssl\.keystore/],
    [
      'a client certificate of a stranger',
      ...(['MTLS', ssl({ cert: fixtureText('stranger.pem'), key: fixtureText('stranger.key') }), 'tls'] as const),
      ...(['closes the connection after the handshake', /trust store/, /ssl\.keystore/] as const),
    ],
    ['no SASL on a SASL port', 'SASL', plaintext, 'sasl', 'it has PLAIN, SCRAM-SHA-256', /no SASL/, /SASL_PLAINTEXT/],
    ['SASL on a port without', 'PLAINTEXT', withAlice(plaintext), 'sasl', 'has no SASL', /has SASL/, /=PLAINTEXT/],
    [
      'a wrong password',
      ...(['SASL', withAlice(plaintext, 'secret'), 'sasl', 'refuses User:alice with PLAIN'] as const),
      ...([/password is wrong/, /sasl\.jaas\.config/] as const),
    ],
    [
      'another mechanism',
      'SASL',
      {
        protocol: 'SASL_PLAINTEXT',
        tls: null,
        sasl: { mechanism: 'SCRAM-SHA-512', username: 'a', password: 'b', tokenAuth: false },
      },
      ...(['sasl', 'does not have SCRAM-SHA-512', /sasl\.mechanism/, /PLAIN, SCRAM-SHA-256/] as const),
    ],
    ['a controller', 'CONTROLLER', plaintext, 'kafka', 'controller answers', /controllers/, /port of a broker/],
  ])('ends with %s', async (_what, listener, security, hop, detail, cause, nextStep) => {
    const { failed } = await walkTo(portOf(listener), security)
    expect(failed?.detail).toContain(detail)
    expect(failed?.hop).toBe(hop)
    expect(failed?.cause).toMatch(cause)
    expect(failed?.nextStep).toMatch(nextStep)
  })

  it('goes through with a client certificate where one is wanted', async () => {
    const alice = ssl({ cert: fixtureText('alice.pem'), key: fixtureText('alice.key') })
    const { way, failed } = await walkTo(portOf('MTLS'), alice)
    expect(way).toBe('dns tcp tls kafka (sasl) cluster advertised rights!')
    expect(failed?.detail).toContain('User:CN=alice,OU=Sales')
  })
})

describe('the advertised address', () => {
  const advertised = (text: string): Promise<TestBroker> =>
    TestBroker.start({ 'advertised.listeners': `PLAINTEXT://${text}` })
  /** Every name is this machine, but those that are unknown. */
  const findBut =
    (...unknown: string[]): Lookup =>
    (host) =>
      unknown.includes(host)
        ? Promise.reject(Object.assign(new Error(host), { code: 'ENOTFOUND' }))
        : Promise.resolve(['127.0.0.1'])

  it('that is the name of a container is named, with the listener to add', async () => {
    const broker = await advertised('kafka:9092')
    const { failed, way } = await walkTo(broker.port, plaintext, { find: findBut('kafka') })
    await broker.stop()
    expect(way).toBe('dns tcp (tls) kafka (sasl) cluster advertised! rights')
    expect(failed?.detail).toContain('connect to kafka:9092')
    expect(failed?.cause).toContain('name of a container')
    expect(failed?.nextStep).toContain(`advertised as localhost:${broker.port}`)
  })

  it('that nobody listens on is named', async () => {
    const broker = await advertised('localhost:1')
    const { failed } = await walkTo(broker.port)
    await broker.stop()
    expect(failed).toMatchObject({ hop: 'advertised', target: 'localhost:1' })
    expect(failed?.detail).toContain('refused')
  })

  it('that belongs to another cluster is noticed', async () => {
    const other = await startBroker()
    const broker = await advertised(other.bootstrapServers)
    const { failed } = await walkTo(broker.port)
    await Promise.all([other.stop(), broker.stop()])
    expect(failed?.detail).toBe(`${other.bootstrapServers} is a broker of another cluster, ${other.clusterId}`)
  })

  it('that is localhost is wrong for who came from elsewhere, though something answers there', async () => {
    const broker = await TestBroker.start()
    const from = { host: 'kafka.example.org', port: 9092 }
    const check = { bootstrap: from, clusterId: null, security: plaintext, find: findBut(), timeoutMs: 5000 }
    const fault = checkAdvertised({ ...check, broker: { id: 1, host: 'localhost', port: broker.port } })
    await expect(fault).rejects.toMatchObject({
      likely: expect.stringContaining('names localhost'),
      nextStep: expect.stringContaining('e.g. kafka.example.org:'),
    })
    await broker.stop()
  })
})

describe('a certificate', () => {
  const ca = {
    subject: { CN: 'Test CA' },
    issuer: { CN: 'Test CA' },
    valid_from: 'Jan  1 2020',
    valid_to: 'Jan  1 2120',
  }
  const leaf = {
    ...{ subject: { CN: 'b1' }, issuer: { CN: 'Test CA', O: 'Example' }, subjectaltname: 'DNS:b1' },
    ...{ valid_from: 'Jan  1 00:00:00 2024 GMT', valid_to: 'Jan  1 00:00:00 2025 GMT', issuerCertificate: ca },
  } as unknown as DetailedPeerCertificate
  const settings = { ca: 'PEM', verifyHostname: true }
  const faultAt = (date: string, error?: string) => certificateFault(leaf, 'b1', error, settings, Date.parse(date))

  it('that is out of its time is named with its date', () => {
    expect(faultAt('2025-06-01', 'CERT_HAS_EXPIRED')?.message).toBe('the certificate of CN=b1 expired on 2025-01-01')
    expect(faultAt('2023-06-01', 'CERT_NOT_YET_VALID')?.message).toContain('is not valid before 2024-01-01')
  })

  it('of an unknown authority is named with the issuer at the top of the chain', () => {
    expect(faultAt('2024-06-01', 'SELF_SIGNED_CERT_IN_CHAIN')?.message).toContain('signed by CN=Test CA, which')
  })

  it('is well otherwise', () => {
    expect(faultAt('2024-06-01')).toBeUndefined()
  })
})

describe('servers that are no brokers', () => {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const listen = async (server: Server): Promise<number> => {
    servers.push(server)
    server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    return (server.address() as AddressInfo).port
  }
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  })
  const find: Lookup = () => Promise.resolve(['127.0.0.1'])

  it('that speak HTTP are named', async () => {
    const port = await listen(createHttpServer((_, response) => response.end('hello')))
    const { failed } = await walkTo(port)
    expect(failed?.cause).toContain('An HTTP server listens there')
    const overTls = await walkTo(port, ssl())
    expect(overTls.failed).toMatchObject({ hop: 'tls' })
    expect(overTls.failed?.cause).toContain('HTTP server')
  })

  it('that are ZooKeepers are named', async () => {
    const answer = (socket: Socket) =>
      socket.once('data', (data) => socket.end(data.toString().startsWith('srvr') ? 'Zookeeper version: 3.8.4' : ''))
    const { failed } = await walkTo(await listen(createServer(answer)))
    expect(failed?.cause).toContain('A ZooKeeper listens there')
  })

  it('that say nothing are waited for in bounded time', async () => {
    const { failed, hops } = await walkTo(await listen(createServer(() => {})), plaintext, { timeoutMs: 600 })
    expect(failed).toMatchObject({ hop: 'kafka', detail: 'it accepts the connection and says nothing' })
    expect(hops.filter(({ status }) => status === 'skipped').map(({ hop }) => hop)).toContain('rights')
  })

  it('that close at once are told from those', async () => {
    const { failed } = await walkTo(await listen(createServer((socket) => socket.end())))
    expect(failed?.detail).toBe('it closes the connection without an answer')
  })

  it('that speak in other tongues are quoted, without control characters', async () => {
    const { failed } = await walkTo(await listen(createServer((socket) => socket.end('220 mail\x1b[31m ready\r\n'))))
    expect(failed?.detail).toBe('it answers "220 mail.[31m ready."')
  })

  it('that have a certificate for other names are named with those names, unless they are not to be checked', async () => {
    const port = await listen(createTlsServer({ key: fixtureText('alice.key'), cert: fixtureText('alice.pem') }))
    const { failed } = await walkTo(port, ssl())
    expect(failed).toMatchObject({ hop: 'tls', detail: 'the certificate is for DNS:alice, not for localhost' })
    const unchecked = await walkTo(port, ssl({ verifyHostname: false }), { timeoutMs: 500 })
    expect(unchecked.failed?.hop).toBe('kafka')
  })

  it('that are not there are refused, and names that mean nothing have no address', async () => {
    const port = await listen(createServer())
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const refused = await walkTo(port, plaintext, { find })
    expect(refused.failed).toMatchObject({ hop: 'tcp', detail: '127.0.0.1 refused' })
    const noName: Lookup = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }))
    const unnamed = await walkTo(port, plaintext, { host: 'kafka', find: noName })
    expect(unnamed.failed?.hop).toBe('dns')
    expect(unnamed.failed?.cause).toContain('name of a container')
  })

  it('and a name server that does not answer is given up', async () => {
    const never: Lookup = () => new Promise(() => {})
    const { failed } = await walkTo(1, plaintext, { host: 'kafka', find: never, timeoutMs: 50 })
    expect(failed).toMatchObject({ hop: 'dns' })
    expect(failed?.detail).toContain('the name server has not answered')
  })
})
