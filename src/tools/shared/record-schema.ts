import { z } from 'zod'

/**
 * The lines of `--output json`, version 1. The commands write and read them with code of their own, for speed; tests hold that to this
 * schema, and docs/ has it as JSON Schema.
 */
const bytes = z
  .union([z.string(), z.strictObject({ base64: z.base64() })])
  .describe('Bytes: a string when they are valid UTF-8, else an object with their base64.')

const fields = {
  topic: z.string().min(1).max(249),
  partition: z.int().min(0).max(0x7fffffff),
  offset: z.int().min(0),
  timestamp: z.int().min(-1).describe('Milliseconds since 1970; -1: none.'),
  timestampType: z
    .enum(['CreateTime', 'LogAppendTime'])
    .describe("Whose clock the timestamp is from: the producer's or the broker's."),
  leaderEpoch: z.int().min(0).optional().describe('Left out where it is not known.'),
  deliveryCount: z.int().min(1).optional().describe('How often the record was handed out; in share groups only.'),
  key: bytes.nullable(),
  value: bytes.nullable().describe('null: a tombstone.'),
  headers: z
    .array(z.strictObject({ key: bytes, value: bytes.nullable() }))
    .describe('In their order; keys may come more than once.'),
}

/** A line as console-consumer and console-share-consumer write it. */
export const recordLine = z
  .strictObject(fields)
  .describe('A record of Kafka, as kt console-consumer --output json writes it.')

/** A line as console-producer reads it: offset, timestampType, leaderEpoch and deliveryCount are passed over. */
export const inputLine = z
  .strictObject(fields)
  .partial()
  .required({ value: true })
  .describe('A record for kt console-producer --input json: what is left out is null, empty or chosen by the producer.')
