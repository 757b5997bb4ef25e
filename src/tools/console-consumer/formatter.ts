import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { ByteSink } from './byte-sink.ts'

/** Where a record comes from, beyond what its cursor says. */
export interface RecordOrigin {
  topic: string
  partition: number
  /** Of the batch the record is in; only known to formatters that ask for it. */
  timestampType: 'CreateTime' | 'LogAppendTime'
  /** How often the record was handed out, in share groups. */
  deliveryCount?: number
}

/** Prints records. */
export interface Formatter {
  /** True when `write` looks at `origin.timestampType`, which takes some work to find out. */
  readonly needsTimestampType: boolean
  /** Appends one record; throws when it can't be printed. */
  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void
  /** After the last record: appends what is left to print. */
  end?(sink: ByteSink): void
}

/** Prints records, and in the end, however it comes, what the formatter has left. */
export const printToEnd = async (formatter: Formatter, sink: ByteSink, print: () => Promise<void>): Promise<void> => {
  try {
    await print()
  } finally {
    formatter.end?.(sink)
    sink.flush()
  }
}

export const noOpFormatter: Formatter = { needsTimestampType: false, write: () => undefined }
