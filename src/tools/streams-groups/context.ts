import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { StreamsGroupDescription } from '../../client/streams-group-types.ts'
import type { Admin, OffsetAndMetadata, TopicPartition } from '../../client/types.ts'
import { doublyWrappedError } from '../consumer-groups/context.ts'
import { unwrap } from '../shared/results.ts'
import { type GroupKind, groupsOfKind } from '../shared/typed-groups.ts'
import { spec, states } from './options.ts'

/** What every action works with. */
export interface StreamsGroupContext {
  admin: Admin
  options: OptionSet
  io: Io
}

export const kind: GroupKind = { spec, type: 'streams', states }

/** The groups `--group` names, or all with `--all-groups`. */
export const chosenGroups = async ({ admin, options }: StreamsGroupContext): Promise<string[]> =>
  options.has('all-groups')
    ? (await groupsOfKind(admin, kind)).map(({ groupId }) => groupId)
    : [...new Set(options.texts('group'))]

/** One group; rejects with the cluster's error. */
export const describeGroup = async ({ admin }: StreamsGroupContext, group: string): Promise<StreamsGroupDescription> =>
  unwrap((await admin.describeStreamsGroups([group])).get(group))

/** A committed offset with its partition. */
export interface Committed extends TopicPartition {
  offset: OffsetAndMetadata
}

/** What a group has committed for some topics. */
export const committedFor = async (
  { admin }: StreamsGroupContext,
  group: string,
  topics: ReadonlySet<string> | undefined,
): Promise<Committed[]> => {
  const offsets = unwrap((await admin.listConsumerGroupOffsets([group])).get(group))
  return [...offsets].flatMap(([key, offset]) => {
    const dash = key.lastIndexOf('-')
    const [topic, partition] = [key.slice(0, dash), Number(key.slice(dash + 1))]
    return offset === null || (topics !== undefined && !topics.has(topic)) ? [] : [{ topic, partition, offset }]
  })
}

/** The partitions of the topics a topology reads that the group has committed. */
export const inputPartitions = async (context: StreamsGroupContext, group: string): Promise<TopicPartition[]> => {
  try {
    const { subtopologies } = await describeGroup(context, group)
    const topics = new Set(subtopologies.flatMap(({ sourceTopics }) => sourceTopics))
    return (await committedFor(context, group, topics)).map(({ topic, partition }) => ({ topic, partition }))
  } catch (error) {
    throw doublyWrappedError(error)
  }
}
