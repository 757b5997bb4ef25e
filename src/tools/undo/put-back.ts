/** The way back: what would change, whether anything has moved on since, and doing it. */
import {
  type Admin,
  type AlterConfigOp,
  type OffsetAndMetadata,
  type Result,
  type TopicPartition,
  topicPartitionKey,
} from '../../client/types.ts'
import { unwrapAll } from '../shared/results.ts'
import { commitsOf, configsOf, ownValue, quotasOf, shareStartsOf } from './state.ts'
import type { Change, ConfigsChange, OffsetsChange, QuotasChange, ShareOffsetsChange } from './undo-schema.ts'

/** What putting back comes to. */
export interface UndoPlan {
  steps: { text: string }[]
  /** What is neither as the change left it nor as it was before. */
  moved: string[]
}

/** What can't be put back, and why. */
class UndoError extends Error {
  override name = 'UndoError'
  readonly nextStep: string

  constructor(message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options)
    this.nextStep = nextStep
  }
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

const shareItems = async (admin: Admin, { group, partitions }: ShareOffsetsChange): Promise<Item[]> => {
  const now = await shareStartsOf(admin, group)
  return partitions.map((one) => {
    const label = topicPartitionKey(one)
    return { label, before: one.before, after: one.after, now: now.get(label) ?? null }
  })
}

const isNamed = (error: unknown, errorName: string): boolean =>
  (error as { errorName?: unknown } | undefined)?.errorName === errorName

const configItems = async (admin: Admin, { type, name, entries }: ConfigsChange): Promise<Item[]> => {
  const resource = { type, name }
  const now = await configsOf(admin, resource).catch((error: unknown) => {
    if (!isNamed(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
    throw new UndoError(
      `There is no topic ${name} any more, and so none of its configs to put back.`,
      '`kt undo --list` shows the changes before that one.',
      { cause: error },
    )
  })
  return entries.map((entry) => ({
    label: entry.name,
    before: entry.before,
    after: entry.after,
    now: ownValue(now.get(entry.name), resource),
  }))
}

const quotaItems = async (admin: Admin, { entity, entries }: QuotasChange): Promise<Item[]> => {
  const now = await quotasOf(admin, new Map(Object.entries(entity)))
  return entries.map(({ name, before, after }) => ({ label: name, before, after, now: now.get(name) ?? null }))
}

const itemsOf = (admin: Admin, change: Change): Promise<Item[]> => {
  if (change.kind === 'offsets') return offsetItems(admin, change)
  if (change.kind === 'share-offsets') return shareItems(admin, change)
  return change.kind === 'quotas' ? quotaItems(admin, change) : configItems(admin, change)
}

/** Compares what is with what was. Rejects with the broker's error. */
export const planOf = async (admin: Admin, change: Change): Promise<UndoPlan> => planItems(await itemsOf(admin, change))

/** What brokers say when a group has members. */
const IN_USE = ['UNKNOWN_MEMBER_ID', 'NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC']

/** Throws when some partitions could not be put back, naming them. */
const requireMoved = (group: string, results: ReadonlyMap<TopicPartition, Result<void>>): void => {
  const failed = [...results].flatMap(([tp, result]) => (result.ok ? [] : [{ tp, error: result.error }]))
  const [first] = failed
  if (first === undefined) return
  if (IN_USE.some((name) => isNamed(first.error, name))) {
    const next = 'Stop its members, then say `kt undo` again.'
    throw new UndoError(`Group ${group} has members: offsets of a group in use can't be moved.`, next, {
      cause: first.error,
    })
  }
  const lines = failed.map(({ tp, error }) => `  ${topicPartitionKey(tp)}: ${error.message}`)
  const rest = failed.length < results.size ? 'The others were put back. ' : ''
  throw new UndoError(
    `Not put back:\n${lines.join('\n')}`,
    `${rest}\`kt undo\` tries again; a topic that is gone takes its offsets with it.`,
    { cause: first.error },
  )
}

const putBackOffsets = async (admin: Admin, { group, partitions }: OffsetsChange): Promise<void> => {
  const offsets = new Map<TopicPartition, OffsetAndMetadata>()
  const absent: TopicPartition[] = []
  for (const { topic, partition, before } of partitions) {
    if (before === null) absent.push({ topic, partition })
    else offsets.set({ topic, partition }, before)
  }
  if (offsets.size > 0) requireMoved(group, await admin.alterConsumerGroupOffsets(group, offsets))
  if (absent.length > 0) requireMoved(group, await admin.deleteConsumerGroupOffsets(group, absent))
}

const putBackStarts = async (admin: Admin, { group, partitions }: ShareOffsetsChange): Promise<void> => {
  const starts = new Map<TopicPartition, number>()
  const absent = new Set<string>()
  for (const { topic, partition, before } of partitions) {
    if (before === null) absent.add(topic)
    else starts.set({ topic, partition }, before)
  }
  // Only whole topics can be forgotten; what is known of them is set again.
  if (absent.size > 0) unwrapAll(await admin.deleteShareGroupOffsets(group, [...absent]))
  if (starts.size > 0) requireMoved(group, await admin.alterShareGroupOffsets(group, starts))
}

const putBackConfigs = async (admin: Admin, { type, name, entries }: ConfigsChange): Promise<void> => {
  const ops = entries.map(
    ({ name: config, before }): AlterConfigOp =>
      before === null ? { name: config, op: 'delete', value: '' } : { name: config, op: 'set', value: before },
  )
  unwrapAll(await admin.incrementalAlterConfigs(new Map([[{ type, name }, ops]])))
}

/** Makes it as it was before. Rejects with the broker's error. */
export const putBack = (admin: Admin, change: Change): Promise<void> => {
  if (change.kind === 'offsets') return putBackOffsets(admin, change)
  if (change.kind === 'share-offsets') return putBackStarts(admin, change)
  if (change.kind === 'configs') return putBackConfigs(admin, change)
  const values = new Map(change.entries.map(({ name, before }) => [name, before]))
  return admin.alterClientQuotas(new Map(Object.entries(change.entity)), values)
}
