import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { BrokerConnection } from './connection.ts'
import type { BrokerServices } from './services.ts'

export interface ListenerSpec {
  name: string
  /** '' binds all interfaces. */
  host: string
  /** 0 takes a free one. */
  port: number
}

/** The address a listener wants is taken or not allowed. */
export class ListenError extends Error {
  override name = 'ListenError'
  readonly code: string | undefined

  constructor(spec: ListenerSpec, cause: NodeJS.ErrnoException) {
    const address = `${spec.host || '*'}:${spec.port}`
    const why =
      cause.code === 'EADDRINUSE' ? 'another process listens there: stop it, or use another port' : cause.message
    super(`listener ${spec.name} can't bind ${address}: ${why}`, { cause })
    this.code = cause.code
  }
}

/** Clients that may wait for the broker to be ready. */
const MAX_WAITING = 1000

/**
 * One listener of the broker. It is bound before the broker is ready, so that its port is known; clients that come early wait until
 * `open`.
 */
export class ListenerServer {
  readonly spec: ListenerSpec
  private readonly server: Server
  private readonly connections = new Set<BrokerConnection>()
  private readonly waiting: Socket[] = []
  private services: BrokerServices | undefined

  constructor(spec: ListenerSpec) {
    this.spec = spec
    this.server = createServer((socket: Socket) => {
      if (this.services) this.accept(socket, this.services)
      else if (this.waiting.length < MAX_WAITING) this.waiting.push(socket)
      else socket.destroy()
    })
  }

  get connectionCount(): number {
    return this.connections.size
  }

  /** Starts answering. */
  open(services: BrokerServices): void {
    this.services = services
    for (const socket of this.waiting.splice(0)) this.accept(socket, services)
  }

  private accept(socket: Socket, services: BrokerServices): void {
    const connection = new BrokerConnection(socket, {
      services,
      listenerName: this.spec.name,
      maxRequestBytes: services.config.int('socket.request.max.bytes'),
      maxIdleMs: services.config.long('connections.max.idle.ms'),
      onClose: (closed) => this.connections.delete(closed),
    })
    this.connections.add(connection)
  }

  /** Binds; resolves with the port. Throws ListenError. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(new ListenError(this.spec, error)))
      const bound = (): void => resolve((this.server.address() as AddressInfo).port)
      if (this.spec.host === '') this.server.listen(this.spec.port, bound)
      else this.server.listen(this.spec.port, this.spec.host, bound)
    })
  }

  /** Stops accepting and closes every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      for (const socket of this.waiting.splice(0)) socket.destroy()
      for (const connection of this.connections) connection.close('the broker is shutting down')
    })
  }
}
