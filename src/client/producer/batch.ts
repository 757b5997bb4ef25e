import { crc32c } from '../../base/crc32c.ts'
import type { BatchBuilder } from '../../protocol/records/batch-builder.ts'
import { ATTRIBUTES, BASE_SEQUENCE, CRC, PRODUCER_EPOCH, PRODUCER_ID } from '../../protocol/records/batch-header.ts'
import { batchAt } from '../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'

/** Where a record was written. */
export interface RecordMetadata {
  topic: string
  partition: number
  /** -1 with acks=0. */
  offset: number
  timestamp: number
}

export interface RecordCallback {
  /** Place of the record in its batch. */
  index: number
  timestamp: number
  resolve: (metadata: RecordMetadata) => void
  reject: (error: Error) => void
}

/** One batch on its way from being filled to being acknowledged. */
export class ProducerBatch {
  readonly createdAtMs: number
  /** performance.now() when it was first sent; 0 before. */
  sentAtMs = 0
  /** Size on the wire had it not been compressed; 0 before it was sent. */
  uncompressedBytes = 0
  /** Times it was sent. */
  attempts = 0
  /** -1 without a sequence. */
  baseSequence = -1
  producerId = -1
  producerEpoch = -1
  /** What it counts for in buffer.memory: its size before compression. */
  reservedBytes = 0
  readonly callbacks: RecordCallback[] = []
  /** The buffer the bytes are in, free for another batch once this one is acknowledged; null before it was sent. */
  storage: Buffer | null = null
  private builder: BatchBuilder | null
  private buffer: Buffer | null = null
  private count = 0

  constructor(builder: BatchBuilder, nowMs: number) {
    this.builder = builder
    this.createdAtMs = nowMs
  }

  /** A batch out of finished bytes, as splitting makes them. */
  static of(builder: BatchBuilder, createdAtMs: number, attempts: number): ProducerBatch {
    const batch = new ProducerBatch(builder, createdAtMs)
    batch.attempts = attempts
    return batch
  }

  /** What takes records, as long as nothing was sent. */
  get records(): BatchBuilder {
    if (this.builder === null) throw new Error('a sent batch takes no more records')
    return this.builder
  }

  get recordCount(): number {
    return this.builder?.recordCount ?? this.count
  }

  /** Bytes it takes on the wire; before `bytes`, without compression. */
  get sizeBytes(): number {
    return this.buffer?.length ?? this.builder?.sizeBytes ?? 0
  }

  /** The bytes to send, with the current producer id, epoch and sequence. */
  bytes(): Buffer {
    if (this.buffer === null) {
      const { producerId, producerEpoch, baseSequence } = this
      this.count = this.records.recordCount
      this.uncompressedBytes = this.records.sizeBytes
      this.storage = this.records.storage
      this.buffer = this.records.finish({ producerId, producerEpoch, baseSequence })
      this.builder = null
    }
    return this.buffer
  }

  /** Gives it another identity, written into the bytes when they exist already. */
  stamp(producerId: number, producerEpoch: number, baseSequence: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.baseSequence = baseSequence
    const { buffer } = this
    if (buffer === null) return
    buffer.writeBigInt64BE(BigInt(producerId), PRODUCER_ID)
    buffer.writeInt16BE(producerEpoch, PRODUCER_EPOCH)
    buffer.writeInt32BE(baseSequence, BASE_SEQUENCE)
    buffer.writeUInt32BE(crc32c(buffer.subarray(ATTRIBUTES)), CRC)
  }

  /** A cursor over its records, for reporting and splitting. */
  cursor(): RecordCursor {
    const bytes = this.bytes()
    const header = batchAt(bytes, 0)
    if (header === undefined) throw new Error('a finished batch is whole')
    return new RecordCursor(bytes, header)
  }
}
