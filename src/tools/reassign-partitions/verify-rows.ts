import type { TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { Row } from '../shared/structured.ts'
import type { ReassignContext } from './context.ts'
import type { LogDirMove } from './log-dir-moves.ts'
import { byPartition, type PlannedPartition } from './plan-json.ts'

/** How the reassignment of each partition stands, as rows. `replicas` is empty for a partition that is not there. */
export const partitionRows = async (
  { admin }: ReassignContext,
  wanted: readonly PlannedPartition[],
  present: readonly { partition: TopicPartition }[],
): Promise<Row[]> => {
  const moving = new Set(present.map(({ partition }) => topicPartitionKey(partition)))
  const topics = [...new Set(wanted.map(({ partition }) => partition.topic))]
  const described = topics.length === 0 ? new Map() : await admin.describeTopics(topics)
  const unique = new Map(wanted.map((one) => [topicPartitionKey(one.partition), one]))
  return [...unique]
    .sort(([, a], [, b]) => byPartition(a.partition, b.partition))
    .map(([key, { partition, replicas: targetReplicas }]) => {
      const result = described.get(partition.topic)!
      const isMissing = !result.ok && result.error instanceof KafkaError
      if (!result.ok && !(isMissing && result.error.name === 'UNKNOWN_TOPIC_OR_PARTITION')) throw result.error
      const found = result.ok ? result.value.partitions[partition.partition] : undefined
      const replicas: number[] = (found?.replicas ?? []).map(({ id }: { id: number }) => id)
      const isThere = String(replicas) === String(targetReplicas)
      const state = moving.has(key) ? 'inProgress' : isThere ? 'completed' : 'inactive'
      return { kind: 'partition', ...partition, state, replicas, targetReplicas }
    })
}

/** How the move of a replica to another directory stands. */
export const moveRow = ({ replica, target, current, future }: LogDirMove): Row => {
  const { topic, partition, broker } = replica
  const state =
    current === null
      ? 'missing'
      : future === target
        ? 'inProgress'
        : future !== null
          ? 'elsewhere'
          : current === target
            ? 'completed'
            : 'inactive'
  return { kind: 'replica', topic, partition, nodeId: broker, state, logDir: current, targetLogDir: target }
}
