import type { Cluster } from '../../client/cluster.ts'
import { latency, type Metric, networkMetrics, rateAndTotal, trafficOf } from '../../client/metrics.ts'

/** What was consumed of a topic, sizes as Java counts them: those of whole records, without their batches'. */
interface Consumed {
  records: number
  bytes: number
}

/** What a measurement notes of a consumer, for the metrics of Java's that it can tell. */
export class ConsumerMetrics {
  readonly #startMs = performance.now()
  readonly #topics = new Map<string, Consumed>()

  /** Records of one topic were consumed. */
  note(topic: string, records: number, bytes: number): void {
    let one = this.#topics.get(topic)
    if (one === undefined) {
      one = { records: 0, bytes: 0 }
      this.#topics.set(topic, one)
    }
    one.records += records
    one.bytes += bytes
  }

  /**
   * @param group `consumer-fetch-manager-metrics`, or that of share consumers
   * @param byTopic whether Java's consumer tells topics apart
   */
  list(cluster: Cluster, group: string, byTopic: boolean): Metric[] {
    const elapsedMs = performance.now() - this.#startMs
    const fetches = trafficOf(cluster)
    let [records, bytes] = [0, 0]
    for (const one of this.#topics.values()) {
      records += one.records
      bytes += one.bytes
    }
    const consumed = (one: Consumed, tags?: Readonly<Record<string, string>>): Metric[] => [
      ...rateAndTotal(group, 'records-consumed', one.records, elapsedMs, tags),
      ...rateAndTotal(group, 'bytes-consumed', one.bytes, elapsedMs, tags),
    ]
    return [
      ...networkMetrics(cluster, 'consumer', elapsedMs),
      ...consumed({ records, bytes }),
      ...(byTopic ? [...this.#topics].flatMap(([topic, one]) => consumed(one, { topic })) : []),
      ...latency(group, 'fetch-latency', fetches),
      ...rateAndTotal(group, 'fetch', fetches.timed, elapsedMs),
      { group, name: 'fetch-size-avg', value: bytes / fetches.timed },
      { group, name: 'records-per-request-avg', value: records / fetches.timed },
    ]
  }
}
