import type { Socket } from 'node:net'
import type { Draft, MessageCodec } from '../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/generated/18-api-versions.ts'
import { RequestHeader } from '../protocol/generated/data/request-header.ts'
import { MalformedMessageError, Reader } from '../protocol/reader.ts'
import { Writer } from '../protocol/writer.ts'
import { ApiVersionRanges } from './api-versions.ts'
import { ClientError } from './client-error.ts'
import { FrameSizeError, FrameSplitter } from './framing.ts'
import { openSocket, type TlsClientOptions } from './socket.ts'
import { describeStranger } from './stranger.ts'
import { Traffic } from './traffic.ts'

/** Proves who the client is on a fresh connection, and again when the session runs out (KIP-368). See sasl/authenticate.ts. */
export interface Authenticator {
  /**
   * Speaks SaslHandshake and SaslAuthenticate through `send`.
   *
   * @returns how long the session lasts in ms; 0 for without end.
   * @throws ClientError 'authentication'
   */
  authenticate(connection: SaslChannel): Promise<number>
}

/** What an Authenticator gets to see of a connection. */
export interface SaslChannel {
  readonly host: string
  readonly port: number
  send<Q, R>(request: MessageCodec<Q>, response: MessageCodec<R>, message: Draft<Q>): Promise<R>
}

export interface ConnectionOptions {
  host: string
  port: number
  clientId: string
  /** socket.connection.setup.timeout.ms */
  setupTimeoutMs: number
  /** request.timeout.ms: how long an answer may take, unless the request says otherwise. */
  requestTimeoutMs: number
  tls?: TlsClientOptions | null
  authenticator?: Authenticator | null
  /** Largest answer taken; a bigger one closes the connection. Default 512 MiB. */
  maxResponseSizeBytes?: number
  /** Where to count what goes over the connection. */
  traffic?: Traffic
  /** Ends an `open` under way; an open connection is closed by `close`. */
  signal?: AbortSignal
}

export interface SendOptions {
  timeoutMs?: number
  /** Version to use instead of the highest common one; the caller got it from `versions.pick`. */
  version?: number
}

interface Pending {
  correlationId: number
  apiKey: number
  sentAtMs: number
  read: (frame: Buffer) => void
  fail: (error: Error) => void
  timer: NodeJS.Timeout
}

const SOFTWARE = { clientSoftwareName: 'kt', clientSoftwareVersion: '0.1.0' }
const MAX_RESPONSE_BYTES = 512 * 1024 * 1024
/**
 * The answer to ApiVersions is small. What a server that isn't a Kafka broker says first reads as a much larger size, and is told
 * by that.
 */
const MAX_FIRST_RESPONSE_BYTES = 1024 * 1024
/** KIP-511: a broker too old for the client's ApiVersions version answers error 35 in version 0. */
const API_VERSIONS_FALLBACK = 0

/**
 * One connection to one broker. Requests may be sent without waiting for earlier answers; answers come in the order of the
 * requests, as the protocol has it. A request that times out closes the connection, because nothing behind it could be
 * answered either; every other waiting request then fails with ClientError 'disconnected'.
 */
export class Connection {
  readonly host: string
  readonly port: number
  private readonly options: ConnectionOptions
  private readonly socket: Socket
  private readonly splitter: FrameSplitter
  private readonly traffic: Traffic
  private readonly pending: Pending[] = []
  private nextCorrelationId = 0
  private ranges: ApiVersionRanges | null = null
  private failure: ClientError | null = null
  private answered = 0
  private sessionEndsAtMs = Number.POSITIVE_INFINITY
  private reauthentication: Promise<void> | null = null
  private readonly closeListeners: (() => void)[] = []

  private constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket
    this.options = options
    this.traffic = options.traffic ?? new Traffic()
    this.traffic.opened++
    this.host = options.host
    this.port = options.port
    this.splitter = new FrameSplitter(MAX_FIRST_RESPONSE_BYTES)
    socket.on('data', (chunk: Buffer) => this.onData(chunk))
    socket.on('error', (error) => this.fail(this.disconnected(error)))
    socket.on('close', () => this.fail(this.disconnected()))
  }

  /**
   * Connects, learns the broker's versions and authenticates.
   *
   * @throws ClientError with reason refused, unreachable, dns, timeout, tls, not-kafka or authentication
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { host, port, tls, setupTimeoutMs, signal } = options
    const socket = await openSocket({ host, port, tls: tls ?? null, timeoutMs: setupTimeoutMs, signal })
    const connection = new Connection(socket, options)
    const onAbort = (): void => connection.close()
    signal?.addEventListener('abort', onAbort)
    try {
      await connection.negotiate()
      await connection.authenticate()
      return connection
    } catch (error) {
      connection.close()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** The broker's API versions. */
  get versions(): ApiVersionRanges {
    if (this.ranges === null)
      throw new ClientError('closed', 'The versions are not known before the connection is open.')
    return this.ranges
  }

  get isOpen(): boolean {
    return this.failure === null
  }

  /** Requests without an answer yet. */
  get inFlight(): number {
    return this.pending.length
  }

  /** Calls `listener` once, when the connection is gone for whatever reason; at once if it already is. */
  onClose(listener: () => void): void {
    if (this.failure) listener()
    else this.closeListeners.push(listener)
  }

  /**
   * Sends a request and resolves with its answer, error codes inside it included. Byte fields of 1 KiB and more are sent by
   * reference: they must not change before the answer is there. Byte fields of the answer are views of the received frame.
   *
   * @throws ClientError: timeout, disconnected, closed, unsupported-version, protocol
   */
  send<Q, R>(
    request: MessageCodec<Q>,
    response: MessageCodec<R>,
    message: Draft<Q>,
    options?: SendOptions,
  ): Promise<R> {
    if (performance.now() < this.sessionEndsAtMs && this.reauthentication === null) {
      return this.exchange(request, response, message, options)
    }
    return this.renewSession().then(() => this.exchange(request, response, message, options))
  }

  /** Sends a request that has no answer (Produce with acks=0). Resolves when it is handed to the operating system. */
  async sendWithoutAnswer<Q>(request: MessageCodec<Q>, message: Draft<Q>, options?: SendOptions): Promise<void> {
    if (performance.now() >= this.sessionEndsAtMs || this.reauthentication) await this.renewSession()
    if (this.failure) throw this.failure
    const version = options?.version ?? this.versions.pick(request)
    const chunks = this.encode(request, message, version, this.nextCorrelationId++)
    await new Promise<void>((resolve, reject) => {
      this.write(chunks, (error) => (error ? reject(this.disconnected(error)) : resolve()))
    })
  }

  /** Closes at once; waiting requests fail with ClientError 'closed'. */
  close(): void {
    this.fail(new ClientError('closed', `The connection to ${this.host}:${this.port} was closed.`, this.where()))
  }

  private where(): { host: string; port: number } {
    return { host: this.host, port: this.port }
  }

  private async negotiate(): Promise<void> {
    let version = ApiVersionsRequest.maxVersion
    let answer = await this.exchange(ApiVersionsRequest, ApiVersionsResponse, SOFTWARE, { version })
    if (answer.errorCode === ErrorCode.UNSUPPORTED_VERSION) {
      const offered = answer.apiKeys.find((api) => api.apiKey === ApiVersionsRequest.apiKey)
      version = Math.min(offered?.maxVersion ?? API_VERSIONS_FALLBACK, ApiVersionsRequest.maxVersion - 1)
      const message = version >= 3 ? SOFTWARE : {}
      answer = await this.exchange(ApiVersionsRequest, ApiVersionsResponse, message, { version })
    }
    if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode)
    this.ranges = new ApiVersionRanges(answer)
    this.splitter.maxFrameSizeBytes = this.options.maxResponseSizeBytes ?? MAX_RESPONSE_BYTES
  }

  private async authenticate(): Promise<void> {
    const { authenticator } = this.options
    if (!authenticator) return
    const lifetimeMs = await authenticator.authenticate({
      ...this.where(),
      send: (request, response, message) => this.exchange(request, response, message),
    })
    // Java renews at a random point between 85 and 95 percent of the session's life, so that clients don't come all at once.
    this.sessionEndsAtMs =
      lifetimeMs > 0 ? performance.now() + lifetimeMs * (0.85 + Math.random() * 0.1) : Number.POSITIVE_INFINITY
  }

  private renewSession(): Promise<void> {
    this.reauthentication ??= this.authenticate()
      .catch((error: unknown) => {
        this.close()
        throw error
      })
      .finally(() => {
        this.reauthentication = null
      })
    return this.reauthentication
  }

  private exchange<Q, R>(
    request: MessageCodec<Q>,
    response: MessageCodec<R>,
    message: Draft<Q>,
    options?: SendOptions,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      if (this.failure) throw this.failure
      const version = options?.version ?? this.versions.pick(request)
      const correlationId = this.nextCorrelationId++ & 0x7fffffff
      const chunks = this.encode(request, message, version, correlationId)
      const timeoutMs = options?.timeoutMs ?? this.options.requestTimeoutMs
      const timer = setTimeout(() => this.onTimeout(request.name, timeoutMs, correlationId), timeoutMs)
      const read = (frame: Buffer): void => resolve(this.decode(response, version, frame))
      this.pending.push({
        correlationId,
        apiKey: request.apiKey,
        sentAtMs: performance.now(),
        read,
        fail: reject,
        timer,
      })
      this.write(chunks)
    })
  }

  private encode<Q>(request: MessageCodec<Q>, message: Draft<Q>, version: number, correlationId: number): Buffer[] {
    const writer = new Writer()
    writer.int32(0)
    const header = {
      requestApiKey: request.apiKey,
      requestApiVersion: version,
      correlationId,
      clientId: this.options.clientId,
    }
    RequestHeader.write(writer, header, version >= request.flexibleFrom ? 2 : 1)
    request.write(writer, message, version)
    const sizeBytes = writer.sizeBytes
    const chunks = writer.chunks()
    chunks[0]?.writeInt32BE(sizeBytes - 4, 0)
    this.traffic.sent(sizeBytes)
    return chunks
  }

  private decode<R>(response: MessageCodec<R>, version: number, frame: Buffer): R {
    const reader = new Reader(frame, 4)
    // ApiVersions answers with the old header always, so that a client of any version can read them (KIP-511).
    if (version >= response.flexibleFrom && response.apiKey !== ApiVersionsResponse.apiKey) reader.taggedFields()
    if (response.apiKey === ApiVersionsResponse.apiKey && frame.length >= 6) {
      if (frame.readInt16BE(4) === ErrorCode.UNSUPPORTED_VERSION) return response.read(reader, API_VERSIONS_FALLBACK)
    }
    return response.read(reader, version)
  }

  private write(chunks: Buffer[], done?: (error?: Error | null) => void): void {
    const last = chunks.length - 1
    if (last > 0) this.socket.cork()
    for (let i = 0; i <= last; i++) this.socket.write(chunks[i] as Buffer, i === last ? done : undefined)
    if (last > 0) this.socket.uncork()
  }

  private onData(chunk: Buffer): void {
    try {
      this.splitter.push(chunk, (frame) => this.onFrame(frame))
    } catch (error) {
      if (error instanceof FrameSizeError) this.fail(describeStranger(error, this.where()))
      else this.fail(this.garbled(error))
    }
  }

  private onFrame(frame: Buffer): void {
    const correlationId = frame.length >= 4 ? frame.readInt32BE(0) : -1
    const pending = this.pending[0]
    if (pending === undefined || pending.correlationId !== correlationId) {
      throw new MalformedMessageError(`an answer with correlation id ${correlationId}, which nothing here waits for`)
    }
    pending.read(frame)
    this.pending.shift()
    this.traffic.answered(pending.apiKey, 4 + frame.length, performance.now() - pending.sentAtMs)
    clearTimeout(pending.timer)
    this.answered++
  }

  private onTimeout(request: string, timeoutMs: number, correlationId: number): void {
    const api = request.replace(/Request$/, '')
    this.fail(
      new ClientError('timeout', `${this.host}:${this.port} did not answer ${api} within ${timeoutMs} ms.`, {
        ...this.where(),
        nextStep:
          correlationId === 0
            ? 'Check that a Kafka broker listens there, and whether the port wants TLS (security.protocol).'
            : 'The broker may be overloaded or the network broken; request.timeout.ms sets how long to wait.',
      }),
    )
  }

  private disconnected(cause?: Error): ClientError {
    const at = `${this.host}:${this.port}`
    if (cause && 'code' in cause && String(cause.code).startsWith('ERR_SSL_')) {
      // With TLS 1.3 the server's complaint about the client's certificate comes after the handshake.
      return new ClientError('tls', `SSL handshake failed with ${at}: ${cause.message}`, {
        ...this.where(),
        cause,
        nextStep: 'The broker may want a client certificate: check ssl.keystore.location.',
      })
    }
    const detail = cause ? ` (${cause.message})` : ''
    if (this.answered === 0) {
      return new ClientError('disconnected', `${at} closed the connection before it answered anything${detail}.`, {
        ...this.where(),
        cause,
        nextStep: 'The port may want TLS or may not be a Kafka broker: check security.protocol and the port.',
      })
    }
    return new ClientError('disconnected', `${at} closed the connection${detail}.`, {
      ...this.where(),
      cause,
      nextStep:
        this.answered === 1 && !this.options.authenticator
          ? 'The listener may want SASL: check security.protocol and sasl.mechanism. Else see whether the broker still runs.'
          : "See whether the broker still runs, and the broker's log.",
    })
  }

  private garbled(cause: unknown): ClientError {
    const text = cause instanceof Error ? cause.message : String(cause)
    return new ClientError('protocol', `${this.host}:${this.port} sent an answer that can't be read: ${text}.`, {
      ...this.where(),
      cause,
      nextStep: 'Check that the port is a Kafka broker and that nothing between changes the bytes.',
    })
  }

  private fail(error: ClientError): void {
    if (this.failure) return
    this.failure = error
    this.traffic.closed++
    this.socket.destroy()
    const others =
      error.reason === 'timeout' && this.pending.length > 1
        ? new ClientError(
            'disconnected',
            `The connection to ${this.host}:${this.port} was closed: ${error.message}`,
            this.where(),
          )
        : error
    for (const [index, { timer, fail }] of this.pending.entries()) {
      clearTimeout(timer)
      fail(index === 0 ? error : others)
    }
    this.pending.length = 0
    for (const listener of this.closeListeners.splice(0)) listener()
  }
}
