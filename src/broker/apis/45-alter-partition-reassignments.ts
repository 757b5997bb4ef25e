/**
 * AlterPartitionReassignments: moves partitions to other brokers, or gives their moves up (replicas null); v0-1 (KIP-455).
 *
 * - Each partition stands for itself. Needs ALTER on the cluster.
 * - A move to where the replicas are already is done at once. One that adds a broker waits until that is in sync, which on a one-node
 *   cluster never happens; it is listed by ListPartitionReassignments until it is cancelled.
 * - v1 can forbid a change of the replication factor (KIP-860).
 */
import type { Draft } from '../../protocol/codec.ts'
import { KafkaError } from '../../protocol/errors.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/generated/45-alter-partition-reassignments.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import type { MetadataRecordDraft } from '../controller/metadata-record.ts'
import { type ReassignmentContext, reassign } from '../controller/reassignments.ts'
import { defineApi } from '../define-api.ts'
import { messageBeyond } from './error-message.ts'

type TopicResult = Draft<AlterPartitionReassignmentsResponse['responses'][number]>
type PartitionResult = Draft<AlterPartitionReassignmentsResponse['responses'][number]['partitions'][number]>

export const alterPartitionReassignments = defineApi({
  request: AlterPartitionReassignmentsRequest,
  response: AlterPartitionReassignmentsResponse,
  min: 0,
  max: 1,
  differs: 'no broker but this one ever catches up, so a move that adds another stays under way until it is cancelled',
  async handle(context, request): Promise<Draft<AlterPartitionReassignmentsResponse>> {
    requireCluster(context, AclOperation.ALTER)
    const { controller, configs } = context.services
    const { topics, allowReplicationFactorChange } = request
    if (topics.length === 0) return { errorMessage: '', responses: [] }
    const responses = await controller.run(async ({ image, nodeId, directoryId, append }) => {
      const allowsUncleanElection = (topic: string): boolean => configs.topic(topic).uncleanLeaderElectionEnable
      const reassignment: ReassignmentContext = { image, nodeId, directoryId, allowsUncleanElection }
      const records: MetadataRecordDraft[] = []
      const results = topics.map(
        ({ name, partitions }): TopicResult => ({
          name,
          partitions: partitions.map(({ partitionIndex, replicas }): PartitionResult => {
            try {
              const record = reassign(reassignment, name, partitionIndex, replicas, allowReplicationFactorChange)
              if (record) records.push(record)
              return { partitionIndex, errorMessage: null }
            } catch (error) {
              if (!(error instanceof KafkaError)) throw error
              return { partitionIndex, errorCode: error.code, errorMessage: messageBeyond(error.code, error.message) }
            }
          }),
        }),
      )
      if (records.length > 0) await append(records)
      return results
    })
    return { allowReplicationFactorChange, errorMessage: null, responses }
  },
  failure: (request, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    responses: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
    })),
  }),
})
