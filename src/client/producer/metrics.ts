import type { Cluster } from '../cluster.ts'
import { latency, type Metric, networkMetrics, rateAndTotal, trafficOf } from '../metrics.ts'
import type { ProducerBatch } from './batch.ts'

const GROUP = 'producer-metrics'
const NS_PER_MS = 1e6

/** What became of the records of a topic. */
class TopicTally {
  records = 0
  errors = 0
  retries = 0
  bytes = 0
  uncompressedBytes = 0
}

/** Calls whose time Java tells, in ms. */
export type TimedCall =
  | 'metadata-wait'
  | 'bufferpool-wait'
  | 'flush'
  | 'txn-init'
  | 'txn-send-offsets'
  | 'txn-commit'
  | 'txn-abort'

/** What a producer notes for its metrics: a few sums per batch, nothing per record. */
export class ProducerMetrics {
  splits = 0
  private readonly startMs = performance.now()
  private readonly topics = new Map<string, TopicTally>()
  private readonly times = new Map<TimedCall, number>()
  private batches = 0
  private batchBytes = 0
  private largestBatchBytes = 0
  private queueMs = 0
  private longestQueueMs = 0

  /** Notes how long a call took. */
  async timed<T>(call: TimedCall, work: () => Promise<T>): Promise<T> {
    const startMs = performance.now()
    try {
      return await work()
    } finally {
      this.times.set(call, (this.times.get(call) ?? 0) + performance.now() - startMs)
    }
  }

  /** A batch was acknowledged or given up. */
  done(topic: string, batch: ProducerBatch, ok: boolean): void {
    let tally = this.topics.get(topic)
    if (tally === undefined) {
      tally = new TopicTally()
      this.topics.set(topic, tally)
    }
    const { recordCount, sizeBytes, attempts } = batch
    if (attempts > 1) tally.retries += recordCount * (attempts - 1)
    if (ok) tally.records += recordCount
    else tally.errors += recordCount
    if (attempts === 0) return
    tally.bytes += sizeBytes
    tally.uncompressedBytes += batch.uncompressedBytes
    this.batches++
    this.batchBytes += sizeBytes
    this.largestBatchBytes = Math.max(this.largestBatchBytes, sizeBytes)
    const waitedMs = batch.sentAtMs - batch.createdAtMs
    this.queueMs += waitedMs
    this.longestQueueMs = Math.max(this.longestQueueMs, waitedMs)
  }

  /** The metrics of Java's producer that this one measures. */
  list(cluster: Cluster, memory: { totalBytes: number; availableBytes: number }): Metric[] {
    const elapsedMs = performance.now() - this.startMs
    const all = trafficOf(cluster)
    const tallies = [...this.topics.values()]
    const sum = (of: (tally: TopicTally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0)
    const spent = (call: TimedCall): number => this.times.get(call) ?? 0
    const calls: TimedCall[] = [
      'metadata-wait',
      'bufferpool-wait',
      'flush',
      'txn-init',
      'txn-send-offsets',
      'txn-commit',
      'txn-abort',
    ]
    const values: Record<string, number> = {
      'batch-size-avg': this.batchBytes / this.batches,
      'batch-size-max': this.batches === 0 ? Number.NaN : this.largestBatchBytes,
      'buffer-available-bytes': memory.availableBytes,
      'buffer-total-bytes': memory.totalBytes,
      'bufferpool-wait-ratio': spent('bufferpool-wait') / elapsedMs,
      'compression-rate-avg': sum(({ bytes }) => bytes) / sum(({ uncompressedBytes }) => uncompressedBytes),
      'record-queue-time-avg': this.queueMs / this.batches,
      'record-queue-time-max': this.batches === 0 ? Number.NaN : this.longestQueueMs,
      'records-per-request-avg': sum(({ records }) => records) / all.timed,
      'requests-in-flight': all.requests - all.responses,
    }
    return [
      ...networkMetrics(cluster, 'producer', elapsedMs),
      ...Object.entries(values).map(([name, value]) => ({ group: GROUP, name, value })),
      ...calls.map((call) => ({ group: GROUP, name: `${call}-time-ns-total`, value: spent(call) * NS_PER_MS })),
      ...latency(GROUP, 'request-latency', all),
      ...rateAndTotal(GROUP, 'batch-split', this.splits, elapsedMs),
      ...rateAndTotal(
        GROUP,
        'record-send',
        sum(({ records }) => records),
        elapsedMs,
      ),
      ...rateAndTotal(
        GROUP,
        'record-error',
        sum(({ errors }) => errors),
        elapsedMs,
      ),
      ...rateAndTotal(
        GROUP,
        'record-retry',
        sum(({ retries }) => retries),
        elapsedMs,
      ),
      ...[...this.topics].flatMap(([topic, tally]) => topicMetrics(topic, tally, elapsedMs)),
    ]
  }
}

const topicMetrics = (topic: string, tally: TopicTally, elapsedMs: number): Metric[] => {
  const group = 'producer-topic-metrics'
  const tags = { topic }
  return [
    ...rateAndTotal(group, 'byte', tally.bytes, elapsedMs, tags),
    ...rateAndTotal(group, 'record-send', tally.records, elapsedMs, tags),
    ...rateAndTotal(group, 'record-error', tally.errors, elapsedMs, tags),
    ...rateAndTotal(group, 'record-retry', tally.retries, elapsedMs, tags),
    { group, tags, name: 'compression-rate', value: tally.bytes / tally.uncompressedBytes },
  ]
}
