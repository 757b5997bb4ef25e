/** What offsets and configs are at the moment, in the terms of undo files. */
import type { QuotaEntity, QuotaFilterComponent } from '../../client/security-types.ts'
import {
  type Admin,
  type ConfigEntry,
  type ConfigResource,
  type ConfigSource,
  type OffsetAndMetadata,
  type TopicPartition,
  topicPartitionKey,
} from '../../client/types.ts'
import { unwrap } from '../shared/results.ts'

/** What a config set at a resource itself is called. */
const ownSource = ({ type, name }: ConfigResource): ConfigSource => {
  if (type === 'topic') return 'DYNAMIC_TOPIC_CONFIG'
  if (type === 'group') return 'DYNAMIC_GROUP_CONFIG'
  if (type === 'client-metrics') return 'DYNAMIC_CLIENT_METRICS_CONFIG'
  if (type === 'broker-logger') return 'DYNAMIC_BROKER_LOGGER_CONFIG'
  return name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : 'DYNAMIC_BROKER_CONFIG'
}

/** The configs of a resource by name. Rejects with the broker's error. */
export const configsOf = async (admin: Admin, resource: ConfigResource): Promise<Map<string, ConfigEntry>> => {
  const [result] = (await admin.describeConfigs([resource])).values()
  return new Map(unwrap(result).map((entry) => [entry.name, entry]))
}

/** The value set at the resource itself; null when there is none. */
export const ownValue = (entry: ConfigEntry | undefined, resource: ConfigResource): string | null =>
  entry?.source === ownSource(resource) ? entry.value : null

/** What a group has committed for these partitions, by `topicPartitionKey`; null for what it has not. */
export const commitsOf = async (
  admin: Admin,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<Map<string, OffsetAndMetadata | null>> => {
  const found = unwrap((await admin.listConsumerGroupOffsets([group], [...partitions])).get(group))
  return new Map(partitions.map(topicPartitionKey).map((key) => [key, found.get(key) ?? null]))
}

/** Where a share group starts, by `topicPartitionKey`; partitions that it has not begun are left out. */
export const shareStartsOf = async (admin: Admin, group: string): Promise<Map<string, number>> => {
  const found = [...(await admin.listShareGroupOffsets(group))]
  return new Map(
    found.flatMap(([tp, offset]) => (offset === null ? [] : [[topicPartitionKey(tp), offset.startOffset]])),
  )
}

/** The quotas of just this entity by name. */
export const quotasOf = async (admin: Admin, entity: QuotaEntity): Promise<ReadonlyMap<string, number>> => {
  const filter = [...entity].map(
    ([entityType, name]): QuotaFilterComponent => ({ entityType, match: name === null ? 'default' : { name } }),
  )
  const [found] = await admin.describeClientQuotas(filter, true)
  return found?.values ?? new Map()
}
