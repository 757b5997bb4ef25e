import type { BrokerConfig } from '../config/broker-config.ts'
import { resolveGroupConfig } from '../config/group-config.ts'
import { ConfigResourceType, type MetadataImage } from './controller/metadata-image.ts'
import type { ConsumerGroupContext, ConsumerGroupSettings } from './group/consumer/consumer-context.ts'

/** What consumer groups see of the broker's configs and metadata. */
export function consumerGroupContext(config: () => BrokerConfig, image: MetadataImage): ConsumerGroupContext {
  let newestTopicOffset = image.offset
  image.onChange((change) => {
    // Listeners run before the image moves on to the record's offset.
    if (change.kind === 'partition-added' && change.partition.partition === 0) newestTopicOffset = image.offset + 1
  })
  return {
    settings: () => settingsOf(config()),
    groupConfig(groupId) {
      const values = resolveGroupConfig(image.configOf(ConfigResourceType.GROUP, groupId), config())
      return {
        sessionTimeoutMs: values.int('consumer.session.timeout.ms'),
        heartbeatIntervalMs: values.int('consumer.heartbeat.interval.ms'),
        assignmentIntervalMs: values.int('consumer.assignment.interval.ms'),
      }
    },
    topics: {
      topicId: (name) => image.topics.get(name)?.id,
      topicName: (topicId) => image.topicName(topicId),
      partitionCount: (topicId) => image.topicsById.get(topicId)?.partitions.length ?? 0,
      racks(topic, partition) {
        const replicas = image.partition(topic, partition)?.replicas ?? []
        return replicas.flatMap((id) => image.brokers.get(id)?.registration.rack ?? [])
      },
      topicNames: () => image.topics.keys(),
    },
    newestTopicOffset: () => newestTopicOffset,
    metadataOffset: () => image.offset,
  }
}

function settingsOf(config: BrokerConfig): ConsumerGroupSettings {
  return {
    assignors: config.list('group.consumer.assignors'),
    maxSize: config.int('group.consumer.max.size'),
    migrationPolicy: config
      .string('group.consumer.migration.policy')
      .toLowerCase() as ConsumerGroupSettings['migrationPolicy'],
    regexRefreshIntervalMs: config.int('group.consumer.regex.refresh.interval.ms'),
  }
}
