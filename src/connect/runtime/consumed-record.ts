import type { DecodedRecord } from '../../protocol/records/record-cursor.ts'
import type { SinkRecord } from '../api/record.ts'

/** A record as it was read from Kafka, before converters. */
export interface ConsumedRecord extends DecodedRecord {
  readonly topic: string
  readonly partition: number
  readonly timestampType: SinkRecord['timestampType']
}

/** As Java's log of errors names it. */
export const describeConsumed = ({ topic, partition, offset, timestamp, timestampType }: ConsumedRecord): string =>
  `consumed record is {topic='${topic}', partition=${partition}, offset=${offset}, timestamp=${timestamp}, timestampType=${timestampType}}`
