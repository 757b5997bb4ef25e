import { checkOrder, checkPipe, checkTransactions, type PastTransaction, SeenLog, type Violations } from './history.ts'
import { type CommittedRead, committedOffset, readCommitted } from './reader.ts'
import { type Cluster, pause, Session } from './session.ts'
import { TransactionalProducer } from './transactional-producer.ts'

export const SOURCE = 'isolation-source'
export const TARGET = 'isolation-target'
export const PARTITIONS = 3
const PRODUCERS = 4
const READERS = 2
const GROUP = 'pipe'
/** After this a transaction that nobody writes to any more should long be over. */
const STUCK_MS = 60_000

/** What a run found. */
export interface IsolationReport {
  violations: Violations
  transactions: Record<PastTransaction['outcome'], number>
  values: number
  reads: number
}

/**
 * Producers write unique values in transactions and end these one way or the other; pipes carry what was committed from one topic to
 * another, exactly once; readers watch both topics. Runs until the cluster is ending, then lets all come to rest and compares.
 */
export class Workload {
  private readonly cluster: Cluster
  private readonly history: PastTransaction[] = []
  private readonly seen = new SeenLog()
  private readonly violations: Violations = []
  private nextValue = 0
  private reads = 0

  constructor(cluster: Cluster) {
    this.cluster = cluster
  }

  async run(): Promise<IsolationReport> {
    const producers = Array.from({ length: PRODUCERS }, (_, i) => this.produce(`producer-${i}`, i % 2 === 0))
    const pipes = Array.from({ length: PARTITIONS }, (_, partition) => this.pipe(partition, producers))
    const readers = Array.from({ length: READERS }, (_, i) => this.watch(`reader-${i}`, [...producers, ...pipes]))
    await Promise.all([...producers, ...pipes, ...readers])
    const source = this.seen.inOrder(SOURCE)
    const outcomes = { committed: 0, aborted: 0, unknown: 0 }
    for (const { outcome } of this.history) outcomes[outcome]++
    return {
      violations: [
        ...this.violations,
        ...this.seen.violations,
        ...checkTransactions(this.history, source),
        ...checkOrder(this.history, source),
        ...checkPipe(source, this.seen.inOrder(TARGET)),
      ],
      transactions: outcomes,
      values: this.nextValue,
      reads: this.reads,
    }
  }

  private below(limit: number): number {
    return Math.floor(Math.random() * limit)
  }

  private async produce(name: string, secondVersion: boolean): Promise<void> {
    const producer = new TransactionalProducer(this.cluster, name, secondVersion)
    while (!this.cluster.isEnding) {
      await producer.begin()
      const transaction: PastTransaction = { producer: name, values: [], outcome: 'aborted' }
      this.history.push(transaction)
      try {
        for (let batches = 1 + this.below(3); batches > 0; batches--) {
          const partition = this.below(PARTITIONS)
          const values = Array.from({ length: 1 + this.below(10) }, () => String(this.nextValue++))
          transaction.values.push(...values.map((value) => ({ partition, value })))
          await producer.produce(SOURCE, partition, values)
        }
        transaction.outcome = await producer.end(Math.random() < 0.8)
      } catch {
        // Nothing was committed, so it can only be aborted: by the next begin, or by its timeout.
        producer.abandon()
      }
      await pause(this.below(10))
    }
    // The last transaction must not stay open.
    producer.abandon()
    await producer.begin()
    producer.close()
  }

  private async pipe(partition: number, sources: Promise<void>[]): Promise<void> {
    const producer = new TransactionalProducer(this.cluster, `pipe-${partition}`, partition % 2 === 0)
    const session = new Session(this.cluster, `pipe-${partition}`)
    let finished = false
    void Promise.all(sources).then(() => {
      finished = true
    })
    let offset = 0
    for (;;) {
      const isLast = finished
      if (await producer.begin()) offset = await committedOffset(session, GROUP, SOURCE, partition)
      try {
        const { records, nextOffset, highWatermark } = await readCommitted(session, SOURCE, partition, offset)
        if (nextOffset > offset) {
          if (records.length > 0)
            await producer.produce(
              TARGET,
              partition,
              records.map(({ value }) => value),
            )
          await producer.commitOffset(GROUP, SOURCE, partition, nextOffset)
          const outcome = await producer.end(Math.random() < 0.9)
          if (outcome === 'committed') offset = nextOffset
        } else if (isLast && offset >= highWatermark) break
      } catch {
        producer.abandon()
        await pause()
      }
    }
    producer.close()
    session.close()
  }

  /** Reads both topics over and over, each time from a little before where it was; at the end, when all is at rest, all of it. */
  private async watch(name: string, others: Promise<void>[]): Promise<void> {
    const session = new Session(this.cluster, name)
    let finished = false
    void Promise.all(others).then(() => {
      finished = true
    })
    const positions = new Map<string, number>()
    for (;;) {
      const isLast = finished
      for (const topic of [SOURCE, TARGET]) {
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const key = `${topic}-${partition}`
          const from = isLast ? 0 : Math.max(0, (positions.get(key) ?? 0) - this.below(500))
          positions.set(key, await this.readOn(session, name, topic, partition, from, isLast))
        }
      }
      if (isLast) break
      await pause()
    }
    session.close()
  }

  /** Reads up to the last stable offset, or with `toEnd` to the high watermark: transactions can't stay open. */
  private async readOn(
    session: Session,
    name: string,
    topic: string,
    partition: number,
    from: number,
    toEnd: boolean,
  ): Promise<number> {
    const place = `${name}, ${topic}-${partition}`
    const deadlineMs = Date.now() + STUCK_MS
    let offset = from
    for (;;) {
      try {
        const read = await readCommitted(session, topic, partition, offset)
        this.reads++
        this.violations.push(...misread(read, offset, place))
        for (const { offset: at, value } of read.records) this.seen.saw(topic, partition, at, value, name)
        const isAtRest = read.nextOffset === offset
        offset = Math.max(offset, read.nextOffset)
        if (isAtRest && offset >= (toEnd ? read.highWatermark : read.lastStableOffset)) return offset
        if (isAtRest && Date.now() > deadlineMs) {
          this.violations.push(`${place}: stuck at ${offset}, LSO ${read.lastStableOffset}, HW ${read.highWatermark}`)
          return offset
        }
      } catch {
        await pause()
      }
    }
  }
}

/** What is wrong with the answer to a fetch at `from`. */
function misread({ records, lastStableOffset, highWatermark }: CommittedRead, from: number, place: string): Violations {
  const violations: Violations = []
  if (lastStableOffset > highWatermark) violations.push(`${place}: LSO ${lastStableOffset} above HW ${highWatermark}`)
  let next = from
  for (const { offset } of records) {
    if (offset < next) violations.push(`${place}: offset ${offset} where ${next} or more was due`)
    if (offset >= lastStableOffset) violations.push(`${place}: ${offset} was read above the LSO ${lastStableOffset}`)
    next = offset + 1
  }
  return violations
}
