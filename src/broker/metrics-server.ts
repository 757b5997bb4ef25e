import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { BrokerMetrics } from './metrics.ts'
import type { Replicas } from './replicas.ts'
import type { TelemetryCounts } from './telemetry.ts'

export interface MetricsSource {
  metrics: BrokerMetrics
  replicas: Replicas
  telemetry: TelemetryCounts
  connectionCount(): number
}

/** Serves /metrics in Prometheus' text format. prom-client is loaded with it, so that a broker without metrics doesn't pay for it. */
export class MetricsServer {
  readonly port: number
  private readonly server: Server

  private constructor(server: Server) {
    this.server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** Listens on localhost; port 0 takes a free one. Rejects with the system error. */
  static async start(port: number, source: MetricsSource): Promise<MetricsServer> {
    const registry = await buildRegistry(source)
    const server = createServer((request, response) => {
      if (request.url !== '/metrics') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('only /metrics is here\n')
        return
      }
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, 'localhost', resolve)
    })
    return new MetricsServer(server)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      this.server.closeAllConnections()
    })
  }
}

type Labels = Record<string, string | number>

/** Makes a metric whose values are asked for when somebody looks. */
type Define = (
  name: string,
  help: string,
  labelNames: string[],
  collect: (put: (labels: Labels, value: number) => void) => void,
) => void

interface Meters {
  gauge: Define
  counter: Define
}

async function buildRegistry(source: MetricsSource): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Counter, Registry: PromRegistry } = await import('prom-client')
  const registry = new PromRegistry()
  collectDefaultMetrics({ register: registry })
  const gauge: Define = (name, help, labelNames, collect) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        collect((labels, value) => this.set(labels, value))
      },
    })
  }
  const counter: Define = (name, help, labelNames, collect) => {
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        collect((labels, value) => this.inc(labels, value))
      },
    })
  }
  networkMetrics({ gauge, counter }, source)
  topicMetrics({ gauge, counter }, source)
  telemetryMetrics(counter, source)
  return registry
}

function networkMetrics({ gauge, counter }: Meters, source: MetricsSource): void {
  const { metrics } = source
  counter('kafka_network_requests_total', 'Requests answered', ['request'], (add) => {
    for (const [request, counts] of metrics.apis) add({ request }, counts.requests)
  })
  counter(
    'kafka_network_request_time_seconds_total',
    'Time spent answering requests, waiting included',
    ['request'],
    (add) => {
      for (const [request, counts] of metrics.apis) add({ request }, counts.totalMs / 1000)
    },
  )
  counter('kafka_network_malformed_requests_total', 'Requests that ended their connection', [], (add) =>
    add({}, metrics.malformedRequests),
  )
  counter('kafka_network_connections_accepted_total', 'Connections accepted', [], (add) =>
    add({}, metrics.connectionsAccepted),
  )
  counter('kafka_network_connections_refused_total', 'Connections closed by a limit', [], (add) =>
    add({}, metrics.connectionsRefused),
  )
  gauge('kafka_network_connections', 'Clients connected', [], (set) => set({}, source.connectionCount()))
}

function topicMetrics({ gauge, counter }: Meters, { metrics, replicas }: MetricsSource): void {
  counter('kafka_topic_bytes_in_total', 'Bytes produced', ['topic'], (add) => {
    for (const [topic, counts] of metrics.topics) add({ topic }, counts.bytesIn)
  })
  counter('kafka_topic_bytes_out_total', 'Bytes fetched', ['topic'], (add) => {
    for (const [topic, counts] of metrics.topics) add({ topic }, counts.bytesOut)
  })
  counter('kafka_topic_produce_requests_total', 'Produce requests, by partition', ['topic', 'result'], (add) => {
    for (const [topic, counts] of metrics.topics) {
      add({ topic, result: 'ok' }, counts.produceRequests - counts.failedProduceRequests)
      add({ topic, result: 'failed' }, counts.failedProduceRequests)
    }
  })
  gauge('kafka_log_end_offset', 'Offset the next record gets', ['topic', 'partition'], (set) => {
    for (const { topic, index, log } of replicas.all()) set({ topic, partition: index }, log.logEndOffset)
  })
  gauge('kafka_log_start_offset', 'First offset that can be read', ['topic', 'partition'], (set) => {
    for (const { topic, index, log } of replicas.all()) set({ topic, partition: index }, log.logStartOffset)
  })
  gauge('kafka_log_size_bytes', 'Bytes on disk', ['topic', 'partition'], (set) => {
    for (const { topic, index, log } of replicas.all()) set({ topic, partition: index }, log.sizeBytes)
  })
}

function telemetryMetrics(counter: Define, { telemetry }: MetricsSource): void {
  counter('kafka_client_telemetry_pushes_total', 'Pushes of client metrics taken (KIP-714)', [], (add) =>
    add({}, telemetry.pushes),
  )
  counter('kafka_client_telemetry_bytes_total', 'Bytes of client metrics taken, as pushed', [], (add) =>
    add({}, telemetry.bytes),
  )
  counter('kafka_client_telemetry_refused_total', 'Requests about client metrics refused', ['reason'], (add) => {
    add({ reason: 'throttled' }, telemetry.throttled)
    add({ reason: 'unknown subscription' }, telemetry.unknownSubscription)
  })
}
