import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../protocol/generated/28-txn-offset-commit.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { atCoordinator, type GroupMetadata } from '../consumer/offsets.ts'
import { byTopic } from '../leaders.ts'
import { type OffsetAndMetadata, type TopicPartition, topicPartitionKey } from '../types.ts'
import type { ProducerIdentity } from './partition-queue.ts'

/** From this version on the offsets add their partition to the transaction by themselves (KIP-890). */
const ADDS_ITSELF_SINCE = 5
/** From this version on the request says which member of the group it speaks for (KIP-447). */
const MEMBER_SINCE = 3
const LEADER_EPOCH_SINCE = 2

/** Whose transaction the offsets are part of. */
export interface TxnOwner extends ProducerIdentity {
  transactionalId: string
  /** Whether the coordinators go by transaction.version 2. */
  addsItself: boolean
}

/** What a transaction sets a group's offsets to. */
export class TxnOffsets {
  private readonly cluster: Cluster
  private readonly group: GroupMetadata
  private readonly owner: TxnOwner
  private readonly pending: Map<TopicPartition, OffsetAndMetadata>

  constructor(
    cluster: Cluster,
    owner: TxnOwner,
    group: GroupMetadata,
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  ) {
    this.cluster = cluster
    this.owner = owner
    this.group = group
    this.pending = new Map(offsets)
  }

  /**
   * Asks the group's coordinator once, for those of the offsets it has not taken yet.
   *
   * @throws KafkaError one partition's, of those that can't be retried before those that can; ClientError 'unsupported-version' when the
   *   broker can't tell one member of the group from another
   */
  attempt(): Promise<void> {
    return atCoordinator(this.cluster, this.group.groupId, async (connection) => {
      const version = this.versionFor(connection)
      const message = this.message(version)
      const answer = await connection.send(TxnOffsetCommitRequest, TxnOffsetCommitResponse, message, { version })
      const codes = new Map<string, number>()
      for (const { name: topic, partitions } of answer.topics)
        for (const { partitionIndex: partition, errorCode } of partitions)
          codes.set(topicPartitionKey({ topic, partition }), errorCode)
      const errors: KafkaError[] = []
      for (const tp of [...this.pending.keys()]) {
        const code = codes.get(topicPartitionKey(tp)) ?? ErrorCode.UNKNOWN_SERVER_ERROR
        if (code === ErrorCode.NONE) this.pending.delete(tp)
        else errors.push(new KafkaError(code))
      }
      const first = errors.find(({ retriable }) => !retriable) ?? errors[0]
      if (first) throw first
    })
  }

  private versionFor(connection: Connection): number {
    const cap = this.owner.addsItself ? TxnOffsetCommitRequest.maxVersion : ADDS_ITSELF_SINCE - 1
    const version = connection.versions.pick(TxnOffsetCommitRequest, cap)
    const { memberId, generationIdOrMemberEpoch, groupInstanceId } = this.group
    const isMember = memberId !== '' || generationIdOrMemberEpoch >= 0 || groupInstanceId !== null
    if (version < MEMBER_SINCE && isMember) {
      throw new ClientError(
        'unsupported-version',
        `Broker doesn't support group metadata commit API on version ${version}, minimum supported request version is ${MEMBER_SINCE} which requires brokers to be on version 2.5 or above.`,
      )
    }
    return version
  }

  private message(version: number): Parameters<typeof TxnOffsetCommitRequest.write>[1] {
    const { transactionalId, producerId, epoch } = this.owner
    const { groupId, memberId, generationIdOrMemberEpoch: generationId, groupInstanceId } = this.group
    const topics = [...byTopic([...this.pending.keys()])].map(([name, tps]) => ({
      name,
      partitions: tps.map((tp) => {
        const { offset = 0, leaderEpoch = null, metadata = '' } = this.pending.get(tp) ?? {}
        return {
          partitionIndex: tp.partition,
          committedOffset: BigInt(offset),
          committedMetadata: metadata,
          ...(version >= LEADER_EPOCH_SINCE ? { committedLeaderEpoch: leaderEpoch ?? -1 } : {}),
        }
      }),
    }))
    const member = version >= MEMBER_SINCE ? { generationId, memberId, groupInstanceId } : {}
    return { transactionalId, groupId, producerId: BigInt(producerId), producerEpoch: epoch, ...member, topics }
  }
}
