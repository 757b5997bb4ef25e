import type { ReplicaAdmin, ReplicaLogDirs } from '../../src/client/replica-types.ts'
import type {
  ShareGroupAdmin,
  ShareGroupDescription,
  SharePartitionOffset,
} from '../../src/client/share-group-types.ts'
import type { StreamsGroupAdmin, StreamsGroupDescription } from '../../src/client/streams-group-types.ts'
import type {
  AbortTransactionSpec,
  ProducerState,
  TransactionAdmin,
  TransactionDescription,
  TransactionListing,
} from '../../src/client/transaction-types.ts'
import type { Result, TopicPartition } from '../../src/client/types.ts'
import { topicPartitionKey } from '../../src/client/types.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import { FakeOperations } from './fake-operations.ts'

const ok = <T>(value: T): Result<T> => ({ ok: true, value })
const failed = <T>(code: number, message: string): Result<T> => ({ ok: false, error: new KafkaError(code, message) })

const answer = <T>(ids: readonly string[], known: ReadonlyMap<string, T>, code: number, text: (id: string) => string) =>
  Promise.resolve(
    new Map(
      ids.map((id): [string, Result<T>] => {
        const found = known.get(id)
        return [id, found === undefined ? failed<T>(code, text(id)) : ok(found)]
      }),
    ),
  )

/** Transactions, replicas, share and streams groups of a cluster in memory. What was asked to change is kept in `changes`. */
export class FakeGroupsAndReplicas
  extends FakeOperations
  implements TransactionAdmin, ReplicaAdmin, ShareGroupAdmin, StreamsGroupAdmin
{
  changes: unknown[] = []
  transactions = new Map<string, TransactionDescription>()
  producers = new Map<string, ProducerState[]>()
  logDirs = new Map<
    number,
    Awaited<ReturnType<ReplicaAdmin['describeLogDirs']>> extends Map<number, infer V> ? V : never
  >()
  replicaDirs: ReplicaLogDirs = { current: '/data', future: null }
  shareGroups = new Map<string, ShareGroupDescription>()
  shareOffsets = new Map<TopicPartition, SharePartitionOffset | null>()
  streamsGroups = new Map<string, StreamsGroupDescription>()

  listTransactions(filters?: Parameters<TransactionAdmin['listTransactions']>[0]) {
    this.changes.push(['filters', filters])
    const listings = [...this.transactions].map(
      ([transactionalId, { producerId, state }]): TransactionListing => ({ transactionalId, producerId, state }),
    )
    return Promise.resolve(new Map([[1, listings]]))
  }

  describeTransactions(ids: string[]) {
    const text = (id: string): string =>
      `DescribeTransactions request for transactionalId \`${id}\` failed because the ID could not be found`
    return answer(ids, this.transactions, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, text)
  }

  describeProducers(partitions: TopicPartition[]) {
    return Promise.resolve(
      new Map(partitions.map((tp) => [tp, ok(this.producers.get(topicPartitionKey(tp)) ?? [])] as const)),
    )
  }

  abortTransaction(spec: AbortTransactionSpec) {
    this.changes.push(['abort', spec])
    return Promise.resolve()
  }

  fenceProducer(id: string) {
    this.changes.push(['fence', id])
    return Promise.resolve()
  }

  describeLogDirs(brokers: number[]) {
    return Promise.resolve(new Map(brokers.map((id) => [id, this.logDirs.get(id) ?? []])))
  }

  describeReplicaLogDirs(replicas: Parameters<ReplicaAdmin['describeReplicaLogDirs']>[0]) {
    return Promise.resolve(new Map(replicas.map((one) => [one, this.replicaDirs])))
  }

  alterReplicaLogDirs(targets: Parameters<ReplicaAdmin['alterReplicaLogDirs']>[0]) {
    this.changes.push(['move', [...targets]])
    return Promise.resolve(new Map([...targets.keys()].map((one) => [one, ok<void>(undefined)] as const)))
  }

  alterPartitionReassignments(targets: Map<TopicPartition, number[] | null>) {
    this.changes.push(['reassign', [...targets].map(([tp, ids]) => [topicPartitionKey(tp), ids])])
    return Promise.resolve(new Map([...targets.keys()].map((tp) => [tp, ok<void>(undefined)] as const)))
  }

  fetchReplicas() {
    return Promise.resolve(new Map())
  }

  describeShareGroups(ids: string[]) {
    return answer(ids, this.shareGroups, ErrorCode.GROUP_ID_NOT_FOUND, (id) => `Group ${id} not found.`)
  }

  listShareGroupOffsets() {
    return Promise.resolve(this.shareOffsets)
  }

  alterShareGroupOffsets(group: string, offsets: Map<TopicPartition, number>) {
    this.changes.push(['share offsets', group, [...offsets].map(([tp, offset]) => [topicPartitionKey(tp), offset])])
    return Promise.resolve(new Map([...offsets.keys()].map((tp) => [tp, ok<void>(undefined)] as const)))
  }

  deleteShareGroupOffsets(_group: string, topics: string[]) {
    return Promise.resolve(new Map(topics.map((topic) => [topic, ok<void>(undefined)] as const)))
  }

  describeStreamsGroups(ids: string[]) {
    return answer(ids, this.streamsGroups, ErrorCode.GROUP_ID_NOT_FOUND, (id) => `Group ${id} not found.`)
  }

  removeGroupMembers(group: string, members: Parameters<StreamsGroupAdmin['removeGroupMembers']>[1]) {
    this.changes.push(['remove', group, members.map(({ memberId }) => memberId)])
    return Promise.resolve()
  }
}
