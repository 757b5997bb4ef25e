import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { BrokerConnection } from './connection.ts'
import type { ListenerSecurity } from './security/listener-security.ts'
import type { TlsListener } from './security/tls-listener.ts'
import type { BrokerServices } from './services.ts'

export interface ListenerSpec {
  name: string
  /** '' binds all interfaces. */
  host: string
  /** 0 takes a free one. */
  port: number
  /** socket.listen.backlog.size: clients the kernel lets wait to be accepted. */
  backlog?: number | undefined
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

/** Clients that may wait for the broker to be ready, for another to leave, or to be closed for coming too fast. */
const MAX_WAITING = 1000

/**
 * One listener of the broker. It is bound before the broker is ready, so that its port is known; clients that come early wait until
 * `open`, and for their turn by the limits in quota/connection-quotas.ts.
 */
export class ListenerServer {
  readonly spec: ListenerSpec
  private readonly security: ListenerSecurity
  private readonly server: Server
  private readonly connections = new Set<BrokerConnection>()
  /** Clients whose TLS handshake is under way. */
  private readonly handshaking = new Set<Socket>()
  private readonly waiting: Socket[] = []
  /** Clients that came too fast, until they are closed. */
  private readonly refused = new Set<Socket>()
  private services: BrokerServices | undefined

  constructor(spec: ListenerSpec, security: ListenerSecurity) {
    this.spec = spec
    this.security = security
    this.server = createServer((socket: Socket) => {
      // Node reads from it already: a client that resets while it waits must hurt nobody else.
      socket.on('error', () => socket.destroy())
      if (this.waiting.length >= MAX_WAITING) {
        socket.destroy()
        return
      }
      socket.once('close', () => this.dropWaiting(socket))
      this.waiting.push(socket)
      this.admit()
    })
  }

  get connectionCount(): number {
    return this.connections.size + this.handshaking.size
  }

  /** Starts answering. */
  open(services: BrokerServices): void {
    this.services = services
    services.quotas.connections.addListener(this.spec.name, () => this.admit())
    this.admit()
  }

  private dropWaiting(socket: Socket): void {
    const at = this.waiting.indexOf(socket)
    if (at >= 0) this.waiting.splice(at, 1)
  }

  /** Lets clients in while there is room. */
  private admit(): void {
    const { services } = this
    if (!services) return
    while (this.waiting.length > 0 && services.quotas.connections.isItsTurn(this.spec.name)) {
      const socket = this.waiting.shift() as Socket
      if (!socket.destroyed) this.accept(socket, services)
    }
  }

  private accept(socket: Socket, services: BrokerServices): void {
    const { metrics } = services
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const admission = services.quotas.connections.admit(this.spec.name, address)
    if (admission.kind !== 'accept') {
      metrics.connectionsRefused++
      services.logger.info({ peer: address, ...admission }, 'too many connections from one address: refusing another')
      this.refuse(socket, admission.kind === 'too-fast' ? admission.closeAfterMs : 0, services)
      return
    }
    metrics.connectionsAccepted++
    if (this.security.tls === undefined) this.serve(socket, address, services)
    else this.secure(this.security.tls, socket, address, services)
  }

  /** Serves the client once its TLS handshake is done. */
  private secure(tls: TlsListener, socket: Socket, address: string, services: BrokerServices): void {
    this.handshaking.add(socket)
    socket.once('close', () => {
      if (this.handshaking.delete(socket)) this.release(address)
    })
    tls.accept(socket, {
      onSecure: (secured, principal) => {
        if (this.handshaking.delete(socket)) this.serve(secured, address, services, principal)
      },
      onFailure: (reason) =>
        services.logger.info({ peer: address, listener: this.spec.name, reason }, 'failed authentication'),
    })
  }

  private serve(socket: Socket, address: string, services: BrokerServices, certificatePrincipal?: string): void {
    const { config } = services
    const connection = new BrokerConnection(socket, {
      services,
      listenerName: this.spec.name,
      maxRequestBytes: config.int('socket.request.max.bytes'),
      maxIdleMs: config.long('connections.max.idle.ms'),
      security: this.security,
      certificatePrincipal,
      onClose: (closed) => {
        this.connections.delete(closed)
        this.release(address)
      },
    })
    this.connections.add(connection)
  }

  /** A client of this address is gone. */
  private release(address: string): void {
    this.services?.quotas.connections.release(this.spec.name, address)
  }

  /** Closes a client unheard; later, so that it doesn't come again at once. */
  private refuse(socket: Socket, afterMs: number, services: BrokerServices): void {
    if (afterMs === 0 || this.refused.size >= MAX_WAITING) {
      socket.destroy()
      return
    }
    this.refused.add(socket)
    socket.once('close', () => this.refused.delete(socket))
    services.clock.schedule(afterMs, () => socket.destroy())
  }

  /** Binds; resolves with the port. Throws ListenError. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      // Also for what accept says later, such as too many open files: that client is lost, the broker goes on.
      this.server.on('error', (error: NodeJS.ErrnoException) => {
        this.services?.logger.error({ err: error, listener: this.spec.name }, 'a connection could not be accepted')
        reject(new ListenError(this.spec, error))
      })
      const bound = (): void => resolve((this.server.address() as AddressInfo).port)
      const { host, port, backlog } = this.spec
      this.server.listen({ port, backlog, ...(host === '' ? {} : { host }) }, bound)
    })
  }

  /** Stops accepting and closes every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      this.services?.quotas.connections.removeListener(this.spec.name)
      for (const socket of [...this.waiting.splice(0), ...this.refused]) socket.destroy()
      for (const socket of this.handshaking) socket.destroy()
      for (const connection of this.connections) connection.close('the broker is shutting down')
    })
  }
}
