import { copyFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerStartError } from '../../../src/broker/broker-start-error.ts'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../../src/protocol/generated/38-create-delegation-token.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../src/protocol/generated/44-incremental-alter-configs.ts'
import { TestBroker, TestClient } from '../in-process.ts'
import { fixturePath, fixtureText, logIn } from './fixture.ts'

const LISTENERS = ['PLAINTEXT', 'TLS', 'MTLS', 'ASKS', 'SECURE', 'CONTROLLER']
const texts = (names: string[]): string => names.map((name) => `${name}://localhost:0`).join(',')
const PROPERTIES = {
  listeners: texts(LISTENERS),
  'advertised.listeners': texts(LISTENERS.slice(0, -1)),
  'listener.security.protocol.map':
    'PLAINTEXT:PLAINTEXT,TLS:SSL,MTLS:SSL,ASKS:SSL,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
  'ssl.keystore.type': 'PKCS12',
  'ssl.keystore.location': fixturePath('server.p12'),
  'ssl.keystore.password': 'changeit',
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': fixturePath('ca.pem'),
  'listener.name.tls.ssl.enabled.protocols': 'TLSv1.2',
  'listener.name.tls.ssl.cipher.suites': 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'listener.name.mtls.ssl.client.auth': 'required',
  'listener.name.mtls.ssl.keystore.type': 'PEM',
  'listener.name.mtls.ssl.keystore.location': '',
  'listener.name.mtls.ssl.keystore.key': fixtureText('server.key'),
  'listener.name.mtls.ssl.keystore.certificate.chain': fixtureText('server.pem'),
  'listener.name.mtls.ssl.principal.mapping.rules': 'RULE:^CN=(.*?),OU=Sales.*$/$1@sales/U,DEFAULT',
  'listener.name.asks.ssl.client.auth': 'requested',
  'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.secure.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-pw";',
  'delegation.token.secret.key': 'secret',
}
const certificateOf = (name: string): ConnectionOptions => ({
  cert: fixtureText(`${name}.pem`),
  key: fixtureText(`${name}.key`),
})

describe('TLS listeners', () => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await TestBroker.start(PROPERTIES)
  })
  afterAll(() => broker.stop())

  const open = (listener: string, options: ConnectionOptions = {}): Promise<[TestClient, TLSSocket]> =>
    new Promise((resolve, reject) => {
      const port = broker.broker.listenerPort(listener)
      const socket = connect({ port, host: 'localhost', ca: fixtureText('ca.pem'), ...options })
      socket.once('error', reject)
      socket.once('secureConnect', () => resolve([TestClient.over(socket), socket]))
    })
  const isServed = async (client: TestClient): Promise<void> => {
    const answer = await client.request(MetadataRequest, MetadataResponse, 12, { topics: [] })
    expect(answer.brokers).toHaveLength(1)
    client.close()
  }
  /** Who the broker takes the client for, as it names the owner of a token. */
  const principalOf = async (client: TestClient): Promise<string> => {
    const answer = await client.request(CreateDelegationTokenRequest, CreateDelegationTokenResponse, 3, {})
    client.close()
    return `${answer.errorCode} ${answer.principalType}:${answer.principalName}`
  }

  it('serve with keys from PKCS12 and from the configs, over the versions and ciphers allowed', async () => {
    const [client, socket] = await open('TLS')
    expect([socket.getProtocol(), socket.getCipher().standardName]).toEqual([
      'TLSv1.2',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    ])
    await isServed(client)
    await expect(open('TLS', { minVersion: 'TLSv1.3' })).rejects.toThrow(/protocol version|unsupported/i)
    const [other, otherSocket] = await open('MTLS', certificateOf('alice'))
    expect(otherSocket.getProtocol()).toBe('TLSv1.3')
    await isServed(other)
  })

  it('name the client by its certificate, through the mapping rules', async () => {
    const [client] = await open('MTLS', certificateOf('alice'))
    expect(await principalOf(client)).toBe('0 User:ALICE@SALES')
    const [asked] = await open('ASKS', certificateOf('alice'))
    expect(await principalOf(asked)).toBe('0 User:CN=alice,OU=Sales,O=Example\\, Inc.,ST=Bayern,C=DE')
    const [anonymous] = await open('ASKS')
    expect(await principalOf(anonymous)).toBe('64 User:ANONYMOUS')
  })

  it.each([
    ['MTLS', 'no certificate', {}],
    ['MTLS', 'a certificate of a stranger', certificateOf('stranger')],
    ['ASKS', 'a certificate of a stranger', certificateOf('stranger')],
  ])('%s refuses %s', async (listener, _what, options) => {
    // In TLS 1.3 the client believes itself connected until it hears of the refusal.
    const outcome = open(listener, options).then(([client]) => {
      client.send(MetadataRequest, 12, { topics: [] })
      return client.nextFrame()
    })
    await expect(outcome.catch(() => undefined)).resolves.toBeUndefined()
  })

  it('end a plaintext client, and go on', async () => {
    const plain = await TestClient.connect(broker.broker.listenerPort('TLS'))
    plain.send(MetadataRequest, 12, { topics: [] })
    expect(await plain.nextFrame()).toBeUndefined()
    const silent = connectTcp(broker.broker.listenerPort('TLS'), 'localhost')
    await new Promise<void>((resolve) => silent.once('connect', () => resolve()))
    silent.destroy()
    await isServed((await open('TLS'))[0])
  })

  it('carry SASL, whose user counts and not the certificate', async () => {
    const [client] = await open('SECURE')
    expect((await logIn(client, plainMechanism('alice', 'alice-pw'))).errorCode).toBe(0)
    expect(await principalOf(client)).toBe('0 User:alice')
  })

  it('take another key at run time, and refuse one that can not be used', async () => {
    const admin = await broker.connect()
    const alter = async (value: string): Promise<[number, string | null]> => {
      const name = 'listener.name.secure.ssl.keystore.location'
      const configs = [{ name, configOperation: 0, value }]
      const request = { resources: [{ resourceType: 4, resourceName: '1', configs }] }
      const codecs = [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse] as const
      const { responses } = await admin.request(...codecs, 1, request)
      return [responses[0]!.errorCode, responses[0]!.errorMessage]
    }
    const [errorCode, message] = await alter('/nowhere.p12')
    expect(errorCode).toBe(ErrorCode.INVALID_REQUEST)
    expect(message).toContain('Validation of dynamic config update of SSLFactory failed')
    const moved = join(broker.dataDir, 'moved.p12')
    await copyFile(fixturePath('server.p12'), moved)
    expect(await alter(moved)).toEqual([0, null])
    const [client] = await open('SECURE')
    expect((await logIn(client, plainMechanism('alice', 'alice-pw'))).errorCode).toBe(0)
    client.close()
    admin.close()
  })

  it('register with their security protocol', () => {
    const { registration } = broker.broker.image.brokers.get(broker.broker.nodeId)!
    expect(registration.endPoints.map(({ name, securityProtocol }) => [name, securityProtocol])).toEqual([
      ['PLAINTEXT', 0],
      ['TLS', 1],
      ['MTLS', 1],
      ['ASKS', 1],
      ['SECURE', 3],
    ])
  })
})

describe('a broker that can not serve TLS or SASL as configured', () => {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required;'
  it.each([
    [{ 'ssl.keystore.location': '' }, 'ssl.keystore.location'],
    [{ 'ssl.keystore.password': 'wrong' }, "listener TLS can't serve TLS"],
    [{ 'ssl.principal.mapping.rules': 'RULE:^CN=(/x' }, 'Invalid rule'],
    [{ 'listener.name.secure.sasl.enabled.mechanisms': 'GSSAPI' }, 'the SASL mechanism GSSAPI is not supported'],
    [{ 'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-256' }, "Could not find a 'KafkaServer'"],
    [
      {
        'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-256',
        'listener.name.secure.scram-sha-256.sasl.jaas.config': plain,
      },
      'needs org.apache.kafka.common.security.scram.ScramLoginModule',
    ],
  ])('%j does not start', async (overrides, message) => {
    const starting = TestBroker.start({ ...PROPERTIES, ...overrides })
    await expect(starting).rejects.toThrow(BrokerStartError)
    await expect(starting).rejects.toThrow(message)
  })
})
