/** What an undo file holds, checked when it is read. zod is loaded with it, so that nothing which only writes such files imports it. */
import { z } from 'zod'

const offsets = z.strictObject({
  kind: z.literal('offsets'),
  group: z.string(),
  partitions: z.array(
    z.strictObject({
      topic: z.string(),
      partition: z.int().min(0),
      /** Null: there was no commit. */
      before: z
        .strictObject({ offset: z.int().min(0), leaderEpoch: z.int().nullable(), metadata: z.string() })
        .nullable(),
      /** Null: the commit was deleted. */
      after: z.int().min(0).nullable(),
    }),
  ),
})

const configs = z.strictObject({
  kind: z.literal('configs'),
  type: z.enum(['topic', 'broker', 'broker-logger', 'client-metrics', 'group']),
  name: z.string(),
  entries: z.array(
    z.strictObject({
      name: z.string(),
      /** Null: it was not set there. */
      before: z.string().nullable(),
      /** Null: taken away; absent: only the broker knows. */
      after: z.string().nullable().optional(),
    }),
  ),
})

/** An undo file. */
export const undoSchema = z.strictObject({
  version: z.literal(1),
  time: z.iso.datetime(),
  cluster: z.strictObject({ id: z.string(), server: z.string(), profile: z.string().optional() }),
  change: z.discriminatedUnion('kind', [offsets, configs]),
})

/** A change, and what was before it. */
export type UndoRecord = z.infer<typeof undoSchema>
export type OffsetsChange = z.infer<typeof offsets>
export type ConfigsChange = z.infer<typeof configs>
