import { z } from 'zod'
import { type DocumentSpec, nodeId, nodeIds, partition, topic } from '../shared/document-fields.ts'

const list = z.strictObject({
  topic,
  partition,
  replicas: nodeIds('All replicas, those that come and go included'),
  addingReplicas: nodeIds('Replicas that are being added'),
  removingReplicas: nodeIds('Replicas that are being removed'),
})

const verify = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('partition'),
    topic,
    partition,
    state: z
      .enum(['inProgress', 'completed', 'inactive'])
      .describe('inactive: nothing goes on, but the replicas are not those wanted'),
    replicas: nodeIds('The replicas now; none when the partition is not there'),
    targetReplicas: nodeIds('The replicas wanted'),
  }),
  z.strictObject({
    kind: z.literal('replica'),
    topic,
    partition,
    nodeId,
    state: z
      .enum(['inProgress', 'completed', 'inactive', 'elsewhere', 'missing'])
      .describe(
        'elsewhere: it moves to another directory than the one wanted; missing: it is in no directory that is online',
      ),
    logDir: z.string().nullable().describe('Where it is now'),
    targetLogDir: z.string().describe('Where it should go'),
  }),
])

const command = 'reassign-partitions'

export const documents: readonly DocumentSpec[] = [
  { name: 'reassign-partitions-list', command, action: '--list', row: list },
  { name: 'reassign-partitions-verify', command, action: '--verify', row: verify },
]
