import type { PartitionRecord } from '../../protocol/generated/metadata/partition-record.ts'
import type { RegisterBrokerRecord } from '../../protocol/generated/metadata/register-broker-record.ts'
import type { RegisterControllerRecord } from '../../protocol/generated/metadata/register-controller-record.ts'
import { javaList } from '../shared/java.ts'

/** Java's texts of brokers, controllers and partitions. */

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']

interface Endpoint {
  name: string
  host: string
  port: number
  securityProtocol: number
}

interface Feature {
  name: string
  minSupportedVersion: number
  maxSupportedVersion: number
}

const byName = <T extends { name: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

const listenersText = (endpoints: readonly Endpoint[]): string =>
  javaList(
    byName(endpoints).map(
      ({ name, host, port, securityProtocol }) =>
        `Endpoint(listenerName='${name}', securityProtocol=${PROTOCOLS[securityProtocol] ?? securityProtocol}, host='${host}', port=${port})`,
    ),
  )

const featuresText = (features: readonly Feature[]): string =>
  `{${byName(features)
    .map(
      ({ name, minSupportedVersion: min, maxSupportedVersion: max }) =>
        `${name}: ${min === max ? min : `${min}-${max}`}`,
    )
    .join(', ')}}`

export const brokerText = (broker: RegisterBrokerRecord): string =>
  `BrokerRegistration(id=${broker.brokerId}, epoch=${broker.brokerEpoch}, incarnationId=${broker.incarnationId}, ` +
  `listeners=${listenersText(broker.endPoints)}, supportedFeatures=${featuresText(broker.features)}, ` +
  `rack=${broker.rack === null ? 'Optional.empty' : `Optional[${broker.rack}]`}, fenced=${broker.fenced}, ` +
  `inControlledShutdown=${broker.inControlledShutdown}, isMigratingZkBroker=${broker.isMigratingZkBroker}, ` +
  `directories=${javaList(broker.logDirs)}, cordonedDirectories=${javaList(broker.cordonedLogDirs ?? [])})`

export const controllerText = (controller: RegisterControllerRecord): string =>
  `ControllerRegistration(id=${controller.controllerId}, incarnationId=${controller.incarnationId}, ` +
  `zkMigrationReady=${controller.zkMigrationReady}, listeners=${listenersText(controller.endPoints)}, ` +
  `supportedFeatures=${featuresText(controller.features)})`

export const partitionText = (partition: PartitionRecord): string =>
  `PartitionRegistration(replicas=${javaList(partition.replicas)}, directories=${javaList(partition.directories)}, ` +
  `isr=${javaList(partition.isr)}, removingReplicas=${javaList(partition.removingReplicas)}, ` +
  `addingReplicas=${javaList(partition.addingReplicas)}, elr=${javaList(partition.eligibleLeaderReplicas ?? [])}, ` +
  `lastKnownElr=${javaList(partition.lastKnownElr ?? [])}, leader=${partition.leader}, ` +
  `leaderRecoveryState=${partition.leaderRecoveryState === 1 ? 'RECOVERING' : 'RECOVERED'}, ` +
  `leaderEpoch=${partition.leaderEpoch}, partitionEpoch=${partition.partitionEpoch})`
