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

const shareOffsets = z.strictObject({
  kind: z.literal('share-offsets'),
  group: z.string(),
  partitions: z.array(
    z.strictObject({
      topic: z.string(),
      partition: z.int().min(0),
      /** Null: the group had not begun to read it. */
      before: z.int().min(0).nullable(),
      /** Null: it was deleted. */
      after: z.int().min(0).nullable(),
    }),
  ),
})

const quotas = z.strictObject({
  kind: z.literal('quotas'),
  /** user, client-id, ip; null is the default one. */
  entity: z.record(z.string(), z.string().nullable()),
  entries: z.array(z.strictObject({ name: z.string(), before: z.number().nullable(), after: z.number().nullable() })),
})

/** An undo file. */
export const undoSchema = z.strictObject({
  version: z.literal(1),
  time: z.iso.datetime(),
  cluster: z.strictObject({ id: z.string(), server: z.string(), profile: z.string().optional() }),
  /** Path of the undo file that this change put back. */
  undoes: z.string().optional(),
  change: z.discriminatedUnion('kind', [offsets, configs, shareOffsets, quotas]),
})

/** A change, and what was before it. */
export type UndoRecord = z.infer<typeof undoSchema>
export type OffsetsChange = z.infer<typeof offsets>
export type ConfigsChange = z.infer<typeof configs>
export type ShareOffsetsChange = z.infer<typeof shareOffsets>
export type QuotasChange = z.infer<typeof quotas>
/** What was changed, with what was before. */
export type Change = UndoRecord['change']
