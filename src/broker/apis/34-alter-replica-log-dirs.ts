/**
 * AlterReplicaLogDirs: moves partitions between the log directories of this broker; v1-2 (KIP-113).
 *
 * - The answer comes when the move has begun; DescribeLogDirs shows it as a future replica until the log is in its new place.
 * - Naming the directory a partition is in gives up its move. Needs ALTER on the cluster.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../../protocol/generated/34-alter-replica-log-dirs.ts'
import { futureDirName, MAX_DIR_NAME } from '../../storage/file-names.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'
import { asKafkaError } from '../partition.ts'
import type { BrokerServices } from '../services.ts'

interface Move {
  dir: string
  topic: string
  index: number
}

function movesOf(request: AlterReplicaLogDirsRequest): Move[] {
  const moves = request.dirs.flatMap(({ path, topics }) =>
    topics.flatMap(({ name, partitions }) => partitions.map((index) => ({ dir: path, topic: name, index }))),
  )
  // A partition named twice goes where it was named last.
  return [...new Map(moves.map((move) => [`${move.topic}-${move.index}`, move])).values()]
}

async function begin({ replicas, configs }: BrokerServices, { dir, topic, index }: Move): Promise<number> {
  try {
    if (futureDirName({ topic, partition: index }).length > MAX_DIR_NAME) return ErrorCode.INVALID_TOPIC_EXCEPTION
    if (!replicas.logDirs.includes(dir)) return ErrorCode.LOG_DIR_NOT_FOUND
    if (configs.broker.topology.cordonedLogDirs.includes(dir)) return ErrorCode.INVALID_REPLICA_ASSIGNMENT
    await replicas.moveLog(replicas.partition(topic, index), dir)
    return ErrorCode.NONE
  } catch (error) {
    const known = asKafkaError(error)
    if (known instanceof KafkaError) return known.code
    throw error
  }
}

function response(results: readonly (Move & { errorCode: number })[]): Draft<AlterReplicaLogDirsResponse> {
  const topics = new Map<string, { partitionIndex: number; errorCode: number }[]>()
  for (const { topic, index, errorCode } of results) {
    topics.set(topic, [...(topics.get(topic) ?? []), { partitionIndex: index, errorCode }])
  }
  return { results: [...topics].map(([topicName, partitions]) => ({ topicName, partitions })) }
}

export const alterReplicaLogDirs = defineApi({
  request: AlterReplicaLogDirsRequest,
  response: AlterReplicaLogDirsResponse,
  min: 1,
  max: 2,
  async handle(context, request): Promise<Draft<AlterReplicaLogDirsResponse>> {
    requireCluster(context, AclOperation.ALTER)
    const results: (Move & { errorCode: number })[] = []
    for (const move of movesOf(request)) results.push({ ...move, errorCode: await begin(context.services, move) })
    return response(results)
  },
  failure: (request, errorCode) => response(movesOf(request).map((move) => ({ ...move, errorCode }))),
})
