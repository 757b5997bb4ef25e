import type { BrokerConfig } from '../config/broker-config.ts'
import { resolveGroupConfig } from '../config/group-config.ts'
import { ConfigResourceType, type MetadataImage } from './controller/metadata-image.ts'
import type { StreamsGroupContext } from './group/streams/streams-context.ts'

/** What streams groups see of the broker's and their own configs. */
export function streamsGroupContext(config: () => BrokerConfig, image: MetadataImage): StreamsGroupContext {
  return {
    settings: () => ({ maxSize: config().int('group.streams.max.size') }),
    groupConfig(groupId) {
      const values = resolveGroupConfig(image.configOf(ConfigResourceType.GROUP, groupId), config())
      return {
        sessionTimeoutMs: values.int('streams.session.timeout.ms'),
        heartbeatIntervalMs: values.int('streams.heartbeat.interval.ms'),
        numStandbyReplicas: values.int('streams.num.standby.replicas'),
        initialRebalanceDelayMs: values.int('streams.initial.rebalance.delay.ms'),
        assignmentIntervalMs: values.int('streams.assignment.interval.ms'),
      }
    },
  }
}
