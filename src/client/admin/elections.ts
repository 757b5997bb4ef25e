import { throwIfError } from '../../protocol/errors.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from '../../protocol/generated/43-elect-leaders.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import { byTopic } from '../leaders.ts'
import { resultOf } from '../retry.ts'
import { type Result, type TopicPartition, topicPartitionKey } from '../types.ts'

const ELECTION_TYPE = { preferred: 0, unclean: 1 } as const
/** Before this version there are only preferred elections (KIP-460). */
const TYPES_SINCE = 1

/** Elects leaders; the Results are keyed as Kafka prints partitions (`topic-0`). */
export async function electLeaders(
  cluster: Cluster,
  type: keyof typeof ELECTION_TYPE,
  partitions: readonly TopicPartition[] | null,
): Promise<Map<string, Result<void>>> {
  return askController(cluster, 'electLeaders', async (connection) => {
    const version = connection.versions.pick({
      ...ElectLeadersRequest,
      minVersion: type === 'unclean' ? TYPES_SINCE : ElectLeadersRequest.minVersion,
    })
    const topicPartitions =
      partitions === null
        ? null
        : [...byTopic([...partitions])].map(([topic, list]) => ({ topic, partitions: list.map((tp) => tp.partition) }))
    const message = {
      topicPartitions,
      timeoutMs: cluster.settings.requestTimeoutMs,
      ...(version >= TYPES_SINCE ? { electionType: ELECTION_TYPE[type] } : {}),
    }
    const answer = await connection.send(ElectLeadersRequest, ElectLeadersResponse, message, { version })
    throwIfError(answer.errorCode)
    return new Map(
      answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
        partitionResult.map((one): [string, Result<void>] => [
          topicPartitionKey({ topic, partition: one.partitionId }),
          resultOf(one.errorCode, one.errorMessage, () => undefined),
        ]),
      ),
    )
  })
}
