import { type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import type { Props } from '../api/config.ts'
import type { PluginLog, SinkTaskContext } from '../api/connector.ts'
import type { SinkRecord } from '../api/record.ts'
import type { ConsumedRecord } from './consumed-record.ts'

/** What the context passes on to its task's work. */
export interface SinkContextOwner {
  readonly props: Props
  readonly log: PluginLog
  assignment(): readonly TopicPartition[]
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  /** Null: there is nobody to report to. */
  readonly report: ((record: SinkRecord, error: Error) => Promise<void>) | null
}

/** What a sink task asked for, until its loop gets round to it. */
export class SinkContext implements SinkTaskContext {
  readonly props: Props
  readonly log: PluginLog
  readonly reporter: SinkTaskContext['reporter']
  /** Partitions the task itself has paused. */
  readonly paused = new Set<string>()
  /** performance.now() from which on the records are put again. */
  retryAtMs = 0
  readonly #owner: SinkContextOwner
  readonly #raw = new WeakMap<SinkRecord, ConsumedRecord>()
  readonly #rewinds = new Map<string, readonly [TopicPartition, number]>()
  #commitRequested = false
  #timeoutMs: number | null = null
  #reports: Promise<void>[] = []

  constructor(owner: SinkContextOwner) {
    this.#owner = owner
    this.props = owner.props
    this.log = owner.log
    const { report } = owner
    this.reporter =
      report === null
        ? null
        : (record, error) => {
            const done = report(record, error)
            done.catch(() => {})
            this.#reports.push(done)
            return done
          }
  }

  assignment(): readonly TopicPartition[] {
    return this.#owner.assignment()
  }

  offset(partition: TopicPartition, offset: number): void {
    this.#rewinds.set(topicPartitionKey(partition), [partition, offset])
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const tp of partitions) this.paused.add(topicPartitionKey(tp))
    this.#owner.pause(partitions)
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const tp of partitions) this.paused.delete(topicPartitionKey(tp))
    this.#owner.resume(partitions)
  }

  requestCommit(): void {
    this.#commitRequested = true
  }

  timeout(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs
  }

  // What follows is the loop's side.

  takeCommitRequest(): boolean {
    const requested = this.#commitRequested
    this.#commitRequested = false
    return requested
  }

  takeRewinds(): (readonly [TopicPartition, number])[] {
    const rewinds = [...this.#rewinds.values()]
    this.#rewinds.clear()
    return rewinds
  }

  /** Sets `retryAtMs`: after what the task said with `timeout`, else after `otherwiseMs`. */
  retryAfter(otherwiseMs: number): void {
    this.retryAtMs = performance.now() + (this.#timeoutMs ?? otherwiseMs)
    this.#timeoutMs = null
  }

  /** Waits for the reports of the last `put`. @throws the first that failed */
  async reportsDone(): Promise<void> {
    if (this.#reports.length > 0) await Promise.all(this.#reports.splice(0))
  }

  /** Notes what a record was made of. */
  remember(record: SinkRecord, raw: ConsumedRecord): void {
    this.#raw.set(record, raw)
  }

  recall(record: SinkRecord): ConsumedRecord | undefined {
    return this.#raw.get(record)
  }
}
