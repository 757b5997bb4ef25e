import { z } from 'zod'
import { type DocumentSpec, nodeId, nodeIds, partition, topic, topicId } from '../shared/document-fields.ts'

const list = z.strictObject({ topic })

const describe = z.strictObject({
  topic,
  topicId,
  isInternal: z.boolean().describe("Is it one of Kafka's own?"),
  partitionCount: z.int(),
  replicationFactor: z.int(),
  configs: z.record(z.string(), z.string().nullable()).describe('Configs that are not at their default'),
  partitions: z
    .array(
      z.strictObject({
        partition,
        leader: nodeId.nullable().describe('Null when there is none'),
        replicas: nodeIds('Replicas, the preferred leader first'),
        isr: nodeIds('In-sync replicas'),
        elr: nodeIds('Eligible leader replicas (KIP-966)'),
        lastKnownElr: nodeIds('The last eligible leader replicas known'),
        addingReplicas: nodeIds('Replicas that a reassignment adds'),
        removingReplicas: nodeIds('Replicas that a reassignment removes'),
      }),
    )
    .describe('Those that the filters let through'),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'topics-list', command: 'topics', action: '--list', row: list },
  { name: 'topics-describe', command: 'topics', action: '--describe', row: describe },
]
