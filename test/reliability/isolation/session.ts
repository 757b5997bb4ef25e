import { Connection } from '../../../src/net/connection.ts'
import type { Draft, MessageCodec } from '../../../src/protocol/codec.ts'

const REQUEST_TIMEOUT_MS = 1500
const PAUSE_MS = 20

/** Where the broker of the moment is; it moves with each restart. */
export interface Cluster {
  readonly port: number
  /** Set when the run is to end: whoever is at work finishes what it has begun. */
  readonly isEnding: boolean
}

export const pause = (ms = PAUSE_MS): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One client's connection, opened anew whenever it was lost. */
export class Session {
  private readonly cluster: Cluster
  private readonly clientId: string
  private connection: Connection | undefined

  constructor(cluster: Cluster, clientId: string) {
    this.cluster = cluster
    this.clientId = clientId
  }

  /** Sends a request; throws when it isn't known to have been answered. */
  async send<Q, R>(
    request: MessageCodec<Q>,
    response: MessageCodec<R>,
    version: number,
    message: Draft<Q>,
  ): Promise<R> {
    const { connection } = this
    const open = connection?.isOpen ? connection : await this.open()
    return open.send(request, response, message, { version })
  }

  private async open(): Promise<Connection> {
    this.connection = await Connection.open({
      host: 'localhost',
      port: this.cluster.port,
      clientId: this.clientId,
      setupTimeoutMs: REQUEST_TIMEOUT_MS,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
    })
    return this.connection
  }

  close(): void {
    this.connection?.close()
  }
}

/** An answer that says no. */
export class Refused extends Error {
  readonly code: number

  constructor(code: number, what: string) {
    super(`${what}: error ${code}`)
    this.code = code
  }
}

/** Throws Refused unless `code` is 0. */
export function check(code: number, what: string): void {
  if (code !== 0) throw new Refused(code, what)
}

/** Tries again, `times` in all, what was refused with one of `codes` or not answered; the last failure is thrown. */
export async function persistently<T>(times: number, codes: readonly number[], action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (attempt >= times || (error instanceof Refused && !codes.includes(error.code))) throw error
      await pause()
    }
  }
}
