import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { BrokerConnection, type ConnectionOptions } from './connection.ts'

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
    const why = cause.code === 'EADDRINUSE' ? 'another process listens there: stop it, or use another port' : cause.message
    super(`listener ${spec.name} can't bind ${address}: ${why}`, { cause })
    this.code = cause.code
  }
}

/** One listener of the broker: accepts connections and forgets them when they close. */
export class ListenerServer {
  readonly spec: ListenerSpec
  private readonly server: Server
  private readonly connections = new Set<BrokerConnection>()

  constructor(spec: ListenerSpec, options: Omit<ConnectionOptions, 'listenerName' | 'onClose'>) {
    this.spec = spec
    this.server = createServer((socket: Socket) => {
      const connection = new BrokerConnection(socket, {
        ...options,
        listenerName: spec.name,
        onClose: (closed) => this.connections.delete(closed),
      })
      this.connections.add(connection)
    })
  }

  get connectionCount(): number {
    return this.connections.size
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
      for (const connection of this.connections) connection.close('the broker is shutting down')
    })
  }
}
