import type { BrokerConfig } from '../config/broker-config.ts'
import { resolveGroupConfig } from '../config/group-config.ts'
import { ConfigResourceType, type MetadataImage } from './controller/metadata-image.ts'
import type { ShareGroupContext, SharePersister } from './group/share/share-context.ts'
import type { Replicas } from './replicas.ts'

/** What share groups see of the broker's configs, logs and share coordinator. */
export function shareGroupContext(options: {
  config(): BrokerConfig
  readonly image: MetadataImage
  readonly replicas: Replicas
  readonly shareState: SharePersister
}): ShareGroupContext {
  const { config, image, replicas, shareState } = options
  return {
    maxSize: () => config().int('group.share.max.size'),
    groupConfig(groupId) {
      const values = resolveGroupConfig(image.configOf(ConfigResourceType.GROUP, groupId), config())
      return {
        sessionTimeoutMs: values.int('share.session.timeout.ms'),
        heartbeatIntervalMs: values.int('share.heartbeat.interval.ms'),
        assignmentIntervalMs: values.int('share.assignment.interval.ms'),
      }
    },
    persister: shareState,
    highWatermark: (topic, partition) => replicas.find(topic, partition)?.log.highWatermark,
  }
}
