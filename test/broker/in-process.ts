import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker, type BrokerOptions } from '../../src/broker/broker.ts'
import { formatLogDirs } from '../../src/broker/controller/format.ts'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { defaultEmbeddedProperties } from '../../src/config/embedded-config.ts'
import type { Draft, MessageCodec } from '../../src/protocol/codec.ts'
import { RequestHeader } from '../../src/protocol/generated/data/request-header.ts'
import { ResponseHeader } from '../../src/protocol/generated/data/response-header.ts'
import { Reader } from '../../src/protocol/reader.ts'
import { Writer } from '../../src/protocol/writer.ts'

const API_VERSIONS = 18

/** A broker in this process on a free port, with a data directory of its own. */
export class TestBroker {
  broker: Broker
  readonly dataDir: string
  private readonly overrides: Record<string, string>

  private constructor(broker: Broker, dataDir: string, overrides: Record<string, string>) {
    this.broker = broker
    this.dataDir = dataDir
    this.overrides = overrides
  }

  static async start(
    overrides: Record<string, string> = {},
    options: Partial<BrokerOptions> = {},
  ): Promise<TestBroker> {
    const dataDir = await mkdtemp(join(tmpdir(), 'kt-broker-'))
    const config = configFor(dataDir, overrides)
    formatLogDirs({ config, clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', quorum: { kind: 'standalone' }, nowMs: 0 })
    try {
      return new TestBroker(await Broker.start({ config, ...options }), dataDir, overrides)
    } catch (error) {
      await rm(dataDir, { recursive: true, force: true })
      throw error
    }
  }

  get port(): number {
    return this.broker.listenerPort('PLAINTEXT')
  }

  /** Stops the broker and starts another on the same directory; `between` runs while none does. */
  async restart(between: () => Promise<void> = async () => {}): Promise<void> {
    await this.broker.stop()
    await between()
    this.broker = await Broker.start({ config: configFor(this.dataDir, this.overrides) })
  }

  connect(): Promise<TestClient> {
    return TestClient.connect(this.port)
  }

  async stop(): Promise<void> {
    await this.broker.stop()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}

function configFor(dataDir: string, overrides: Record<string, string>): BrokerConfig {
  return BrokerConfig.fromProperties(
    defaultEmbeddedProperties({ port: 0, dataDir, overrides: { 'offsets.topic.num.partitions': '3', ...overrides } }),
  )
}

/** Speaks the protocol with nothing between the test and the bytes. */
export class TestClient {
  readonly socket: Socket
  private received = Buffer.alloc(0)
  private readonly frames: Buffer[] = []
  private readonly waiting: ((frame: Buffer | undefined) => void)[] = []
  private closed = false
  private nextCorrelationId = 1

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.onData(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      for (const resolve of this.waiting.splice(0)) resolve(undefined)
    })
  }

  static connect(port: number): Promise<TestClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: 'localhost' })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new TestClient(socket)))
    })
  }

  /** A client over a connection that is there already, such as one with TLS. */
  static over(socket: Socket): TestClient {
    return new TestClient(socket)
  }

  private onData(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    while (this.received.length >= 4 && this.received.length >= 4 + this.received.readInt32BE(0)) {
      const frame = this.received.subarray(4, 4 + this.received.readInt32BE(0))
      this.received = this.received.subarray(4 + frame.length)
      const next = this.waiting.shift()
      if (next) next(frame)
      else this.frames.push(frame)
    }
  }

  /** The next response frame; undefined when the broker closed the connection. */
  nextFrame(): Promise<Buffer | undefined> {
    const ready = this.frames.shift()
    if (ready || this.closed) return Promise.resolve(ready)
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  sendFrame(frame: Buffer): void {
    const size = Buffer.alloc(4)
    size.writeInt32BE(frame.length)
    this.socket.write(Buffer.concat([size, frame]))
  }

  send<T>(codec: MessageCodec<T>, version: number, request: Draft<T>): number {
    const correlationId = this.nextCorrelationId++
    this.sendFrame(requestFrame(codec, version, correlationId, request))
    return correlationId
  }

  async receive<R>(codec: MessageCodec<R>, version: number): Promise<{ correlationId: number; response: R }> {
    const frame = await this.nextFrame()
    if (!frame) throw new Error('the broker closed the connection')
    const reader = new Reader(frame)
    const flexible = version >= codec.flexibleFrom && codec.apiKey !== API_VERSIONS
    const { correlationId } = ResponseHeader.read(reader, flexible ? 1 : 0)
    const response = codec.read(reader, version)
    if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes left in the response`)
    return { correlationId, response }
  }

  async request<T, R>(
    request: MessageCodec<T>,
    response: MessageCodec<R>,
    version: number,
    message: Draft<T>,
  ): Promise<R> {
    this.send(request, version, message)
    return (await this.receive(response, version)).response
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A request as it goes over the wire, without its size. */
export function requestFrame<T>(
  codec: MessageCodec<T>,
  version: number,
  correlationId: number,
  request: Draft<T>,
): Buffer {
  const writer = new Writer()
  const header = { requestApiKey: codec.apiKey, requestApiVersion: version, correlationId, clientId: 'test' }
  RequestHeader.write(writer, header, version >= codec.flexibleFrom ? 2 : 1)
  codec.write(writer, request, version)
  return writer.toBuffer()
}
