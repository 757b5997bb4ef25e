import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClientError } from '../../src/net/client-error.ts'
import { Connection } from '../../src/net/connection.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/generated/03-metadata.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/generated/12-heartbeat.ts'
import { FakeBroker, HANG_UP, NO_ANSWER } from '../client/fake-broker.ts'

const times = { clientId: 'test', setupTimeoutMs: 5000, requestTimeoutMs: 5000 }
const beat = { groupId: 'g', generationId: 1, memberId: 'm' }
const failureOf = async (promise: Promise<unknown>): Promise<ClientError> => {
  const error: unknown = await promise.then(
    () => new Error('did not fail'),
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(ClientError)
  return error as ClientError
}

describe('a connection to a broker', () => {
  let broker: FakeBroker
  const connections: Connection[] = []
  const open = async (more: Partial<Parameters<typeof Connection.open>[0]> = {}): Promise<Connection> => {
    const connection = await Connection.open({ ...broker.address, ...times, ...more })
    connections.push(connection)
    return connection
  }

  beforeEach(async () => {
    broker = await FakeBroker.start()
    broker.on(HeartbeatRequest, HeartbeatResponse, () => ({ errorCode: 27 }))
  })

  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close()
    await broker.stop()
  })

  it('asks for the versions once and uses the highest common one', async () => {
    broker.on(MetadataRequest, MetadataResponse, () => ({ clusterId: 'c' }), { min: 1, max: 7 })
    const connection = await open()
    const answer = await connection.send(MetadataRequest, MetadataResponse, { topics: null })
    await connection.send(HeartbeatRequest, HeartbeatResponse, beat)
    expect(answer.clusterId).toBe('c')
    expect(broker.calls.map(({ api, version }) => `${api} ${version}`)).toEqual([
      'ApiVersionsRequest 4',
      'MetadataRequest 7',
      'HeartbeatRequest 4',
    ])
    expect(connection.versions.range(3)).toEqual({ min: 1, max: 7 })
  })

  it('falls back to the ApiVersions version of an older broker', async () => {
    broker.apiVersionsMax = 2
    const connection = await open()
    expect(connection.versions.range(HeartbeatRequest.apiKey)).toEqual({ min: 0, max: 4 })
    expect(broker.calls.map(({ version }) => version)).toEqual([4, 2])
  })

  it('names both ranges when there is no common version, and an API that is not there', async () => {
    broker.on(MetadataRequest, MetadataResponse, () => ({}), { min: 90, max: 91 })
    const connection = await open()
    const error = await failureOf(connection.send(MetadataRequest, MetadataResponse, {}))
    expect(error.reason).toBe('unsupported-version')
    expect(error.message).toContain('METADATA with version in range [0,13]. The supported range is [90,91]')
    expect(() =>
      connection.versions.pick({ ...MetadataRequest, apiKey: 77, name: 'ShareGroupDescribeRequest' }),
    ).toThrow('The node does not support SHARE_GROUP_DESCRIBE')
  })

  it('answers requests sent without waiting, in their order', async () => {
    broker.on(HeartbeatRequest, HeartbeatResponse, ({ request }) => ({ throttleTimeMs: request.generationId }))
    const connection = await open()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, generationId) =>
        connection.send(HeartbeatRequest, HeartbeatResponse, { ...beat, generationId }),
      ),
    )
    expect(answers.map((answer) => answer.throttleTimeMs)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(connection.inFlight).toBe(0)
  })

  it('closes when an answer takes too long, and fails what waits behind it', async () => {
    broker.on(HeartbeatRequest, HeartbeatResponse, () => NO_ANSWER)
    const connection = await open()
    const first = failureOf(connection.send(HeartbeatRequest, HeartbeatResponse, beat, { timeoutMs: 20 }))
    const second = failureOf(connection.send(HeartbeatRequest, HeartbeatResponse, beat))
    expect(await first).toMatchObject({ reason: 'timeout', retriable: true })
    expect(await second).toMatchObject({ reason: 'disconnected', retriable: true })
    expect(connection.isOpen).toBe(false)
    expect((await failureOf(connection.send(HeartbeatRequest, HeartbeatResponse, beat))).reason).toBe('timeout')
  })

  it('tells when the broker hangs up', async () => {
    broker.on(HeartbeatRequest, HeartbeatResponse, () => HANG_UP)
    const connection = await open()
    let closed = 0
    connection.onClose(() => closed++)
    const error = await failureOf(connection.send(HeartbeatRequest, HeartbeatResponse, beat))
    expect(error).toMatchObject({ reason: 'disconnected', retriable: true, ...broker.address })
    expect(error.nextStep).toContain('SASL')
    expect(closed).toBe(1)
  })

  it('sends requests that have no answer', async () => {
    const seen = new Promise<void>((resolve) => {
      broker.on(HeartbeatRequest, HeartbeatResponse, () => {
        resolve()
        return NO_ANSWER
      })
    })
    const connection = await open()
    await connection.sendWithoutAnswer(HeartbeatRequest, beat)
    await seen
    expect(connection.inFlight).toBe(0)
  })

  it('renews its session before it ends, holding back requests meanwhile (KIP-368)', async () => {
    let authentications = 0
    const order: string[] = []
    const authenticator = {
      authenticate: async (): Promise<number> => {
        order.push(`authenticate ${++authentications}`)
        return authentications === 1 ? 0.001 : 0
      },
    }
    broker.on(HeartbeatRequest, HeartbeatResponse, () => {
      order.push('heartbeat')
      return {}
    })
    const connection = await open({ authenticator })
    await new Promise((resolve) => setImmediate(resolve))
    const sent = [1, 2].map(() => connection.send(HeartbeatRequest, HeartbeatResponse, beat))
    await Promise.all(sent)
    expect(order).toEqual(['authenticate 1', 'authenticate 2', 'heartbeat', 'heartbeat'])
  })

  it('fails everything and closes when the session can not be renewed', async () => {
    let authentications = 0
    const authenticator = {
      authenticate: async (): Promise<number> => {
        if (++authentications > 1) throw new ClientError('authentication', 'no longer welcome')
        return 0.001
      },
    }
    const connection = await open({ authenticator })
    await new Promise((resolve) => setImmediate(resolve))
    const error = await failureOf(connection.send(HeartbeatRequest, HeartbeatResponse, beat))
    expect(error).toMatchObject({ reason: 'authentication', message: 'no longer welcome' })
    expect(connection.isOpen).toBe(false)
  })
})

describe('a connection to something else', () => {
  let server: Server
  let answer: (socket: Socket) => void
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      answer(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  const open = (more = {}): Promise<Connection> =>
    Connection.open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...times, ...more })
  const onceAsked = (bytes: Buffer | string) => (socket: Socket) => void socket.once('data', () => socket.write(bytes))

  it('knows an HTTP server', async () => {
    answer = onceAsked('HTTP/1.1 400 Bad Request\r\n\r\n')
    const error = await failureOf(open())
    expect(error.reason).toBe('not-kafka')
    expect(error.message).toMatch(/does not speak Kafka: it is an HTTP server\.$/)
    expect(error.retriable).toBe(false)
  })

  it('knows a TLS port', async () => {
    answer = onceAsked(Buffer.from([0x15, 3, 3, 0, 2, 2, 10]))
    const error = await failureOf(open())
    expect(error.message).toContain('speaks TLS')
    expect(error.nextStep).toContain('security.protocol=SSL')
  })

  it('shows what an unknown server said', async () => {
    answer = onceAsked('220 mail ready\r\n')
    expect((await failureOf(open())).message).toContain('"220 mail ready."')
  })

  it('refuses an answer nobody asked for', async () => {
    answer = onceAsked(Buffer.from([0, 0, 0, 6, 0, 0, 0, 99, 0, 0]))
    const error = await failureOf(open())
    expect(error.reason).toBe('protocol')
    expect(error.message).toContain('correlation id 99')
  })

  it('refuses an answer that breaks off', async () => {
    answer = onceAsked(Buffer.from([0, 0, 0, 6, 0, 0, 0, 0, 0, 0]))
    expect((await failureOf(open())).reason).toBe('protocol')
  })

  it('says when it hangs up at once', async () => {
    answer = (socket) => socket.destroy()
    const error = await failureOf(open())
    expect(error.reason).toBe('disconnected')
    expect(error.nextStep).toContain('TLS')
  })

  it('gives up on a server that is silent', async () => {
    answer = () => {}
    expect((await failureOf(open({ requestTimeoutMs: 20 }))).reason).toBe('timeout')
  })

  it('says when nothing listens', async () => {
    const { port } = server.address() as AddressInfo
    await new Promise<void>((resolve) => server.close(() => resolve()))
    const error = await failureOf(Connection.open({ host: '127.0.0.1', port, ...times }))
    expect(error).toMatchObject({ reason: 'refused', host: '127.0.0.1', port, retriable: true })
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  it('says when the name does not exist', async () => {
    const error = await failureOf(Connection.open({ host: 'no-such-host.invalid', port: 9092, ...times }))
    expect(error.reason).toBe('dns')
    expect(error.message).toContain("Couldn't resolve server no-such-host.invalid:9092")
  })
})
