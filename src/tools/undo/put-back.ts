/** The way back: what would change, whether anything has moved on since, and doing it. */
import {
  type Admin,
  type AlterConfigOp,
  type OffsetAndMetadata,
  type TopicPartition,
  topicPartitionKey,
} from '../../client/types.ts'
import { unwrapAll } from '../shared/results.ts'
import { commitsOf, configsOf, ownValue } from './state.ts'
import type { ConfigsChange, OffsetsChange, UndoRecord } from './undo-schema.ts'

/** What putting back comes to. */
export interface UndoPlan {
  steps: { text: string }[]
  /** What is neither as the change left it nor as it was before. */
  moved: string[]
}

const shown = (value: string | number | null): string => (value === null ? '(none)' : String(value))

interface Item {
  label: string
  before: string | number | null
  after: string | number | null | undefined
  now: string | number | null
}

const planItems = (items: readonly Item[]): UndoPlan => {
  const open = items.filter(({ now, before }) => now !== before)
  return {
    steps: open.map(({ label, now, before }) => ({ text: `${label}: ${shown(now)} → ${shown(before)}` })),
    moved: open
      .filter(({ now, after }) => after !== undefined && now !== after)
      .map(({ label, after, now }) => `${label}: was changed to ${shown(after ?? null)}, and is ${shown(now)}`),
  }
}

const offsetItems = async (admin: Admin, { group, partitions }: OffsetsChange): Promise<Item[]> => {
  const now = await commitsOf(admin, group, partitions)
  return partitions.map((one) => ({
    label: topicPartitionKey(one),
    before: one.before?.offset ?? null,
    after: one.after,
    now: now.get(topicPartitionKey(one))?.offset ?? null,
  }))
}

const configItems = async (admin: Admin, { type, name, entries }: ConfigsChange): Promise<Item[]> => {
  const resource = { type, name }
  const now = await configsOf(admin, resource)
  return entries.map((entry) => ({
    label: entry.name,
    before: entry.before,
    after: entry.after,
    now: ownValue(now.get(entry.name), resource),
  }))
}

/** Compares what is with what was. Rejects with the broker's error. */
export const planOf = async (admin: Admin, change: UndoRecord['change']): Promise<UndoPlan> =>
  planItems(change.kind === 'offsets' ? await offsetItems(admin, change) : await configItems(admin, change))

const putBackOffsets = async (admin: Admin, { group, partitions }: OffsetsChange): Promise<void> => {
  const offsets = new Map<TopicPartition, OffsetAndMetadata>()
  const absent: TopicPartition[] = []
  for (const { topic, partition, before } of partitions) {
    if (before === null) absent.push({ topic, partition })
    else offsets.set({ topic, partition }, before)
  }
  if (offsets.size > 0) unwrapAll(await admin.alterConsumerGroupOffsets(group, offsets))
  if (absent.length > 0) unwrapAll(await admin.deleteConsumerGroupOffsets(group, absent))
}

const putBackConfigs = async (admin: Admin, { type, name, entries }: ConfigsChange): Promise<void> => {
  const ops = entries.map(
    ({ name: config, before }): AlterConfigOp =>
      before === null ? { name: config, op: 'delete', value: '' } : { name: config, op: 'set', value: before },
  )
  unwrapAll(await admin.incrementalAlterConfigs(new Map([[{ type, name }, ops]])))
}

/** Makes it as it was before. Rejects with the broker's error. */
export const putBack = (admin: Admin, change: UndoRecord['change']): Promise<void> =>
  change.kind === 'offsets' ? putBackOffsets(admin, change) : putBackConfigs(admin, change)
