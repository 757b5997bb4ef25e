/**
 * Clients' own metrics (KIP-714): which client is to push what and how often, by the client-metrics resources that match it, and what
 * was pushed. Everything here is memory and bounded; a broker that restarts is asked anew.
 */

import type { Clock } from '../base/clock.ts'
import { crc32c } from '../base/crc32c.ts'
import { randomUuid } from '../base/random-uuid.ts'
import { ZERO_UUID } from '../base/uuid.ts'
import { type ClientMetricsSubscription, resolveClientMetricsConfig } from '../config/client-metrics-config.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { ConfigResourceType, type MetadataImage } from './controller/metadata-image.ts'

const DEFAULT_PUSH_INTERVAL_MS = 300_000
/** Kafka's order of preference: zstd, lz4, gzip, snappy. */
export const ACCEPTED_COMPRESSION_TYPES = [4, 3, 1, 2]
const NO_COMPRESSION = 0
const MAX_INSTANCES = 16_384
const MAX_KEPT_PAYLOADS = 256
const MAX_KEPT_BYTES = 16 * 1024 * 1024
const RESERVED = [ZERO_UUID, 'AAAAAAAAAAAAAAAAAAAAAQ']

/** What a `match` can look at, by Kafka's names. */
export type ClientAttributes = Readonly<Record<string, string>>

export interface PushedMetrics {
  clientInstanceId: string
  clientId: string
  receivedMs: number
  terminating: boolean
  compressionType: number
  /** OTLP MetricsData v1, compressed as said. */
  metrics: Buffer
}

interface Instance {
  subscriptionId: number
  metrics: readonly string[]
  pushIntervalMs: number
  lastGetMs: number
  lastPushMs: number
  lastError: number
  terminating: boolean
  /** Version of the subscriptions this was made from. */
  version: number
}

/** Counters for /metrics. */
export interface TelemetryCounts {
  pushes: number
  bytes: number
  throttled: number
  unknownSubscription: number
}

/** Kafka's Uuid.hashCode: both halves' bits folded into 32. */
function hashOf(uuid: string): number {
  const bytes = Buffer.from(uuid, 'base64url')
  return bytes.readInt32BE(0) ^ bytes.readInt32BE(4) ^ bytes.readInt32BE(8) ^ bytes.readInt32BE(12)
}

/** A subscription's id as Kafka makes it: it changes whenever metrics or interval do. */
export function subscriptionIdOf(metrics: readonly string[], pushIntervalMs: number, clientInstanceId: string): number {
  const text = `[${metrics.join(', ')}]${pushIntervalMs}`
  return (crc32c(Buffer.from(text)) ^ hashOf(clientInstanceId)) | 0
}

const throttled = (): KafkaError => new KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED)

/** One per broker. */
export class Telemetry {
  readonly counts: TelemetryCounts = { pushes: 0, bytes: 0, throttled: 0, unknownSubscription: 0 }
  private readonly image: MetadataImage
  private readonly clock: Clock
  private readonly instances = new Map<string, Instance>()
  private readonly payloads = new Map<string, PushedMetrics>()
  private keptBytes = 0
  private version = 0
  private parsed: { version: number; list: ClientMetricsSubscription[] } | undefined

  constructor(image: MetadataImage, clock: Clock) {
    this.image = image
    this.clock = clock
    image.onChange((change) => {
      if (change.kind === 'config-changed' && change.resourceType === ConfigResourceType.CLIENT_METRICS) this.version++
    })
  }

  /** The newest push of each client, the longest unheard first; at most 256 clients and 16 MiB. */
  get received(): readonly PushedMetrics[] {
    return [...this.payloads.values()]
  }

  private subscriptions(): readonly ClientMetricsSubscription[] {
    if (this.parsed?.version !== this.version) {
      const { CLIENT_METRICS } = ConfigResourceType
      const names = this.image.configuredResources(CLIENT_METRICS)
      const list = names.map((name) => resolveClientMetricsConfig(this.image.configOf(CLIENT_METRICS, name)))
      this.parsed = { version: this.version, list }
    }
    return this.parsed?.list ?? []
  }

  private instance(id: string, attributes: ClientAttributes): Instance {
    const known = this.instances.get(id)
    if (known?.version === this.version) {
      // Most recently used last.
      this.instances.delete(id)
      this.instances.set(id, known)
      return known
    }
    const matching = this.subscriptions().filter(({ match }) =>
      [...match].every(([name, pattern]) => pattern.test(attributes[name] ?? '')),
    )
    const wanted = new Set(matching.flatMap(({ metrics }) => metrics))
    const metrics = wanted.has('*') ? ['*'] : [...wanted]
    const pushIntervalMs = Math.min(DEFAULT_PUSH_INTERVAL_MS, ...matching.map(({ intervalMs }) => intervalMs))
    const made: Instance = {
      ...{ subscriptionId: subscriptionIdOf(metrics, pushIntervalMs, id), metrics, pushIntervalMs },
      ...{ lastGetMs: 0, lastPushMs: 0, lastError: known?.lastError ?? ErrorCode.NONE },
      ...{ terminating: known?.terminating ?? false, version: this.version },
    }
    this.instances.delete(id)
    this.instances.set(id, made)
    const oldest = this.instances.size > MAX_INSTANCES ? this.instances.keys().next().value : undefined
    if (oldest !== undefined) this.instances.delete(oldest)
    return made
  }

  /**
   * What a client is to push; it gets an id if it has none.
   *
   * @throws KafkaError THROTTLING_QUOTA_EXCEEDED when it asks again before its interval is over
   */
  subscription(id: string, attributes: ClientAttributes): { clientInstanceId: string } & Readonly<Instance> {
    const clientInstanceId = RESERVED.includes(id) ? randomUuid() : id
    const instance = this.instance(clientInstanceId, { ...attributes, client_instance_id: clientInstanceId })
    const nowMs = this.clock.nowMs()
    const mustAsk =
      instance.lastError === ErrorCode.UNKNOWN_SUBSCRIPTION_ID ||
      instance.lastError === ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    if (nowMs - Math.max(instance.lastGetMs, instance.lastPushMs) >= instance.pushIntervalMs) instance.lastGetMs = nowMs
    else if (!mustAsk) {
      this.counts.throttled++
      throw throttled()
    }
    instance.lastError = ErrorCode.NONE
    return { clientInstanceId, ...instance }
  }

  /**
   * Takes what a client pushed.
   *
   * @throws KafkaError INVALID_REQUEST, THROTTLING_QUOTA_EXCEEDED, UNKNOWN_SUBSCRIPTION_ID, UNSUPPORTED_COMPRESSION_TYPE,
   *   TELEMETRY_TOO_LARGE
   */
  push(pushed: PushedMetrics, subscriptionId: number, attributes: ClientAttributes, maxBytes: number): void {
    const { clientInstanceId: id, terminating } = pushed
    if (RESERVED.includes(id)) throw new KafkaError(ErrorCode.INVALID_REQUEST)
    const instance = this.instance(id, { ...attributes, client_instance_id: id })
    try {
      this.check(instance, pushed, subscriptionId, maxBytes)
      instance.lastError = ErrorCode.NONE
    } catch (error) {
      if (error instanceof KafkaError) instance.lastError = error.code
      throw error
    } finally {
      instance.terminating = terminating
    }
    if (pushed.metrics.length > 0) this.keep(pushed)
  }

  private check(instance: Instance, pushed: PushedMetrics, subscriptionId: number, maxBytes: number): void {
    const nowMs = this.clock.nowMs()
    if (instance.terminating) throw new KafkaError(ErrorCode.INVALID_REQUEST)
    const isInTime = instance.lastGetMs > instance.lastPushMs || nowMs - instance.lastPushMs >= instance.pushIntervalMs
    if (isInTime) instance.lastPushMs = nowMs
    else if (!pushed.terminating) {
      this.counts.throttled++
      throw throttled()
    }
    if (subscriptionId !== instance.subscriptionId) {
      this.counts.unknownSubscription++
      throw new KafkaError(ErrorCode.UNKNOWN_SUBSCRIPTION_ID)
    }
    const { compressionType, metrics } = pushed
    if (compressionType !== NO_COMPRESSION && !ACCEPTED_COMPRESSION_TYPES.includes(compressionType)) {
      throw new KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    }
    if (metrics.length > maxBytes) throw new KafkaError(ErrorCode.TELEMETRY_TOO_LARGE)
  }

  private keep(pushed: PushedMetrics): void {
    this.counts.pushes++
    this.counts.bytes += pushed.metrics.length
    this.forget(pushed.clientInstanceId)
    this.keptBytes += pushed.metrics.length
    // The request's memory must not be held by a slice of it.
    this.payloads.set(pushed.clientInstanceId, { ...pushed, metrics: Buffer.from(pushed.metrics) })
    for (const id of this.payloads.keys()) {
      if (this.payloads.size <= MAX_KEPT_PAYLOADS && this.keptBytes <= MAX_KEPT_BYTES) break
      this.forget(id)
    }
  }

  private forget(id: string): void {
    this.keptBytes -= this.payloads.get(id)?.metrics.length ?? 0
    this.payloads.delete(id)
  }
}
