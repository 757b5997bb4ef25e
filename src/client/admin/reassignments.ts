import { KafkaError, throwIfError } from '../../protocol/errors.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/generated/46-list-partition-reassignments.ts'
import type { Cluster } from '../cluster.ts'
import { connectController, noteController } from '../controller.ts'
import { failed, withRetries } from '../retry.ts'
import { type Admin, topicPartitionKey } from '../types.ts'

/** The partitions being moved between brokers, keyed as Kafka prints partitions (`topic-0`). */
export async function listPartitionReassignments(cluster: Cluster): ReturnType<Admin['listPartitionReassignments']> {
  return withRetries(cluster, 'listPartitionReassignments', async () => {
    const connection = await connectController(cluster)
    const message = { timeoutMs: cluster.settings.requestTimeoutMs, topics: null }
    const answer = await connection.send(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, message)
    if (answer.errorCode !== 0) {
      noteController(cluster, new Map([['', failed(new KafkaError(answer.errorCode))]]))
      throwIfError(answer.errorCode, answer.errorMessage)
    }
    return new Map(
      answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => [
          topicPartitionKey({ topic: name, partition: partitionIndex }),
          { replicas, addingReplicas, removingReplicas },
        ]),
      ),
    )
  })
}
