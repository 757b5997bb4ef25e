import { connect } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../src/protocol/generated/44-incremental-alter-configs.ts'
import { TestBroker } from '../in-process.ts'

const store = (name: string): string => new URL(`../../config/fixtures/stores/${name}`, import.meta.url).pathname
const SSL = 'listener.name.tls.ssl'
const EXCEPTION = 'org.apache.kafka.common.config.ConfigException'
const NAMES = 'existing={alias=server, SAN=[[2, localhost], [7, 127.0.0.1]]}'

let broker: TestBroker
afterEach(() => broker.stop())

async function start(overrides: Record<string, string> = {}): Promise<void> {
  broker = await TestBroker.start({
    listeners: 'PLAINTEXT://localhost:0,TLS://localhost:0,CONTROLLER://localhost:0',
    'advertised.listeners': 'PLAINTEXT://localhost:0,TLS://localhost:0',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT',
    [`${SSL}.keystore.type`]: 'PKCS12',
    [`${SSL}.keystore.location`]: store('key.p12'),
    [`${SSL}.keystore.password`]: 'secret1',
    ...overrides,
  })
}

async function alter(values: Record<string, string>): Promise<[number, string | null]> {
  const client = await broker.connect()
  const configs = Object.entries(values).map(([name, value]) => ({ name, configOperation: 0, value }))
  const codecs = [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse] as const
  const { responses } = await client.request(...codecs, 1, {
    resources: [{ resourceType: 4, resourceName: '1', configs }],
  })
  client.close()
  return [responses[0]!.errorCode, responses[0]!.errorMessage]
}

const shown = (): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: broker.broker.listenerPort('TLS'), host: 'localhost', rejectUnauthorized: false })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.subjectAltName)
      socket.destroy()
    })
  })

describe('the key store of a running listener', () => {
  it.each([
    ['less-san.p12', `Keystore SubjectAltNames do not match:  ${NAMES}, new={alias=server, SAN=[[2, localhost]]}`],
    [
      'other-dn.p12',
      'Keystore DistinguishedName does not match:  existing={alias=server, DN=CN=localhost, O=kt}, new={alias=other, DN=CN=other, O=kt}',
    ],
    ['two.p12', 'Keystore entries do not match, existing store contains 1 entries, new store contains 2 entries'],
  ])('does not become %s', async (name, reason) => {
    await start()
    expect(await alter({ [`${SSL}.keystore.location`]: store(name) })).toEqual([
      ErrorCode.INVALID_REQUEST,
      `Invalid value ${EXCEPTION}: Validation of dynamic config update of SSLFactory failed: ${EXCEPTION}: ${reason} for configuration Invalid dynamic configuration`,
    ])
    expect(await shown()).toBe('DNS:localhost, IP Address:127.0.0.1')
  })

  it('may name more hosts than before, but then no fewer', async () => {
    await start()
    expect(await alter({ [`${SSL}.keystore.location`]: store('more-san.p12') })).toEqual([0, null])
    expect(await shown()).toBe('DNS:localhost, IP Address:127.0.0.1, DNS:more.example')
    const [errorCode] = await alter({ [`${SSL}.keystore.location`]: store('key.p12') })
    expect(errorCode).toBe(ErrorCode.INVALID_REQUEST)
  })

  it('may name anything with ssl.allow.dn.changes and ssl.allow.san.changes', async () => {
    await start({ 'ssl.allow.dn.changes': 'true', [`${SSL}.allow.san.changes`]: 'true' })
    for (const name of ['other-dn.p12', 'less-san.p12', 'two.p12']) {
      expect(await alter({ [`${SSL}.keystore.location`]: store(name) })).toEqual([0, null])
    }
  })

  it('is not freed of these rules at run time', async () => {
    await start()
    expect(await alter({ [`${SSL}.allow.san.changes`]: 'true' })).toEqual([0, null])
    expect((await alter({ [`${SSL}.keystore.location`]: store('less-san.p12') }))[0]).toBe(ErrorCode.INVALID_REQUEST)
  })

  it('may be of another format', async () => {
    await start()
    const change = { [`${SSL}.keystore.location`]: store('key.jks'), [`${SSL}.keystore.type`]: 'JKS' }
    expect(await alter(change)).toEqual([0, null])
    expect(await shown()).toBe('DNS:localhost, IP Address:127.0.0.1')
  })

  it('gets no trust store beside it', async () => {
    await start()
    const change = { [`${SSL}.truststore.location`]: store('trust.p12'), [`${SSL}.truststore.password`]: 'secret1' }
    expect((await alter(change))[1]).toContain(
      'Cannot add SSL truststore to an existing listener for which no truststore was configured.',
    )
  })
})
