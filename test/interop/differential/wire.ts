import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Draft, MessageCodec } from '../../../src/protocol/codec.ts'
import { RequestHeader } from '../../../src/protocol/generated/data/request-header.ts'
import { Reader } from '../../../src/protocol/reader.ts'
import { Writer } from '../../../src/protocol/writer.ts'

const API_VERSIONS = 18
const UNSUPPORTED_VERSION = 35

/** Request and response of an API. */
export interface Api<Q, R> {
  request: MessageCodec<Q>
  response: MessageCodec<R>
}

/** What came back: the rest of a frame behind its correlation id, or what happened instead. */
export type RawAnswer = Buffer | 'closed' | 'no answer'

/** One connection, opened again when the broker has closed it. Sends any bytes, so also what no client would say. */
export class Wire {
  private readonly host: string
  private readonly port: number
  private socket: Socket | undefined
  private received = Buffer.alloc(0)
  private correlationId = 0
  private readonly changes = new EventEmitter()

  constructor(bootstrap: string) {
    const [host, port] = bootstrap.split(':')
    this.host = host ?? 'localhost'
    this.port = Number(port)
  }

  /** A request's bytes without their size. Throws UnsupportedVersionError when `message` can't be said in `version`. */
  encode<Q>(codec: MessageCodec<Q>, message: Draft<Q>, version: number): Buffer {
    const writer = new Writer()
    const requestApiKey = codec.apiKey
    const header = { requestApiKey, requestApiVersion: version, correlationId: ++this.correlationId, clientId: 'diff' }
    RequestHeader.write(writer, header, version >= codec.flexibleFrom ? 2 : 1)
    codec.write(writer, message, version)
    return writer.toBuffer()
  }

  /** Sends one frame and waits for the answer; `limitMs` bounds the wait. */
  async ask(frame: Buffer, limitMs = 15_000): Promise<RawAnswer> {
    const socket = await this.connected()
    const size = Buffer.alloc(4)
    size.writeInt32BE(frame.length)
    socket.write(Buffer.concat([size, frame]))
    const deadline = AbortSignal.timeout(limitMs)
    try {
      for (;;) {
        const answer = this.taken()
        if (answer) return answer
        if (socket.destroyed || socket.readableEnded) return this.ended()
        await once(this.changes, 'change', { signal: deadline })
      }
    } catch {
      this.close()
      return 'no answer'
    }
  }

  /** Decodes an answer to `version`. */
  decode<R>(codec: MessageCodec<R>, version: number, answer: Buffer): R {
    const reader = new Reader(answer)
    if (codec.apiKey === API_VERSIONS) {
      return codec.read(reader, answer.readInt16BE(0) === UNSUPPORTED_VERSION ? 0 : version)
    }
    if (version >= codec.flexibleFrom) reader.taggedFields()
    return codec.read(reader, version)
  }

  close(): void {
    this.socket?.destroy()
    this.socket = undefined
    this.received = Buffer.alloc(0)
  }

  private ended(): 'closed' {
    this.close()
    return 'closed'
  }

  private async connected(): Promise<Socket> {
    if (this.socket && !this.socket.destroyed) return this.socket
    this.close()
    const socket = connect(this.port, this.host)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.changes.emit('change'))
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
      this.changes.emit('change')
    })
    await once(socket, 'connect')
    this.socket = socket
    return socket
  }

  private taken(): Buffer | undefined {
    if (this.received.length < 4) return undefined
    const end = 4 + this.received.readInt32BE(0)
    if (this.received.length < end) return undefined
    const frame = this.received.subarray(8, end)
    this.received = this.received.subarray(end)
    return frame
  }
}
