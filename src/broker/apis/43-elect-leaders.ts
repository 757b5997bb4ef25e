/**
 * ElectLeaders: makes preferred replicas lead, or finds a leader for partitions that have none (KIP-183, KIP-460); v0-2.
 *
 * - topicPartitions null means all; of those the ones that need no election are left out, their topics are named with an empty list.
 * - v1 brings unclean elections. Needs ALTER on the cluster.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from '../../protocol/generated/43-elect-leaders.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { ElectionType, electLeader } from '../controller/elections.ts'
import type { MetadataRecordDraft } from '../controller/metadata-record.ts'
import { defineApi } from '../define-api.ts'

const ERROR_CODE_FROM = 1

type PartitionResult = Draft<ElectLeadersResponse['replicaElectionResults'][number]['partitionResult'][number]>

function typeOf(electionType: number): 'preferred' | 'unclean' {
  if (electionType === ElectionType.PREFERRED) return 'preferred'
  if (electionType === ElectionType.UNCLEAN) return 'unclean'
  throw new KafkaError(ErrorCode.INVALID_REQUEST, `Unknown election type ${electionType}`)
}

export const electLeaders = defineApi({
  request: ElectLeadersRequest,
  response: ElectLeadersResponse,
  min: 0,
  max: 2,
  async handle(context, request): Promise<Draft<ElectLeadersResponse>> {
    requireCluster(context, AclOperation.ALTER)
    const type = typeOf(request.electionType)
    const replicaElectionResults = await context.services.controller.run(async ({ image, append }) => {
      const isForAll = request.topicPartitions === null
      const asked =
        request.topicPartitions ??
        [...image.topics.values()].map(({ name, partitions }) => ({ topic: name, partitions: [...partitions.keys()] }))
      const records: MetadataRecordDraft[] = []
      const elect = (topic: string, partitionId: number): PartitionResult => {
        try {
          records.push(electLeader(image, topic, partitionId, type))
          return { partitionId, errorMessage: null }
        } catch (error) {
          if (!(error instanceof KafkaError)) throw error
          return { partitionId, errorCode: error.code, errorMessage: error.message }
        }
      }
      const results = asked.map(({ topic, partitions }) => {
        const all = partitions.map((partition) => elect(topic, partition))
        const shown = isForAll ? all.filter(({ errorCode }) => errorCode !== ErrorCode.ELECTION_NOT_NEEDED) : all
        return { topic, partitionResult: shown }
      })
      if (records.length > 0) await append(records)
      return results
    })
    return { replicaElectionResults }
  },
  failure: (request, errorCode, errorMessage, version) => ({
    ...(version >= ERROR_CODE_FROM ? { errorCode } : {}),
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  }),
})
