import type { Socket } from 'node:net'
import { FrameSizeError, FrameSplitter } from '../net/framing.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { RequestHeader } from '../protocol/generated/data/request-header.ts'
import { ResponseHeader } from '../protocol/generated/data/response-header.ts'
import { MalformedMessageError, Reader } from '../protocol/reader.ts'
import { Writer } from '../protocol/writer.ts'
import { type AnyApi, type ClientConnection, NO_RESPONSE, type RequestContext } from './define-api.ts'
import type { BrokerServices } from './services.ts'

/** Requests of one connection that may be under way at once; further ones wait unread. */
const MAX_OUTSTANDING_REQUESTS = 64
/** Response bytes a slow reader may leave unsent before its next request is looked at. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024

const FETCH = 1
const API_VERSIONS = 18

interface PendingResponse {
  done: boolean
  chunks: Buffer[] | undefined
  onSent: (() => void) | undefined
}

export interface ConnectionOptions {
  services: BrokerServices
  listenerName: string
  maxRequestBytes: number
  maxIdleMs: number
  onClose(connection: BrokerConnection): void
}

let nextConnectionId = 1

const sizeOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0)

/**
 * One client: cuts its bytes into requests, runs them through their handlers, and answers in the order asked. Requests start in
 * order too, so that what a handler does before its first await happens in order; a long poll delays nobody else's.
 * What breaks the protocol closes this connection and no other.
 */
export class BrokerConnection implements ClientConnection {
  readonly id = nextConnectionId++
  readonly remoteAddress: string
  readonly listenerName: string
  readonly principal = 'User:ANONYMOUS'
  clientSoftwareName = 'unknown'
  clientSoftwareVersion = 'unknown'
  private readonly abort = new AbortController()
  private readonly socket: Socket
  private readonly options: ConnectionOptions
  private readonly splitter: FrameSplitter
  private readonly waiting: Buffer[] = []
  private readonly responses: PendingResponse[] = []
  /** Bytes of answers that wait for an earlier one to be finished. */
  private heldBytes = 0

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket
    this.options = options
    this.listenerName = options.listenerName
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    this.splitter = new FrameSplitter(options.maxRequestBytes)
    socket.setNoDelay(true)
    // -1 is Kafka's "never", 0 is Node's.
    socket.setTimeout(Math.max(0, options.maxIdleMs), () => this.close('idle'))
    socket.on('data', (chunk: Buffer) => this.onData(chunk))
    socket.on('drain', () => this.pump())
    socket.on('error', () => this.socket.destroy())
    socket.on('close', () => {
      this.abort.abort()
      this.waiting.length = 0
      this.options.onClose(this)
    })
  }

  get closed(): AbortSignal {
    return this.abort.signal
  }

  /** Ends the connection at once; `reason` goes to the log. */
  close(reason: string): void {
    if (this.socket.destroyed) return
    this.options.services.logger.debug({ connection: this.id, peer: this.remoteAddress, reason }, 'closing connection')
    this.socket.destroy()
  }

  private onData(chunk: Buffer): void {
    try {
      this.splitter.push(chunk, (frame) => this.waiting.push(frame))
    } catch (error) {
      if (!(error instanceof FrameSizeError)) throw error
      this.refuse(error.message)
      return
    }
    this.pump()
  }

  /** Whether the next request may start: few are under way, little is unsent, and no two large answers come together. */
  private get mayStart(): boolean {
    if (this.responses.length >= MAX_OUTSTANDING_REQUESTS) return false
    if (this.socket.writableLength + this.heldBytes >= MAX_UNSENT_BYTES) return false
    const next = this.waiting[0]
    const isLarge = next !== undefined && next.length >= 2 && next.readInt16BE(0) === FETCH
    return !isLarge || this.responses.length === 0
  }

  /** Starts what may be started; stops reading while it can't keep up. */
  private pump(): void {
    while (this.waiting.length > 0 && this.mayStart && !this.socket.destroyed)
      this.start(this.waiting.shift() as Buffer)
    if (this.waiting.length > 0) this.socket.pause()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  private start(frame: Buffer): void {
    try {
      this.dispatch(frame)
    } catch (error) {
      if (error instanceof MalformedMessageError) this.refuse(error.message)
      else {
        // A defect here; it must not take the broker down with it.
        this.options.services.logger.error({ peer: this.remoteAddress, err: error }, 'a request could not be started')
        this.close('internal error')
      }
    }
  }

  private refuse(reason: string): void {
    const { logger, metrics } = this.options.services
    metrics.malformedRequests++
    logger.warn(
      { connection: this.id, peer: this.remoteAddress, reason },
      'not a valid request: closing the connection',
    )
    this.close(reason)
  }

  private dispatch(frame: Buffer): void {
    const reader = new Reader(frame)
    const apiKey = reader.int16()
    const version = reader.int16()
    reader.position = 0
    const api = this.options.services.apis.get(apiKey)
    if (!api) {
      this.refuse(`API key ${apiKey} is not known`)
      return
    }
    if (version < api.min || version > api.max) {
      if (apiKey !== API_VERSIONS) {
        this.refuse(`${api.request.name} version ${version} is not supported`)
        return
      }
      // KIP-511: a client that is newer learns from a version 0 answer which versions there are.
      const header = RequestHeader.read(reader, 1)
      const failure = api.failure({} as never, ErrorCode.UNSUPPORTED_VERSION, '')
      this.send(this.slot(), this.frame(api, header.correlationId, 0, failure))
      return
    }
    const header = RequestHeader.read(reader, version >= api.request.flexibleFrom ? 2 : 1)
    // Bytes left over are ignored, as Kafka does: librdkafka's Metadata v13 has some.
    const request = api.request.read(reader, version)
    const context: RequestContext = {
      services: this.options.services,
      connection: this,
      version,
      clientId: header.clientId ?? '',
      correlationId: header.correlationId,
      apiName: api.request.name.replace(/Request$/, ''),
    }
    this.run(api, context, request)
  }

  private run(api: AnyApi, context: RequestContext, request: unknown): void {
    const slot = this.slot()
    const { clock, metrics } = this.options.services
    const startedMs = clock.monotonicMs()
    slot.onSent = () => metrics.answered(api, clock.monotonicMs() - startedMs)
    let answer: unknown
    try {
      answer = api.handle(context, request)
    } catch (error) {
      answer = this.failed(api, context, request, error)
    }
    if (answer instanceof Promise) {
      answer.then(
        (response: unknown) => this.finish(slot, api, context, response),
        (error: unknown) => this.finish(slot, api, context, this.failed(api, context, request, error)),
      )
    } else this.finish(slot, api, context, answer)
  }

  private failed(api: AnyApi, context: RequestContext, request: unknown, error: unknown): unknown {
    if (error instanceof KafkaError) return api.failure(request, error.code, error.message)
    const fields = { api: api.request.name, version: context.version, peer: this.remoteAddress, err: error }
    this.options.services.logger.error(fields, 'a request failed unexpectedly')
    return api.failure(request, ErrorCode.UNKNOWN_SERVER_ERROR, '')
  }

  private finish(slot: PendingResponse, api: AnyApi, context: RequestContext, response: unknown): void {
    if (response === NO_RESPONSE) {
      this.send(slot, [])
      return
    }
    try {
      this.send(slot, this.frame(api, context.correlationId, context.version, response))
    } catch (error) {
      // The response can't be encoded: a defect here, but only this client's connection pays for it.
      const fields = { api: api.request.name, version: context.version, err: error }
      this.options.services.logger.error(fields, 'a response could not be encoded')
      this.close('unencodable response')
    }
  }

  /** The whole response frame, its size first, as a scatter list. */
  private frame(api: AnyApi, correlationId: number, version: number, response: unknown): Buffer[] {
    const flexible = version >= api.response.flexibleFrom && api.request.apiKey !== API_VERSIONS
    const writer = new Writer(1024)
    ResponseHeader.write(writer, { correlationId }, flexible ? 1 : 0)
    api.response.write(writer, response as never, version)
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(writer.sizeBytes)
    return [size, ...writer.chunks()]
  }

  private slot(): PendingResponse {
    const slot: PendingResponse = { done: false, chunks: undefined, onSent: undefined }
    this.responses.push(slot)
    return slot
  }

  /** Puts the response in its place and sends all that are at the front of the line. */
  private send(slot: PendingResponse, chunks: Buffer[]): void {
    slot.done = true
    slot.chunks = chunks
    this.heldBytes += sizeOf(chunks)
    if (this.socket.destroyed || !this.responses[0]?.done) return
    this.socket.cork()
    while (this.responses[0]?.done) {
      const { chunks: finished = [], onSent } = this.responses.shift() as PendingResponse
      this.heldBytes -= sizeOf(finished)
      for (const chunk of finished) this.socket.write(chunk)
      onSent?.()
    }
    process.nextTick(() => this.socket.uncork())
    if (this.waiting.length > 0) process.nextTick(() => this.pump())
  }
}
