/** A record batch that breaks its format or its checksum (Kafka's CorruptRecordException, error code 2). */
export class CorruptRecordError extends Error {
  override readonly name = 'CorruptRecordError'
  /** Byte position of the batch in the buffer it was read from. */
  readonly position: number
  /** What is wrong with it, without the position. */
  readonly reason: string

  constructor(position: number, reason: string, options?: ErrorOptions) {
    super(
      `The record batch at byte ${position} is corrupt: ${reason}. ` +
        'It was damaged on disk or on the way, or its producer wrote it wrongly.',
      options,
    )
    this.position = position
    this.reason = reason
  }
}
