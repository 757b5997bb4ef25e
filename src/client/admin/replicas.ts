import { ErrorCode, errorInfo, KafkaError } from '../../protocol/errors.ts'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../../protocol/generated/34-alter-replica-log-dirs.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/generated/35-describe-log-dirs.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/generated/45-alter-partition-reassignments.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { connectController, noteController } from '../controller.ts'
import { byTopic } from '../leaders.ts'
import type { LogDirDescription, Replica, ReplicaLogDirs } from '../replica-types.ts'
import { failed, resultOf, withRetries, withRetriesPerKey } from '../retry.ts'
import { type Result, type TopicPartition, topicPartitionKey } from '../types.ts'

type DescribedTopics = { topic: string; partitions: number[] }[] | null

const describeDirsOf = async (
  cluster: Cluster,
  broker: number,
  topics: DescribedTopics,
): Promise<LogDirDescription[]> => {
  const connection = await cluster.connectNode(broker)
  const answer = await connection.send(DescribeLogDirsRequest, DescribeLogDirsResponse, { topics })
  // Before version 3 there is no error of the whole; an empty answer stood for missing rights.
  const code =
    answer.errorCode === ErrorCode.NONE && answer.results.length === 0
      ? ErrorCode.CLUSTER_AUTHORIZATION_FAILED
      : answer.errorCode
  if (code !== ErrorCode.NONE) throw new KafkaError(code)
  return answer.results.map((dir) => ({
    path: dir.logDir,
    errorCode: dir.errorCode,
    errorClass: dir.errorCode === ErrorCode.NONE ? null : (errorInfo(dir.errorCode).exceptionClass ?? null),
    totalBytes: dir.totalBytes,
    usableBytes: dir.usableBytes,
    replicas: dir.topics.flatMap(({ name, partitions }) =>
      partitions.map((p) => ({
        topic: name,
        partition: p.partitionIndex,
        sizeBytes: p.partitionSize,
        offsetLag: p.offsetLag,
        isFuture: p.isFutureKey,
      })),
    ),
  }))
}

/** The log directories of brokers with everything in them. */
export const describeLogDirs = async (
  cluster: Cluster,
  brokers: number[],
): Promise<Map<number, LogDirDescription[]>> => {
  const described = brokers.map(async (broker): Promise<[number, LogDirDescription[]]> => {
    const dirs = await withRetries(cluster, 'describeLogDirs', () => describeDirsOf(cluster, broker, null))
    return [broker, dirs]
  })
  return new Map(await Promise.all(described))
}

const byBroker = (replicas: readonly Replica[]): Map<number, Replica[]> => {
  const grouped = new Map<number, Replica[]>()
  for (const replica of replicas) grouped.set(replica.broker, [...(grouped.get(replica.broker) ?? []), replica])
  return grouped
}

/** The directory each replica is in, and the one it moves to. */
export const describeReplicaLogDirs = async (
  cluster: Cluster,
  replicas: Replica[],
): Promise<Map<Replica, ReplicaLogDirs>> => {
  const found = new Map<Replica, ReplicaLogDirs>(replicas.map((one) => [one, { current: null, future: null }]))
  const look = async ([broker, own]: [number, Replica[]]): Promise<void> => {
    const topics = [...byTopic(own)].map(([topic, list]) => ({
      topic,
      partitions: list.map(({ partition }) => partition),
    }))
    const dirs = await withRetries(cluster, 'describeReplicaLogDirs', () => describeDirsOf(cluster, broker, topics))
    const places = new Map(own.map((one) => [topicPartitionKey(one), found.get(one) as ReplicaLogDirs]))
    for (const { path, errorCode, errorClass, replicas: copies } of dirs) {
      if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) continue
      if (errorClass !== null) {
        const text = `The error ${errorClass} for log directory ${path} in the response from broker ${broker} is illegal`
        throw new ClientError('protocol', text, { exceptionClass: 'java.lang.IllegalStateException' })
      }
      for (const copy of copies) {
        const place = places.get(topicPartitionKey(copy))
        if (place !== undefined) place[copy.isFuture ? 'future' : 'current'] = path
      }
    }
  }
  await Promise.all([...byBroker(replicas)].map(look))
  return found
}

/** Starts to move replicas to other directories of their brokers. */
export const alterReplicaLogDirs = async (
  cluster: Cluster,
  targets: Map<Replica, string>,
): Promise<Map<Replica, Result<void>>> => {
  const results = new Map<Replica, Result<void>>()
  const alter = async ([broker, own]: [number, Replica[]]): Promise<void> => {
    const paths = new Map<string, Replica[]>()
    for (const one of own) {
      const path = targets.get(one) as string
      paths.set(path, [...(paths.get(path) ?? []), one])
    }
    const dirs = [...paths].map(([path, list]) => ({
      path,
      topics: [...byTopic(list)].map(([name, tps]) => ({ name, partitions: tps.map(({ partition }) => partition) })),
    }))
    const connection = await cluster.connectNode(broker)
    const answer = await connection.send(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, { dirs })
    const byKey = new Map(own.map((one) => [topicPartitionKey(one), one]))
    for (const { topicName, partitions } of answer.results) {
      for (const { partitionIndex, errorCode } of partitions) {
        const one = byKey.get(topicPartitionKey({ topic: topicName, partition: partitionIndex }))
        if (one !== undefined)
          results.set(
            one,
            resultOf<void>(errorCode, null, () => undefined),
          )
      }
    }
  }
  const groups = [...byBroker([...targets.keys()])]
  await Promise.all(
    groups.map((group) =>
      withRetries(cluster, 'alterReplicaLogDirs', () => alter(group)).catch((error: unknown) => {
        for (const one of group[1]) results.set(one, failed(error))
      }),
    ),
  )
  return results
}

/** Moves partitions to other brokers, or cancels that. */
export const alterPartitionReassignments = (
  cluster: Cluster,
  targets: Map<TopicPartition, number[] | null>,
  { allowReplicationFactorChange = true }: { allowReplicationFactorChange?: boolean } = {},
): Promise<Map<TopicPartition, Result<void>>> => {
  const attempt = async (open: TopicPartition[]): Promise<Map<TopicPartition, Result<void>>> => {
    const connection = await connectController(cluster)
    const { response } = await cluster.ask(
      connection,
      AlterPartitionReassignmentsRequest,
      AlterPartitionReassignmentsResponse,
      {
        message: (version) => {
          if (version < 1 && !allowReplicationFactorChange) {
            const text =
              'The broker does not support the AllowReplicationFactorChange option for the AlterPartitionReassignments API.'
            throw new ClientError('unsupported-version', text)
          }
          return {
            timeoutMs: cluster.settings.requestTimeoutMs,
            ...(version >= 1 ? { allowReplicationFactorChange } : {}),
            topics: [...byTopic(open)].map(([name, list]) => ({
              name,
              partitions: list.map((tp) => ({
                partitionIndex: tp.partition,
                replicas: targets.get(tp) ?? null,
              })),
            })),
          }
        },
      },
    )
    const keys = new Map(open.map((tp) => [topicPartitionKey(tp), tp]))
    const results = new Map<TopicPartition, Result<void>>()
    if (response.errorCode !== ErrorCode.NONE) {
      const error = failed(new KafkaError(response.errorCode, response.errorMessage))
      for (const tp of open) results.set(tp, error)
    }
    for (const { name, partitions } of response.errorCode === ErrorCode.NONE ? response.responses : []) {
      for (const { partitionIndex, errorCode, errorMessage } of partitions) {
        const tp = keys.get(topicPartitionKey({ topic: name, partition: partitionIndex }))
        if (tp !== undefined)
          results.set(
            tp,
            resultOf<void>(errorCode, errorMessage, () => undefined),
          )
      }
    }
    return noteController(cluster, results)
  }
  return withRetriesPerKey(cluster, 'alterPartitionReassignments', [...targets.keys()], attempt)
}
