/** Base of everything the storage engine throws on purpose; `kafkaError` is the name of Kafka's error code for it. */
export class LogError extends Error {
  readonly kafkaError: string

  constructor(kafkaError: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.kafkaError = kafkaError
  }
}

/** The disk refused: a full or broken device, a missing file, missing rights. `cause` is the system error. */
export class StorageError extends LogError {
  /** The system's code, e.g. ENOSPC or EIO; undefined when the failure isn't a system error. */
  readonly code: string | undefined

  constructor(message: string, cause?: unknown) {
    super('KAFKA_STORAGE_ERROR', message, { cause })
    this.code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  }
}

export class OffsetOutOfRangeError extends LogError {
  constructor(message: string) {
    super('OFFSET_OUT_OF_RANGE', message)
  }
}

export class CorruptBatchError extends LogError {
  constructor(message: string) {
    super('CORRUPT_MESSAGE', message)
  }
}

/** The batches are larger than one segment may be (config segment.bytes). */
export class RecordListTooLargeError extends LogError {
  constructor(message: string) {
    super('RECORD_LIST_TOO_LARGE', message)
  }
}

export class OutOfOrderSequenceError extends LogError {
  constructor(message: string) {
    super('OUT_OF_ORDER_SEQUENCE_NUMBER', message)
  }
}

export class InvalidProducerEpochError extends LogError {
  constructor(message: string) {
    super('INVALID_PRODUCER_EPOCH', message)
  }
}

export class InvalidTxnStateError extends LogError {
  constructor(message: string) {
    super('INVALID_TXN_STATE', message)
  }
}

export class TransactionCoordinatorFencedError extends LogError {
  constructor(message: string) {
    super('TRANSACTION_COORDINATOR_FENCED', message)
  }
}

/** Batches of a leader came with offsets that don't follow the log end offset. */
export class OffsetsOutOfOrderError extends LogError {
  constructor(message: string) {
    super('UNKNOWN_SERVER_ERROR', message)
  }
}
