import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { WorkerConfig } from '../config/worker-config.ts'
import { ConnectError } from '../data/errors.ts'
import type { Log } from '../runtime/log.ts'
import { messageOf } from '../runtime/trace.ts'
import { answerOf, errorAnswer, type RestAnswer, readBody, writeAnswer } from './http.ts'
import { type Route, routeOf } from './router.ts'

/** The address of this machine that others can reach, as Java's `InetAddress.getLocalHost` tends to be. */
const localAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'

const inUrl = (host: string): string => (isIPv6(host) ? `[${host}]` : host)

/** Connect's REST API over HTTP: finds a request's route and answers what it returns or throws. */
export class RestServer {
  readonly #config: WorkerConfig
  readonly #log: Log
  readonly #servers: Server[] = []
  #routes: readonly Route[] | null = null
  /** host:port others are told, and where they find it. */
  advertised = { workerId: '', url: '' }

  constructor(config: WorkerConfig, log: Log) {
    this.#config = config
    this.#log = log
  }

  /** Listens; requests are answered with 503 until `serve`. @throws ConnectError for an address that can't be had */
  async listen(): Promise<void> {
    const urls: { host: string; port: number }[] = []
    for (const { host, port } of this.#config.listeners()) {
      const server = createServer((request, response) => void this.#answer(request, response))
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => {
          const why = `The REST API can't listen on ${host}:${port}: ${error.message}.`
          reject(
            new ConnectError(`Unable to initialize REST server: ${why} Choose another port in listeners.`, {
              cause: error,
            }),
          )
        })
        server.listen(port, host === '' ? undefined : host, resolve)
      })
      this.#servers.push(server)
      urls.push({ host: host === '' ? localAddress() : host, port: (server.address() as AddressInfo).port })
    }
    const first = urls[0]!
    const host = this.#config.stringOrNull('rest.advertised.host.name') ?? first.host
    const port = this.#config.numberOrNull('rest.advertised.port') ?? first.port
    this.advertised = { workerId: `${inUrl(host)}:${port}`, url: `http://${inUrl(host)}:${port}/` }
    for (const one of urls) {
      this.#log.info(
        `REST server listening at http://${inUrl(one.host)}:${one.port}/, advertising URL ${this.advertised.url}`,
      )
    }
  }

  serve(routes: readonly Route[]): void {
    this.#routes = routes
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now()
    let answer: RestAnswer
    try {
      answer = await this.#route(request)
    } catch (error) {
      answer = answerOf(error)
      if (answer.status >= 500)
        this.#log.error(`Uncaught exception in REST call to ${request.url}: ${messageOf(error)}`)
    }
    if (response.destroyed) return
    const bytes = writeAnswer(response, answer, request.method === 'HEAD')
    const line = `"${request.method} ${request.url} HTTP/${request.httpVersion}" ${answer.status} ${bytes}`
    this.#log.info(`${request.socket.remoteAddress ?? '-'} ${line} ${Math.round(performance.now() - startedAt)}`)
  }

  async #route(request: IncomingMessage): Promise<RestAnswer> {
    if (this.#routes === null) {
      return errorAnswer(503, 'Request cannot be completed because the worker is still starting up.')
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    const method = request.method ?? 'GET'
    const found = routeOf(this.#routes, method, url.pathname)
    if ('answer' in found) return found.answer
    const body = method === 'GET' || method === 'HEAD' ? undefined : await readBody(request)
    return found.handle({ method, params: found.params, query: url.searchParams, body })
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()))
        server.closeAllConnections()
        return closed
      }),
    )
  }
}
