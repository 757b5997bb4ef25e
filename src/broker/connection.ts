import type { Socket } from 'node:net'
import type { SecurityProtocol } from '../config/listeners.ts'
import { FrameSizeError, FrameSplitter } from '../net/framing.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { RequestHeader } from '../protocol/generated/data/request-header.ts'
import { ResponseHeader } from '../protocol/generated/data/response-header.ts'
import { MalformedMessageError, Reader } from '../protocol/reader.ts'
import { Writer } from '../protocol/writer.ts'
import { hasValidSoftware } from './apis/18-api-versions.ts'
import { type AnyApi, type ClientConnection, NO_RESPONSE, type RequestContext } from './define-api.ts'
import { faultAnswer } from './faults/fault-answer.ts'
import type { Strike } from './faults/faults.ts'
import { ConnectionThrottle } from './quota/connection-throttle.ts'
import type { ListenerSecurity } from './security/listener-security.ts'
import { SaslAuthenticator, type SaslStep } from './security/sasl-authenticator.ts'
import type { BrokerServices } from './services.ts'

/** Requests of one connection that may be under way at once; further ones wait unread. */
const MAX_OUTSTANDING_REQUESTS = 64
/** Bytes of requests under way that keep the next one waiting: those that wait hold their bytes. One alone may be larger. */
const MAX_OUTSTANDING_BYTES = 16 * 1024 * 1024
/** Response bytes a slow reader may leave unsent before its next request is looked at. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024

const API_VERSIONS = 18
/** The handler holds on to the bytes of the request until it is answered; of others nothing is left once they are decoded. */
const PRODUCE = 0
/** Fetch, FetchSnapshot and ShareFetch, whose answers are large. */
const FETCHES: ReadonlySet<number> = new Set([1, 59, 78])

interface PendingResponse {
  /** Of the request. */
  readonly requestBytes: number
  done: boolean
  chunks: Buffer[] | undefined
  onSent: (() => void) | undefined
  /** Gives back what the request holds of queued.max.request.bytes. */
  freeRequest: (() => void) | undefined
  /** A fault on demand that the answer meets. */
  strike?: Strike
  /** Called when the answer is out of memory. */
  release: (() => void) | undefined
  /** How long the client is not read once this is sent. */
  throttleMs: number
}

export interface ConnectionOptions {
  services: BrokerServices
  listenerName: string
  maxRequestBytes: number
  maxIdleMs: number
  security: ListenerSecurity
  /** 'User:NAME' by the client's certificate; undefined without one. */
  certificatePrincipal: string | undefined
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
  readonly remotePort: number
  readonly listenerName: string
  readonly securityProtocol: SecurityProtocol
  clientSoftwareName = 'unknown'
  clientSoftwareVersion = 'unknown'
  private readonly abort = new AbortController()
  private readonly socket: Socket
  private readonly options: ConnectionOptions
  private readonly splitter: FrameSplitter
  private readonly waiting: Buffer[] = []
  private readonly responses: PendingResponse[] = []
  /** A fault on demand holds up this connection's requests. */
  private stalled = false
  /** Undefined on a listener without SASL. */
  private readonly sasl: SaslAuthenticator | undefined
  /** A message of authentication is looked at; what comes after it waits. */
  private isAuthenticating = false
  /** Bytes of answers that wait for an earlier one to be finished. */
  private heldBytes = 0
  /** Bytes of the requests under way. */
  private outstandingBytes = 0
  private readonly throttle: ConnectionThrottle
  private readonly onRoom = (): void => this.pump()

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket
    this.options = options
    this.listenerName = options.listenerName
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    this.throttle = new ConnectionThrottle(options.services.clock, () => this.pump())
    this.remotePort = socket.remotePort ?? 0
    this.securityProtocol = options.security.protocol
    const { sasl } = options.security
    const { clock, apis } = options.services
    this.sasl =
      sasl && new SaslAuthenticator({ settings: sasl, clock, api: (apiKey) => apis.get(apiKey), hasValidSoftware })
    this.splitter = new FrameSplitter(sasl?.maxReceiveBytes ?? options.maxRequestBytes)
    socket.setNoDelay(true)
    // -1 is Kafka's "never", 0 is Node's.
    socket.setTimeout(Math.max(0, options.maxIdleMs), () => this.close('idle'))
    socket.on('data', (chunk: Buffer) => this.onData(chunk))
    socket.on('drain', () => this.pump())
    socket.on('error', () => this.socket.destroy())
    socket.on('close', () => {
      this.abort.abort()
      this.throttle.close()
      for (const { release, freeRequest } of this.responses) {
        release?.()
        freeRequest?.()
      }
      options.services.requestMemory.forget(this.onRoom)
      this.waiting.length = 0
      this.options.onClose(this)
    })
  }

  get principal(): string {
    const user = this.sasl?.outcome?.user
    if (user !== undefined) return `User:${user}`
    return (this.sasl === undefined ? this.options.certificatePrincipal : undefined) ?? 'User:ANONYMOUS'
  }

  get isTokenAuthenticated(): boolean {
    return this.sasl?.outcome?.byToken === true
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
    if (this.stalled || this.isAuthenticating) return false
    if (this.responses.length >= MAX_OUTSTANDING_REQUESTS) return false
    if (this.outstandingBytes >= MAX_OUTSTANDING_BYTES) return false
    const { requestMemory } = this.options.services
    if (requestMemory.isFull) {
      requestMemory.whenRoom(this.onRoom)
      return false
    }
    if (!this.throttle.mayStart(this.responses.length)) return false
    if (this.socket.writableLength + this.heldBytes >= MAX_UNSENT_BYTES) return false
    const next = this.waiting[0]
    const isLarge = next !== undefined && next.length >= 2 && FETCHES.has(next.readInt16BE(0))
    // The answer before must be with the kernel: a client that doesn't read holds one large answer, not two.
    const isIdle = this.responses.length === 0 && this.socket.writableLength <= this.socket.writableHighWaterMark
    return !isLarge || isIdle
  }

  /** Starts what may be started; stops reading while it can't keep up. */
  private pump(): void {
    while (this.waiting.length > 0 && this.mayStart && !this.socket.destroyed)
      this.start(this.waiting.shift() as Buffer)
    if (this.waiting.length > 0 || this.throttle.isMuted) this.socket.pause()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  private start(frame: Buffer): void {
    if (this.sasl?.concerns(frame)) this.authenticate(this.sasl, frame)
    else this.startHandler(frame)
  }

  private startHandler(frame: Buffer): void {
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

  /** Hands the frame to the SASL exchange; the next frame waits until it is settled. */
  private authenticate(sasl: SaslAuthenticator, frame: Buffer): void {
    this.isAuthenticating = true
    void sasl.receive(frame).then((step) => {
      if (this.socket.destroyed) return
      if (step.kind === 'fail') {
        this.failAuthentication(step)
        return
      }
      const { security, maxRequestBytes } = this.options
      this.splitter.maxFrameSizeBytes = sasl.isComplete ? maxRequestBytes : (security.sasl?.maxReceiveBytes ?? 0)
      this.isAuthenticating = false
      if (step.kind === 'pass') this.startHandler(frame)
      else this.send(this.slot(), this.encoded(step.reply))
      this.pump()
    })
  }

  /** Ends the connection; a client whose credentials are wrong is answered late, which makes guessing slow. */
  private failAuthentication({ reason, reply, isDelayed }: SaslStep & { kind: 'fail' }): void {
    const { config, clock, logger } = this.options.services
    const fields = { connection: this.id, peer: this.remoteAddress, listener: this.listenerName, reason }
    logger.info(fields, 'failed authentication')
    if (!isDelayed) {
      this.close(reason)
      return
    }
    this.socket.pause()
    clock.schedule(config.int('connection.failed.authentication.delay.ms'), () => {
      if (this.socket.destroyed) return
      if (reply !== undefined) this.send(this.slot(), this.encoded(reply))
      this.socket.destroySoon()
    })
  }

  private encoded(reply: (SaslStep & { kind: 'reply' })['reply']): Buffer[] {
    if (!Buffer.isBuffer(reply)) return this.frame(reply.response, reply.correlationId, reply.version, reply.message)
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(reply.length)
    return [size, reply]
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
      const failure = api.failure({} as never, ErrorCode.UNSUPPORTED_VERSION, '', 0)
      this.send(this.slot(), this.frame(api.response, header.correlationId, 0, failure))
      return
    }
    const header = RequestHeader.read(reader, version >= api.request.flexibleFrom ? 2 : 1)
    // Bytes left over are ignored, as Kafka does: librdkafka's Metadata v13 has some.
    const request = api.request.read(reader, version)
    const clientId = header.clientId ?? ''
    const quota = this.options.services.quotas.begin(this.principal, clientId, apiKey, frame.length)
    this.throttle.began(quota)
    const slot = this.slot(frame.length)
    if (apiKey === PRODUCE) slot.freeRequest = this.options.services.requestMemory.hold(frame.length)
    const context: RequestContext = {
      services: this.options.services,
      connection: this,
      version,
      clientId,
      correlationId: header.correlationId,
      quota,
      whenSent: (release) => {
        slot.release = release
      },
      apiName: api.request.name.replace(/Request$/, ''),
    }
    this.run(slot, api, context, request)
  }

  private run(slot: PendingResponse, api: AnyApi, context: RequestContext, request: unknown): void {
    const { clock, metrics, faults } = this.options.services
    const startedMs = clock.monotonicMs()
    slot.onSent = () => metrics.answered(api, clock.monotonicMs() - startedMs)
    const strike = faults.isActive ? faults.strike(api, context, request) : undefined
    if (strike?.when === 'request') this.struck(strike, slot, api, context, request)
    else this.handle(strike ? Object.assign(slot, { strike }) : slot, api, context, request)
  }

  /** A fault on demand, before the request is handled. */
  private struck(strike: Strike, slot: PendingResponse, api: AnyApi, context: RequestContext, request: unknown): void {
    if (strike.kind === 'close') this.close('a fault on demand')
    else if (strike.kind === 'error')
      this.finish(slot, api, context, request, faultAnswer(api, context.version, request, strike))
    else if (strike.kind === 'delay') {
      this.stalled = true
      this.options.services.clock.schedule(strike.delayMs, () => {
        this.stalled = false
        if (this.socket.destroyed) return
        this.handle(slot, api, context, request)
        this.pump()
      })
    }
  }

  private handle(slot: PendingResponse, api: AnyApi, context: RequestContext, request: unknown): void {
    let answer: unknown
    try {
      answer = api.handle(context, request)
    } catch (error) {
      answer = this.failed(api, context, request, error)
    }
    context.quota?.handled()
    if (answer instanceof Promise) {
      answer.then(
        (response: unknown) => this.finish(slot, api, context, request, response),
        (error: unknown) => this.finish(slot, api, context, request, this.failed(api, context, request, error)),
      )
    } else this.finish(slot, api, context, request, answer)
  }

  private failed(api: AnyApi, context: RequestContext, request: unknown, error: unknown): unknown {
    if (error instanceof KafkaError) return api.failure(request, error.code, error.message, context.version)
    const fields = { api: api.request.name, version: context.version, peer: this.remoteAddress, err: error }
    this.options.services.logger.error(fields, 'a request failed unexpectedly')
    return api.failure(request, ErrorCode.UNKNOWN_SERVER_ERROR, '', context.version)
  }

  private finish(
    slot: PendingResponse,
    api: AnyApi,
    context: RequestContext,
    request: unknown,
    response: unknown,
  ): void {
    const { strike } = slot
    if (strike) {
      slot.strike = undefined
      if (strike.kind === 'delay') {
        const later = (): void => this.finish(slot, api, context, request, response)
        this.options.services.clock.schedule(strike.delayMs, later)
      } else this.struck(strike, slot, api, context, request)
      return
    }
    const { quota } = context
    if (quota) slot.throttleMs = quota.settle(response !== NO_RESPONSE)
    if (response === NO_RESPONSE) {
      this.send(slot, [])
      return
    }
    const told = slot.throttleMs > 0 ? { ...(response as object), throttleTimeMs: slot.throttleMs } : response
    try {
      this.send(slot, this.frame(api.response, context.correlationId, context.version, told))
      quota?.sent()
    } catch (error) {
      // The response can't be encoded: a defect here, but only this client's connection pays for it.
      const fields = { api: api.request.name, version: context.version, err: error }
      this.options.services.logger.error(fields, 'a response could not be encoded')
      this.close('unencodable response')
    }
  }

  /** The whole response frame, its size first, as a scatter list. */
  private frame(codec: AnyApi['response'], correlationId: number, version: number, response: unknown): Buffer[] {
    const flexible = version >= codec.flexibleFrom && codec.apiKey !== API_VERSIONS
    const writer = new Writer(1024)
    ResponseHeader.write(writer, { correlationId }, flexible ? 1 : 0)
    codec.write(writer, response as never, version)
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(writer.sizeBytes)
    return [size, ...writer.chunks()]
  }

  private slot(requestBytes = 0): PendingResponse {
    const slot: PendingResponse = {
      requestBytes,
      done: false,
      chunks: undefined,
      onSent: undefined,
      freeRequest: undefined,
      release: undefined,
      throttleMs: 0,
    }
    this.responses.push(slot)
    this.outstandingBytes += requestBytes
    return slot
  }

  /** Puts the response in its place and sends all that are at the front of the line. */
  private send(slot: PendingResponse, chunks: Buffer[]): void {
    slot.done = true
    slot.freeRequest?.()
    slot.chunks = chunks
    this.heldBytes += sizeOf(chunks)
    if (this.socket.destroyed) slot.release?.()
    if (this.socket.destroyed || !this.responses[0]?.done) return
    this.socket.cork()
    while (this.responses[0]?.done) {
      const { requestBytes, chunks: finished = [], onSent, release, throttleMs } = this.responses.shift()!
      this.heldBytes -= sizeOf(finished)
      this.outstandingBytes -= requestBytes
      const last = finished.length - 1
      for (const [i, chunk] of finished.entries()) this.socket.write(chunk, i === last ? release : undefined)
      onSent?.()
      if (throttleMs > 0) this.throttle.mute(throttleMs)
    }
    process.nextTick(() => this.socket.uncork())
    if (this.waiting.length > 0 || this.throttle.isMuted) process.nextTick(() => this.pump())
  }
}
