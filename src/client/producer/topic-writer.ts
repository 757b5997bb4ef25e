import { murmur2, toPositive } from '../../base/murmur2.ts'
import { BatchBuilder, type RecordHeaderInput } from '../../protocol/records/batch-builder.ts'
import { ClientError } from '../client-error.ts'
import type { ProducerBatch } from './batch.ts'
import { PartitionQueue } from './partition-queue.ts'
import { requireFits } from './record-size.ts'
import type { ProducerSettings } from './settings.ts'

/** Keyless records move on to another partition after this much, so that large batches don't make for uneven partitions. */
const MAX_STICKY_BYTES = 16_384
/** What a batch starts with at least. */
const MIN_BATCH_BYTES = 4096

/** What topic writers share with their producer. */
export interface Accumulator {
  readonly settings: ProducerSettings
  /** Bytes of all batches that are not acknowledged yet. */
  bufferedBytes: number
  /** Tells the sender that a batch is full (now) or that one was opened (and waits for linger.ms). */
  wake(full: boolean): void
  /** A buffer of an acknowledged batch, if there is one to use again. */
  recycled(): Buffer | undefined
  /** Reports a record that was refused. */
  reject(error: Error, topic: string, key: Buffer | null, value: Buffer | null): void
}

/**
 * Takes the records of one topic whose partitions are known, straight into batches. All append functions are synchronous, copy
 * what they are given and never wait: ask `producer.hasRoom` before a burst and await `producer.drained()` when it says no.
 */
export class TopicWriter {
  readonly topic: string
  readonly queues: PartitionQueue[] = []
  private readonly accumulator: Accumulator
  /** Partitions that have a leader, for records without a key. */
  private available: number[] = []
  private stickyPartition = -1
  private stickyBytes = 0
  private lastBatchBytes = 0
  /** Key and value of this many bytes fit any request, without looking closer. */
  private readonly surelyFitsBytes: number

  constructor(topic: string, accumulator: Accumulator) {
    this.topic = topic
    this.accumulator = accumulator
    const { maxRequestSizeBytes, bufferMemoryBytes } = accumulator.settings
    this.surelyFitsBytes = Math.min(maxRequestSizeBytes, bufferMemoryBytes) - 256
  }

  get partitionCount(): number {
    return this.queues.length
  }

  /** Takes in the topic's metadata: partitions only ever become more. */
  update(partitionCount: number, available: number[]): void {
    for (let p = this.queues.length; p < partitionCount; p++) this.queues.push(new PartitionQueue(this.topic, p))
    this.available = available
    if (!available.includes(this.stickyPartition)) this.stickyPartition = -1
  }

  /** The partition of a key, as Java's default partitioner has it (murmur2). */
  partitionOf(key: Uint8Array): number {
    return toPositive(murmur2(key)) % this.queues.length
  }

  /**
   * Appends a record without key and headers, its value being a slice of `source`.
   *
   * @returns the batch it went into; null when it was refused for its size
   */
  appendValue(source: Buffer, start: number, end: number, timestamp: number): ProducerBatch | null {
    if (end - start > this.surelyFitsBytes && !this.fits(null, source.subarray(start, end), null)) return null
    const queue = this.stickyQueue(end - start)
    const open = queue.open
    if (open !== null) {
      const before = open.sizeBytes
      if (open.records.appendValue(source, start, end, timestamp)) {
        this.filled(queue, open, before)
        return open
      }
      this.close(queue)
    }
    const next = this.openBatch(queue)
    next.records.appendValue(source, start, end, timestamp)
    this.filled(queue, next, 0)
    return next
  }

  /** Appends a record with a key and without headers, both being slices of `source`. */
  appendKeyValue(
    source: Buffer,
    key: readonly [number, number],
    value: readonly [number, number],
    timestamp: number,
  ): void {
    const [keyStart, keyEnd] = key
    const [valueStart, valueEnd] = value
    if (keyEnd - keyStart + valueEnd - valueStart > this.surelyFitsBytes) {
      if (!this.fits(source.subarray(keyStart, keyEnd), source.subarray(valueStart, valueEnd), null)) return
    }
    const queue = this.accumulator.settings.partitionerIgnoreKeys
      ? this.stickyQueue(keyEnd - keyStart + valueEnd - valueStart)
      : this.queue(this.partitionOf(source.subarray(keyStart, keyEnd)))
    const open = queue.open
    if (open !== null) {
      const before = open.sizeBytes
      if (open.records.appendKeyValue(source, keyStart, keyEnd, valueStart, valueEnd, timestamp)) {
        this.filled(queue, open, before)
        return
      }
      this.close(queue)
    }
    const next = this.openBatch(queue)
    next.records.appendKeyValue(source, keyStart, keyEnd, valueStart, valueEnd, timestamp)
    this.filled(queue, next, 0)
  }

  /**
   * Appends any record.
   *
   * @param partition undefined: by key, or sticky without one.
   * @returns the batch it went into, for a callback; null when it was refused for its size.
   */
  append(
    key: Buffer | null,
    value: Buffer | null,
    headers: readonly RecordHeaderInput[] | null,
    timestamp: number,
    partition?: number,
  ): ProducerBatch | null {
    if (!this.fits(key, value, headers)) return null
    const record = { key, value, timestamp, ...(headers === null ? {} : { headers }) }
    const byKey = key !== null && !this.accumulator.settings.partitionerIgnoreKeys
    const queue =
      partition !== undefined
        ? this.queue(partition)
        : byKey
          ? this.queue(this.partitionOf(key))
          : this.stickyQueue((key?.length ?? 0) + (value?.length ?? 0))
    const open = queue.open
    if (open !== null) {
      const before = open.sizeBytes
      if (open.records.append(record)) {
        this.filled(queue, open, before)
        return open
      }
      this.close(queue)
    }
    const next = this.openBatch(queue)
    next.records.append(record)
    this.filled(queue, next, 0)
    return next
  }

  private fits(key: Buffer | null, value: Buffer | null, headers: readonly RecordHeaderInput[] | null): boolean {
    try {
      requireFits(this.accumulator.settings, key, value, headers)
      return true
    } catch (error) {
      this.accumulator.reject(error as Error, this.topic, key, value)
      return false
    }
  }

  private queue(partition: number): PartitionQueue {
    const queue = this.queues[partition]
    if (queue === undefined) throw new RangeError(`topic ${this.topic} has no partition ${partition}`)
    return queue
  }

  /**
   * Java's uniform sticky partitioner (KIP-794): records without a key stay with one partition for batch.size bytes, then go on to
   * another one at random.
   */
  private stickyQueue(recordBytes: number): PartitionQueue {
    const limitBytes = Math.min(this.accumulator.settings.batchSizeBytes, MAX_STICKY_BYTES)
    if (this.stickyPartition < 0 || this.stickyBytes >= limitBytes) this.switchPartition()
    this.stickyBytes += recordBytes
    return this.queues[this.stickyPartition] as PartitionQueue
  }

  private switchPartition(): void {
    this.stickyBytes = 0
    const { available, queues } = this
    if (queues.length === 1) {
      this.stickyPartition = 0
      return
    }
    // Full batches of a partition left behind go out at once; an unfinished one keeps its linger time.
    const choices = available.length > 0 ? available : queues.map((queue) => queue.partition)
    this.stickyPartition = choices[Math.floor(Math.random() * choices.length)] ?? 0
  }

  private openBatch(queue: PartitionQueue): ProducerBatch {
    const batch = queue.current(() => this.builder())
    this.accumulator.wake(false)
    return batch
  }

  private builder(): BatchBuilder {
    const { batchSizeBytes, bufferMemoryBytes, compressionType, compressionLevel, transactionalId } =
      this.accumulator.settings
    if (batchSizeBytes > bufferMemoryBytes) {
      throw new ClientError(
        'config',
        `Attempt to allocate ${batchSizeBytes} bytes, but there is a hard limit of ${bufferMemoryBytes} on memory allocations.`,
        { exceptionClass: 'java.lang.IllegalArgumentException', nextStep: 'Raise buffer.memory, or lower batch.size.' },
      )
    }
    const recycled = this.accumulator.recycled()
    const builder = new BatchBuilder({
      maxBytes: batchSizeBytes,
      // As large as the last one got: in a burst batches are alike, and growing copies.
      initialBytes: recycled ? 0 : Math.max(MIN_BATCH_BYTES, this.lastBatchBytes),
      compression: compressionType,
      transactional: transactionalId !== null,
      ...(compressionLevel === undefined ? {} : { compressionLevel }),
    })
    if (recycled) builder.reset(recycled)
    return builder
  }

  private filled(queue: PartitionQueue, batch: ProducerBatch, sizeBefore: number): void {
    const size = batch.sizeBytes
    this.accumulator.bufferedBytes += size - sizeBefore
    batch.reservedBytes = size
    if (size >= this.accumulator.settings.batchSizeBytes) this.close(queue)
  }

  private close(queue: PartitionQueue): void {
    this.lastBatchBytes = queue.open?.sizeBytes ?? 0
    queue.close()
    this.accumulator.wake(true)
  }
}
