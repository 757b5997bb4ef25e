import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { FrameSplitter } from '../../src/net/framing.ts'
import type { Draft, MessageCodec } from '../../src/protocol/codec.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { RequestHeader } from '../../src/protocol/generated/data/request-header.ts'
import { Reader } from '../../src/protocol/reader.ts'
import { Writer } from '../../src/protocol/writer.ts'

/** What a handler may answer besides a message: nothing at all, or the end of the connection. */
export const NO_ANSWER = Symbol('no answer')
export const HANG_UP = Symbol('hang up')

export interface Call<Q> {
  request: Q
  version: number
  clientId: string | null
  correlationId: number
  /** How many requests of this API came before, over all connections. */
  index: number
}

type Answer<R> = Draft<R> | typeof NO_ANSWER | typeof HANG_UP
type Handler<Q, R> = (call: Call<Q>) => Answer<R> | Promise<Answer<R>>

interface Entry {
  request: MessageCodec<unknown>
  response: MessageCodec<unknown>
  handler: Handler<unknown, unknown>
  min: number
  max: number
}

/** A scripted broker on a free port of the loopback interface: answers what it is told to, in the order of the requests. */
export class FakeBroker {
  readonly calls: { api: string; version: number; correlationId: number }[] = []
  private readonly entries = new Map<number, Entry>()
  private readonly counts = new Map<number, number>()
  private readonly sockets = new Set<Socket>()
  private readonly server: Server
  /** Highest ApiVersions version understood; above it error 35 in version 0. */
  apiVersionsMax = ApiVersionsRequest.maxVersion

  private constructor() {
    this.server = createServer((socket) => this.serve(socket))
  }

  static async start(): Promise<FakeBroker> {
    const broker = new FakeBroker()
    await new Promise<void>((resolve) => broker.server.listen(0, '127.0.0.1', resolve))
    return broker
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port }
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.sockets.size
  }

  on<Q, R>(
    request: MessageCodec<Q>,
    response: MessageCodec<R>,
    handler: Handler<Q, R>,
    versions: { min?: number; max?: number } = {},
  ): this {
    const { min = request.minVersion, max = request.maxVersion } = versions
    const entry = { request, response, handler, min, max }
    this.entries.set(request.apiKey, entry as unknown as Entry)
    return this
  }

  count(request: MessageCodec<unknown>): number {
    return this.counts.get(request.apiKey) ?? 0
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.dropConnections()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => {})
    const splitter = new FrameSplitter(10_000_000)
    let queue = Promise.resolve()
    socket.on('data', (chunk) => {
      splitter.push(chunk, (frame) => {
        queue = queue.then(() => this.answer(socket, frame))
      })
    })
  }

  private async answer(socket: Socket, frame: Buffer): Promise<void> {
    const apiKey = frame.readInt16BE(0)
    const version = frame.readInt16BE(2)
    const entry = apiKey === ApiVersionsRequest.apiKey ? this.apiVersions() : this.entries.get(apiKey)
    if (entry === undefined) {
      socket.destroy()
      return
    }
    const { request, response } = entry
    const reader = new Reader(frame)
    const header = RequestHeader.read(reader, version >= request.flexibleFrom ? 2 : 1)
    const { correlationId, clientId } = header
    this.calls.push({ api: request.name, version, correlationId })
    const index = this.counts.get(apiKey) ?? 0
    this.counts.set(apiKey, index + 1)
    const tooNew = apiKey === ApiVersionsRequest.apiKey && version > this.apiVersionsMax
    const message = tooNew ? null : request.read(reader, version)
    const answer = await entry.handler({ request: message, version, clientId, correlationId, index })
    if (answer === HANG_UP) socket.destroy()
    if (answer === NO_ANSWER || answer === HANG_UP) return
    const writer = new Writer()
    writer.int32(0)
    writer.int32(correlationId)
    if (version >= response.flexibleFrom && apiKey !== ApiVersionsRequest.apiKey) writer.unsignedVarint(0)
    response.write(writer, answer as Draft<unknown>, tooNew ? 0 : version)
    const bytes = writer.toBuffer()
    bytes.writeInt32BE(bytes.length - 4, 0)
    socket.write(bytes)
  }

  private apiVersions(): Entry {
    const apiKeys = [...this.entries.values()].map(({ request, min, max }) => ({
      apiKey: request.apiKey,
      minVersion: min,
      maxVersion: max,
    }))
    apiKeys.push({ apiKey: ApiVersionsRequest.apiKey, minVersion: 0, maxVersion: this.apiVersionsMax })
    const handler: Handler<unknown, ApiVersionsResponse> = ({ version }) =>
      version > this.apiVersionsMax
        ? { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: this.apiVersionsMax }] }
        : { apiKeys }
    return {
      request: ApiVersionsRequest,
      response: ApiVersionsResponse,
      handler,
      min: 0,
      max: this.apiVersionsMax,
    } as unknown as Entry
  }
}
