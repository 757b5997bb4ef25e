import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseBootstrapServers } from '../../src/config/bootstrap-servers.ts'
import { adminConfig, consumerConfig, producerConfig } from '../../src/config/client-config.ts'
import { parseJaasConfig } from '../../src/config/jaas.ts'
import { refusalOf } from './oracle.ts'

const servers = { 'bootstrap.servers': 'localhost:9092' }
const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule'
const oauth = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule'

describe('bootstrap servers', () => {
  it('are hosts and ports', () => {
    expect(parseBootstrapServers(['a:1', '[::1]:2', 'PLAINTEXT://b:3'])).toEqual([
      { host: 'a', port: 1 },
      { host: '::1', port: 2 },
      { host: 'b', port: 3 },
    ])
  })

  it.each([
    [['localhost'], 'Invalid url in bootstrap.servers: localhost'],
    [['a:99999'], 'Invalid port in bootstrap.servers: a:99999'],
    [[''], 'No resolvable bootstrap urls given in bootstrap.servers'],
  ])('refuses %j', (texts, message) => {
    expect(refusalOf(() => parseBootstrapServers(texts))).toBe(`ConfigException: ${message}`)
  })
})

describe('client configs', () => {
  it("have the defaults of Java's admin client", async () => {
    expect(await adminConfig(servers)).toMatchObject({
      bootstrapServers: [{ host: 'localhost', port: 9092 }],
      clientId: 'adminclient-1',
      requestTimeoutMs: 30_000,
      defaultApiTimeoutMs: 60_000,
      retries: 2_147_483_647,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1000,
      connectionsMaxIdleMs: 300_000,
      metadataMaxAgeMs: 300_000,
      security: { protocol: 'PLAINTEXT', tls: null, sasl: null },
    })
  })

  it("have the defaults of Java's producer", async () => {
    expect(await producerConfig(servers)).toMatchObject({
      clientId: 'producer-1',
      acks: -1,
      batchSizeBytes: 16_384,
      lingerMs: 5,
      compressionType: 'none',
      enableIdempotence: true,
      deliveryTimeoutMs: 120_000,
      maxInFlightRequests: 5,
      transactionalId: null,
    })
  })

  it("have the defaults of Java's consumer", async () => {
    expect(await consumerConfig({ ...servers, 'group.id': 'g' })).toMatchObject({
      clientId: 'consumer-g-1',
      groupProtocol: 'CLASSIC',
      enableAutoCommit: true,
      autoOffsetReset: 'latest',
      isolationLevel: 'read_uncommitted',
      fetchMaxBytes: 52_428_800,
      partitionAssignmentStrategy: [
        'org.apache.kafka.clients.consumer.RangeAssignor',
        'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
      ],
    })
  })

  it('settle what depends on other values', async () => {
    expect(await producerConfig({ ...servers, acks: '1' })).toMatchObject({ acks: 1, enableIdempotence: false })
    expect((await consumerConfig(servers)).enableAutoCommit).toBe(false)
    expect((await adminConfig({ ...servers, 'reconnect.backoff.ms': '7' })).reconnectBackoffMaxMs).toBe(7)
    const reset = await consumerConfig({ ...servers, 'auto.offset.reset': 'by_duration:PT2M' })
    expect(reset.autoOffsetReset).toEqual({ durationMs: 120_000 })
    expect((await producerConfig({ ...servers, 'linger.ms': '100000' })).deliveryTimeoutMs).toBe(130_000)
  })

  it.each([
    [{ acks: '7' }, 'Invalid value 7 for configuration acks: String must be one of: all, -1, 0, 1'],
    [
      { 'delivery.timeout.ms': '1' },
      'delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms',
    ],
    [{ 'bootstrap.servers': '' }, "Configuration 'bootstrap.servers' must not be empty"],
  ])('a producer refuses %j', async (texts, message) => {
    await expect(producerConfig({ ...servers, ...texts })).rejects.toThrow(message)
  })

  it('ignore unknown names, and keep all values readable by name', async () => {
    const config = await adminConfig({ ...servers, 'no.such': '1', 'send.buffer.bytes': '5' })
    expect(config.values.int('send.buffer.bytes')).toBe(5)
  })
})

describe('SASL settings', () => {
  const security = (texts: Record<string, string>) =>
    adminConfig({ ...servers, 'security.protocol': 'sasl_plaintext', ...texts }).then((config) => config.security)

  it('read PLAIN and SCRAM credentials', async () => {
    const jaas = (module: string) => `${module} required username="alice" password="a\\"b;c";`
    expect(await security({ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': jaas(plain) })).toMatchObject({
      protocol: 'SASL_PLAINTEXT',
      tls: null,
      sasl: { mechanism: 'PLAIN', username: 'alice', password: 'a"b;c' },
    })
    const texts = { 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.jaas.config': jaas(scram) }
    expect((await security(texts)).sasl).toMatchObject({ mechanism: 'SCRAM-SHA-512', tokenAuth: false })
  })

  it('read OAUTHBEARER with a token endpoint or unsecured claims', async () => {
    const endpoint = await security({
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.token.endpoint.url': 'https://id.example/token',
      'sasl.jaas.config': `${oauth} required clientId="me" clientSecret="s" scope="kafka" extension_x="y";`,
    })
    expect(endpoint.sasl).toMatchObject({
      tokenEndpointUrl: 'https://id.example/token',
      clientId: 'me',
      scope: 'kafka',
      extensions: new Map([['x', 'y']]),
    })
    const unsecured = await security({
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config': `${oauth} required unsecuredLoginStringClaim_sub="bob" unsecuredLoginListClaim_l="|a|b";`,
    })
    expect(unsecured.sasl).toMatchObject({
      tokenEndpointUrl: null,
      unsecuredClaims: new Map<string, unknown>([
        ['sub', 'bob'],
        ['l', ['a', 'b']],
      ]),
    })
  })

  it.each([
    [{ 'sasl.mechanism': 'PLAIN' }, "Could not find a 'KafkaClient' entry in the JAAS configuration."],
    [{ 'sasl.mechanism': 'GSSAPI' }, 'sasl.mechanism=GSSAPI is not supported.'],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${scram} required a="b";` }, 'sasl.jaas.config names'],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${plain} required username="u";` }, 'has no password'],
    [{ 'sasl.mechanism': 'OAUTHBEARER', 'sasl.jaas.config': `${oauth} required;` }, 'OAUTHBEARER needs'],
  ])('refuse %j', async (texts, message) => {
    await expect(security(texts)).rejects.toThrow(message)
  })
})

describe('the JAAS line', () => {
  it.each([
    ['a.B required;', {}],
    ['a.B REQUIRED k= v ;', { k: 'v' }],
    [`a.B required k="v w" k2='x;y';`, { k: 'v w', k2: 'x;y' }],
    ['a.B required /* c */ k="a\\"b\\\\c\\n\\101";', { k: 'a"b\\c\nA' }],
    ['a.B required k=";" l="=";', { k: ';', l: '=' }],
    ['a.B required "k"=v // c\n;', { k: 'v' }],
  ])('%j is read', (text, options) => {
    const entry = parseJaasConfig(text)
    expect(entry.loginModule).toBe('a.B')
    expect(Object.fromEntries(entry.options)).toEqual(options)
  })

  it.each([
    ['  ', 'Login module not specified in JAAS config'],
    ['a.B', 'Login module control flag not specified in JAAS config'],
    ['a.B ;', 'Login module control flag is not available in the JAAS config'],
    ['a.B foo k=v;', "Invalid login module control flag 'foo' in JAAS config"],
    ['a.B required', 'JAAS config entry not terminated by semi-colon'],
    ['a.B required k;', "Value not specified for key 'k' in JAAS config"],
    ['a.B required k=;', "Value not specified for key 'k' in JAAS config"],
    ['a.B required k==v;', "Value not specified for key 'k' in JAAS config"],
    ['a.B required k=v; c.D required k=v;', 'JAAS config property contains 2 login modules, should be 1 module'],
  ])('%j is refused', (text, message) => {
    expect(refusalOf(() => parseJaasConfig(text))).toBe(`IllegalArgumentException: ${message}`)
  })
})

describe('TLS settings', () => {
  const certificate = '-----BEGIN CERTIFICATE----- QUJD REVG -----END CERTIFICATE-----'
  const wrapped = '-----BEGIN CERTIFICATE-----\nQUJDREVG\n-----END CERTIFICATE-----'
  const key = '-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----'
  const tls = (texts: Record<string, string>) =>
    adminConfig({ ...servers, 'security.protocol': 'SSL', ...texts }).then((config) => config.security.tls)
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kt-tls-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const store = (name: string, content: string | Buffer) => {
    const path = join(dir, name)
    writeFileSync(path, content)
    return path
  }

  it('take PEM inline, with blanks for line ends', async () => {
    expect(
      await tls({
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.certificates': `${certificate} ${certificate}`,
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.key': key,
        'ssl.keystore.certificate.chain': certificate,
        'ssl.key.password': 'secret',
      }),
    ).toEqual({
      ca: `${wrapped}\n${wrapped}`,
      cert: wrapped,
      key,
      entries: [{ alias: 'kafka', certificate: wrapped }],
      passphrase: 'secret',
      verifyHostname: true,
      ciphers: null,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    })
  })

  const fixture = (name: string) => new URL(`fixtures/stores/${name}`, import.meta.url).pathname

  it('take PEM and PKCS12 files', async () => {
    const pem = store('store.pem', `${key}\n${wrapped}\n`)
    expect(
      await tls({
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': pem,
        'ssl.keystore.location': fixture('key.p12'),
        'ssl.keystore.password': 'secret1',
        'ssl.endpoint.identification.algorithm': '',
        'ssl.enabled.protocols': 'TLSv1.3',
      }),
    ).toMatchObject({
      ca: wrapped,
      cert: expect.stringContaining('-----BEGIN CERTIFICATE-----'),
      key: expect.stringContaining('-----BEGIN PRIVATE KEY-----'),
      passphrase: null,
      verifyHostname: false,
      minVersion: 'TLSv1.3',
    })
  })

  it.each(['trust.p12', 'trust.jks'])('take %s for a trust store, whatever its type is said to be', async (name) => {
    const { ca } = (await tls({
      'ssl.truststore.location': fixture(name),
      'ssl.truststore.type': 'PKCS12',
      'ssl.truststore.password': 'secret1',
    }))!
    expect(new X509Certificate(ca!).fingerprint).toBe(
      new X509Certificate(readFileSync(fixture('server.pem'))).fingerprint,
    )
  })

  it('say why a store can not be opened', async () => {
    const location = fixture('trust.p12')
    await expect(tls({ 'ssl.truststore.location': location, 'ssl.truststore.password': 'other' })).rejects.toThrow(
      `Failed to load SSL keystore ${location} of type JKS: the password is wrong, or the content is broken. Check ssl.truststore.location, ssl.truststore.password.`,
    )
  })

  it.each([
    [{ 'ssl.truststore.location': '/no/such/file' }, "file of ssl.truststore.location can't be read"],
    [{ 'ssl.truststore.certificates': 'x' }, 'ssl.truststore.certificates contains no PEM certificate'],
    [{ 'ssl.keystore.key': key }, 'must be set together'],
    [{ 'ssl.enabled.protocols': 'TLSv1' }, 'None of ssl.enabled.protocols=TLSv1 is supported'],
  ])('refuse %j', async (texts, message) => {
    await expect(tls(texts)).rejects.toThrow(message)
  })
})
