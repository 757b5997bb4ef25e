import { ErrorCode } from '../../protocol/errors.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/generated/19-create-topics.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/generated/20-delete-topics.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../../protocol/generated/37-create-partitions.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { connectController, noteController } from '../controller.ts'
import { resultOf, withRetriesPerKey } from '../retry.ts'
import type { Admin, NewTopic, Result } from '../types.ts'

/** Counts left to the broker's defaults need this version (KIP-464). */
const DEFAULT_COUNTS_SINCE = 4
/** Topics are named by a struct instead of a list of names from this version on (KIP-516). */
const DELETE_BY_STATE_SINCE = 6

function creatable(topic: NewTopic, version: number) {
  const assigned = topic.replicasAssignments
  if (version < DEFAULT_COUNTS_SINCE && !assigned && (!topic.numPartitions || !topic.replicationFactor)) {
    throw new ClientError(
      'unsupported-version',
      `Creating topics with default partitions/replication factor are only supported in CreateTopicRequest version ${DEFAULT_COUNTS_SINCE}+. The following topics need values for partitions and replicas: [${topic.name}]`,
    )
  }
  return {
    name: topic.name,
    numPartitions: assigned ? -1 : (topic.numPartitions ?? -1),
    replicationFactor: assigned ? -1 : (topic.replicationFactor ?? -1),
    assignments: [...(assigned ?? [])].map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
    configs: [...(topic.configs ?? [])].map(([name, value]) => ({ name, value })),
  }
}

/** Creates topics; each fails for itself, with the controller's own message. */
export async function createTopics(
  cluster: Cluster,
  topics: NewTopic[],
  options: Parameters<Admin['createTopics']>[1] = {},
): ReturnType<Admin['createTopics']> {
  type Created = Result<{ topicId: string; numPartitions: number }>
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  const quota = options.retryOnQuotaViolation === false ? [] : [ErrorCode.THROTTLING_QUOTA_EXCEEDED]
  return withRetriesPerKey(
    cluster,
    'createTopics',
    [...byName.keys()],
    async (open, { remainingMs }) => {
      const connection = await connectController(cluster)
      const { response } = await cluster.ask(connection, CreateTopicsRequest, CreateTopicsResponse, {
        message: (version) => ({
          topics: open.map((name) => creatable(byName.get(name) as NewTopic, version)),
          timeoutMs: Math.ceil(Math.min(remainingMs(), cluster.settings.requestTimeoutMs)),
          validateOnly: options.validateOnly ?? false,
        }),
      })
      for (const name of open) cluster.invalidate(name)
      const results = response.topics.map((t): [string, Created] => {
        return [
          t.name,
          resultOf(t.errorCode, t.errorMessage, () => ({ topicId: t.topicId, numPartitions: t.numPartitions })),
        ]
      })
      return noteController(cluster, new Map(results))
    },
    { alsoRetry: quota },
  )
}

/** Deletes topics by name. */
export async function deleteTopics(cluster: Cluster, names: string[]): ReturnType<Admin['deleteTopics']> {
  const attempt = async (open: string[]): Promise<Map<string, Result<void>>> => {
    const connection = await connectController(cluster)
    const { response } = await cluster.ask(connection, DeleteTopicsRequest, DeleteTopicsResponse, {
      message: (version) => ({
        ...(version >= DELETE_BY_STATE_SINCE ? { topics: open.map((name) => ({ name })) } : { topicNames: open }),
        timeoutMs: cluster.settings.requestTimeoutMs,
      }),
    })
    for (const name of open) cluster.invalidate(name)
    const results = response.responses.map((t): [string, Result<void>] => {
      return [t.name ?? '', resultOf(t.errorCode, t.errorMessage, () => undefined)]
    })
    return noteController(cluster, new Map(results))
  }
  const alsoRetry = [ErrorCode.THROTTLING_QUOTA_EXCEEDED]
  return withRetriesPerKey(cluster, 'deleteTopics', [...new Set(names)], attempt, { alsoRetry })
}

/** Raises the partition counts of topics. */
export async function createPartitions(
  cluster: Cluster,
  counts: Parameters<Admin['createPartitions']>[0],
): ReturnType<Admin['createPartitions']> {
  const attempt = async (open: string[]): Promise<Map<string, Result<void>>> => {
    const connection = await connectController(cluster)
    const topics = open.map((name) => {
      const { totalCount = 0, assignments } = counts.get(name) ?? {}
      return { name, count: totalCount, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null }
    })
    const { response } = await cluster.ask(connection, CreatePartitionsRequest, CreatePartitionsResponse, {
      message: { topics, timeoutMs: cluster.settings.requestTimeoutMs, validateOnly: false },
    })
    for (const name of open) cluster.invalidate(name)
    const results = response.results.map((t): [string, Result<void>] => {
      return [t.name, resultOf(t.errorCode, t.errorMessage, () => undefined)]
    })
    return noteController(cluster, new Map(results))
  }
  const alsoRetry = [ErrorCode.THROTTLING_QUOTA_EXCEEDED]
  return withRetriesPerKey(cluster, 'createPartitions', [...counts.keys()], attempt, { alsoRetry })
}
