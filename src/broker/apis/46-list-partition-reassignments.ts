/**
 * ListPartitionReassignments: partitions that are on their way to other brokers; v0 (KIP-455). Topics null means all; what isn't there or
 * doesn't move is left out. Needs DESCRIBE on the cluster.
 */
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/generated/46-list-partition-reassignments.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import type { TopicImage } from '../controller/metadata-image.ts'
import { isReassigning } from '../controller/reassignments.ts'
import { defineApi } from '../define-api.ts'

export const listPartitionReassignments = defineApi({
  request: ListPartitionReassignmentsRequest,
  response: ListPartitionReassignmentsResponse,
  min: 0,
  max: 0,
  handle(context, request) {
    requireCluster(context, AclOperation.DESCRIBE)
    const { topics } = context.services.metadata
    const asked: { topic: TopicImage | undefined; indexes?: readonly number[] }[] =
      request.topics?.map(({ name, partitionIndexes }) => ({ topic: topics.get(name), indexes: partitionIndexes })) ??
      [...topics.values()].map((topic) => ({ topic }))
    const found = asked.map(({ topic, indexes }) => ({
      name: topic?.name ?? '',
      partitions: (topic?.partitions ?? [])
        .filter((p) => isReassigning(p) && (!indexes || indexes.includes(p.partition)))
        .map(({ partition, replicas, addingReplicas, removingReplicas }) => ({
          partitionIndex: partition,
          ...{ replicas, addingReplicas, removingReplicas },
        })),
    }))
    return { errorMessage: null, topics: found.filter(({ partitions }) => partitions.length > 0) }
  },
  failure: ({ topics }, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex })),
    })),
  }),
})
