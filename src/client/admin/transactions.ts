import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/generated/22-init-producer-id.ts'
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from '../../protocol/generated/27-write-txn-markers.ts'
import { DescribeProducersRequest, DescribeProducersResponse } from '../../protocol/generated/61-describe-producers.ts'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../protocol/generated/65-describe-transactions.ts'
import { ListTransactionsRequest, ListTransactionsResponse } from '../../protocol/generated/66-list-transactions.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator.ts'
import { byTopic, perLeader } from '../leaders.ts'
import { failed, ok, withRetries, withRetriesPerKey } from '../retry.ts'
import type {
  AbortTransactionSpec,
  ProducerState,
  TransactionAdmin,
  TransactionDescription,
  TransactionListing,
} from '../transaction-types.ts'
import { type Result, type TopicPartition, topicPartitionKey } from '../types.ts'

const DURATION_SINCE = 1
const PATTERN_SINCE = 2
/** Later versions are for two-phase commit. */
const INIT_PRODUCER_ID_CAP = 5

/** States as Java's enum prints them; one it doesn't know is Unknown. */
const states = new Map(
  [
    'Empty',
    'Ongoing',
    'PrepareCommit',
    'PrepareAbort',
    'CompleteCommit',
    'CompleteAbort',
    'Dead',
    'PrepareEpochFence',
  ].map((name) => [name, name === 'Dead' ? 'Unknown' : name]),
)
const stateOf = (name: string): string => states.get(name) ?? 'Unknown'

/** The transactions of every broker that coordinates some. */
export const listTransactions = async (
  cluster: Cluster,
  { producerIds = [], durationMs = -1n, pattern }: Parameters<TransactionAdmin['listTransactions']>[0] = {},
): Promise<Map<number, TransactionListing[]>> => {
  const ask = async (nodeId: number): Promise<[number, TransactionListing[]]> => {
    const connection = await cluster.connectNode(nodeId)
    const version = connection.versions.pick(ListTransactionsRequest)
    if (version < DURATION_SINCE && durationMs >= 0n) {
      throw new ClientError(
        'unsupported-version',
        `Duration filter can be set only when using API version 1 or higher. If client is connected to an older broker, do not specify duration filter or set duration filter to -1.`,
      )
    }
    if (version < PATTERN_SINCE && pattern) {
      throw new ClientError(
        'unsupported-version',
        'Transactional ID pattern filter can be set only when using API version 2 or higher. If client is connected to an older broker, do not specify the pattern filter.',
      )
    }
    const message = {
      producerIdFilters: producerIds,
      ...(version >= DURATION_SINCE ? { durationFilter: durationMs } : {}),
      ...(version >= PATTERN_SINCE ? { transactionalIdPattern: pattern ?? null } : {}),
    }
    const answer = await connection.send(ListTransactionsRequest, ListTransactionsResponse, message, { version })
    if (answer.errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) throw new KafkaError(answer.errorCode)
    if (answer.errorCode !== ErrorCode.NONE) {
      const text = `ListTransactions request sent to broker ${nodeId} failed with an unexpected exception`
      throw new KafkaError(answer.errorCode, text)
    }
    const listings = answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => {
      return { transactionalId, producerId, state: stateOf(transactionState) }
    })
    return [nodeId, listings]
  }
  return withRetries(cluster, 'listTransactions', async () => {
    await cluster.refresh([])
    return new Map(await Promise.all([...cluster.metadata.nodes.keys()].map(ask)))
  })
}

const describeFailure = (id: string, code: number): KafkaError => {
  const request = `DescribeTransactions request for transactionalId \`${id}\` failed`
  if (code === ErrorCode.TRANSACTIONAL_ID_NOT_FOUND) {
    return new KafkaError(code, `${request} because the ID could not be found`)
  }
  if (code === ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED) {
    return new KafkaError(code, `${request} due to authorization failure`)
  }
  return new KafkaError(code, `${request} due to unexpected error`)
}

/** Describes transactions through their coordinators. */
export const describeTransactions = (
  cluster: Cluster,
  ids: string[],
): Promise<Map<string, Result<TransactionDescription>>> =>
  withRetriesPerKey(cluster, 'describeTransactions', [...new Set(ids)], (open) =>
    perCoordinator(cluster, 'transaction', open, async (coordinatorId, transactionalIds) => {
      const connection = await cluster.connectNode(coordinatorId)
      const answer = await connection.send(DescribeTransactionsRequest, DescribeTransactionsResponse, {
        transactionalIds,
      })
      return new Map(
        answer.transactionStates.map((one): [string, Result<TransactionDescription>] => {
          if (one.errorCode !== ErrorCode.NONE) {
            return [one.transactionalId, failed(describeFailure(one.transactionalId, one.errorCode))]
          }
          const description: TransactionDescription = {
            coordinatorId,
            state: stateOf(one.transactionState),
            producerId: one.producerId,
            producerEpoch: one.producerEpoch,
            transactionTimeoutMs: one.transactionTimeoutMs,
            startTimeMs: one.transactionStartTimeMs < 0n ? null : Number(one.transactionStartTimeMs),
            partitions: one.topics.flatMap(({ topic, partitions }) =>
              partitions.map((partition) => ({ topic, partition })),
            ),
          }
          return [one.transactionalId, ok(description)]
        }),
      )
    }),
  )

const producersFailure = (key: string, code: number, message: string | null, brokerId?: number): KafkaError => {
  const start = `Failed to describe active producers for partition ${key}`
  if (code === ErrorCode.NOT_LEADER_OR_FOLLOWER && brokerId !== undefined) {
    const error = new KafkaError(code, `${start} on brokerId ${brokerId}`)
    // The broker was chosen by the caller, so there is nothing to look up and try again.
    return Object.assign(new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, error.message), {
      exceptionClass: error.exceptionClass,
    })
  }
  if (code === ErrorCode.NOT_LEADER_OR_FOLLOWER || code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
    return new KafkaError(code, message)
  }
  if (code === ErrorCode.INVALID_TOPIC_EXCEPTION) {
    const cause = message ?? new KafkaError(code).message
    return new KafkaError(code, `Failed to fetch metadata for partition ${key} due to invalid topic error: ${cause}`)
  }
  if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) {
    const topic = key.slice(0, key.lastIndexOf('-'))
    return new KafkaError(code, `${start} due to authorization failure on topic \`${topic}\``)
  }
  return new KafkaError(code, `${start} due to unexpected error`)
}

const stateOfProducer = (
  one: DescribeProducersResponse['topics'][number]['partitions'][number]['activeProducers'][number],
): ProducerState => ({
  producerId: one.producerId,
  producerEpoch: one.producerEpoch,
  lastSequence: one.lastSequence,
  lastTimestamp: Number(one.lastTimestamp),
  coordinatorEpoch: one.coordinatorEpoch < 0 ? null : one.coordinatorEpoch,
  currentTransactionStartOffset: one.currentTxnStartOffset < 0n ? null : Number(one.currentTxnStartOffset),
})

/** The producers a partition remembers, from its leader or from the broker given. */
export const describeProducers = async (
  cluster: Cluster,
  partitions: TopicPartition[],
  brokerId?: number,
): Promise<Map<TopicPartition, Result<ProducerState[]>>> => {
  type Answer = Map<TopicPartition, Result<ProducerState[]>>
  const ask = async (nodeId: number, open: TopicPartition[]): Promise<Answer> => {
    const connection = await cluster.connectNode(nodeId)
    const topics = [...byTopic(open)].map(([name, list]) => ({
      name,
      partitionIndexes: list.map(({ partition }) => partition),
    }))
    const answer = await connection.send(DescribeProducersRequest, DescribeProducersResponse, { topics })
    const keys = new Map(open.map((tp) => [topicPartitionKey(tp), tp]))
    const results: Answer = new Map()
    for (const topic of answer.topics) {
      for (const one of topic.partitions) {
        const key = topicPartitionKey({ topic: topic.name, partition: one.partitionIndex })
        const tp = keys.get(key)
        if (tp === undefined) continue
        if (one.errorCode === ErrorCode.NONE) results.set(tp, ok(one.activeProducers.map(stateOfProducer)))
        else results.set(tp, failed(producersFailure(key, one.errorCode, one.errorMessage, brokerId)))
      }
    }
    return results
  }
  // A topic that isn't there may be one the brokers haven't heard of yet.
  const alsoRetry = [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
  try {
    return await withRetriesPerKey(
      cluster,
      'describeProducers',
      partitions,
      (open) => (brokerId === undefined ? perLeader(cluster, open, ask) : ask(brokerId, open)),
      { alsoRetry },
    )
  } catch (error) {
    const isLost = error instanceof ClientError && error.reason === 'timeout'
    if (!isLost || brokerId === undefined || cluster.metadata.nodes.has(brokerId)) throw error
    const text = 'Timed out waiting for a node assignment. Call: describeProducers(api=DESCRIBE_PRODUCERS)'
    throw new ClientError('timeout', text, { nextStep: 'See whether that broker runs.', cause: error })
  }
}

/** A spec as Java prints it. */
export const abortSpecText = ({
  partition,
  producerId,
  producerEpoch,
  coordinatorEpoch,
}: AbortTransactionSpec): string =>
  `AbortTransactionSpec(topicPartition=${topicPartitionKey(partition)}, producerId=${producerId}, producerEpoch=${producerEpoch}, coordinatorEpoch=${coordinatorEpoch})`

const abortFailure = (spec: AbortTransactionSpec, code: number): KafkaError => {
  const start = `WriteTxnMarkers request with ${abortSpecText(spec)} failed`
  switch (code) {
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
      return new KafkaError(code, `${start} due to cluster authorization error`)
    case ErrorCode.INVALID_PRODUCER_EPOCH:
      return new KafkaError(code, `${start} due an invalid producer epoch`)
    case ErrorCode.TRANSACTION_COORDINATOR_FENCED: {
      const text = `${start} since the provided coordinator epoch ${spec.coordinatorEpoch} has been fenced by the active coordinator`
      return new KafkaError(code, text)
    }
    default:
      return new KafkaError(code, `${start} due to unexpected error: ${new KafkaError(code).message}`)
  }
}

const abortRetried: readonly number[] = [
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REPLICA_NOT_AVAILABLE,
  ErrorCode.BROKER_NOT_AVAILABLE,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]

/** Ends an open transaction on one partition. */
export const abortTransaction = async (cluster: Cluster, spec: AbortTransactionSpec): Promise<void> => {
  const ask = async (nodeId: number, [tp]: TopicPartition[]): Promise<Map<TopicPartition, Result<void>>> => {
    const { topic, partition } = spec.partition
    const { producerId, producerEpoch, coordinatorEpoch } = spec
    const connection = await cluster.connectNode(nodeId)
    const marker = {
      producerId,
      producerEpoch,
      coordinatorEpoch,
      transactionResult: false,
      topics: [{ name: topic, partitionIndexes: [partition] }],
    }
    const answer = await connection.send(WriteTxnMarkersRequest, WriteTxnMarkersResponse, { markers: [marker] })
    const code = answer.markers[0]?.topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (code === ErrorCode.NONE) return new Map([[tp as TopicPartition, ok<void>(undefined)]])
    const error = abortRetried.includes(code) ? new KafkaError(code) : abortFailure(spec, code)
    return new Map([[tp as TopicPartition, failed(error)]])
  }
  const attempt = (open: TopicPartition[]): Promise<Map<TopicPartition, Result<void>>> => perLeader(cluster, open, ask)
  const results = await withRetriesPerKey(cluster, 'abortTransaction', [spec.partition], attempt, {
    alsoRetry: abortRetried,
  })
  for (const result of results.values()) if (!result.ok) throw result.error
}

const fenceFailure = (id: string, code: number): KafkaError => {
  const start = `InitProducerId request for transactionalId \`${id}\` failed due to`
  if (code === ErrorCode.CLUSTER_AUTHORIZATION_FAILED) {
    return new KafkaError(code, `${start} cluster authorization failure`)
  }
  if (code === ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED) {
    return new KafkaError(code, `${start} transactional ID authorization failure`)
  }
  return new KafkaError(code, `${start} unexpected error`)
}

const fenceRetried: readonly number[] = [
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
]

/** Gives a transactional id a new epoch, which aborts what is under way and fences its producer. */
export const fenceProducer = async (cluster: Cluster, transactionalId: string): Promise<void> => {
  const attempt = (open: string[]): Promise<Map<string, Result<void>>> =>
    perCoordinator(cluster, 'transaction', open, async (nodeId, ids) => {
      const connection = await cluster.connectNode(nodeId)
      const { response } = await cluster.ask(connection, InitProducerIdRequest, InitProducerIdResponse, {
        cap: INIT_PRODUCER_ID_CAP,
        // The timeout is never used: the next producer with this id brings its own.
        message: { transactionalId: ids[0] ?? '', transactionTimeoutMs: 1, producerId: -1n, producerEpoch: -1 },
      })
      const { errorCode } = response
      if (errorCode === ErrorCode.NONE) return new Map([[ids[0] ?? '', ok<void>(undefined)]])
      const isRetried = fenceRetried.includes(errorCode)
      return new Map([
        [ids[0] ?? '', failed(isRetried ? new KafkaError(errorCode) : fenceFailure(ids[0] ?? '', errorCode))],
      ])
    })
  const results = await withRetriesPerKey(cluster, 'fenceProducer', [transactionalId], attempt)
  for (const result of results.values()) if (!result.ok) throw result.error
}
