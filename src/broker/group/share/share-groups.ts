import type { Draft } from '../../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../protocol/generated/76-share-group-heartbeat.ts'
import type { ShareGroupDescribeResponseDescribedGroup } from '../../../protocol/generated/77-share-group-describe.ts'
import type {
  DescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup as DescribeRequest,
  DescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup as DescribeResponse,
} from '../../../protocol/generated/90-describe-share-group-offsets.ts'
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../../protocol/generated/91-alter-share-group-offsets.ts'
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../../protocol/generated/92-delete-share-group-offsets.ts'
import type { GroupClient, GroupContext } from '../group-context.ts'
import type { GroupShard } from '../shard.ts'
import { describeShareGroup } from './share-description.ts'
import { combine, NO_STATE, type ShareGroup } from './share-group.ts'
import { alterOffsets, deleteShareOffsets, describeOffsets } from './share-offsets.ts'
import { type ShareProtocol, validateShareHeartbeat } from './share-protocol.ts'
import { ShareRecordMaker } from './share-records.ts'
import { forEachPartition, keysOf, withoutTopicsRecord } from './share-state-steps.ts'

/** The requests about share groups: the group coordinator's part for KIP-932. */
export class ShareGroups {
  readonly #context: GroupContext
  readonly #find: (groupId: string) => ShareProtocol

  /** @param find the protocol of the group's shard; throws KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS */
  constructor(context: GroupContext, find: (groupId: string) => ShareProtocol) {
    this.#context = context
    this.#find = find
  }

  /** ShareGroupHeartbeat. */
  async heartbeat(
    client: GroupClient,
    request: ShareGroupHeartbeatRequest,
  ): Promise<Draft<ShareGroupHeartbeatResponse>> {
    try {
      validateShareHeartbeat(request)
      return await this.#find(request.groupId).heartbeat(client, request)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return { errorCode: error.code, errorMessage: error.message }
    }
  }

  /** ShareGroupDescribe; each group has its own error. */
  describe(groupIds: readonly string[]): Draft<ShareGroupDescribeResponseDescribedGroup>[] {
    const { topics } = this.#context.consumer
    return groupIds.map((groupId) => describeShareGroup(topics, () => this.#named(groupId), groupId))
  }

  #named(groupId: string): ShareGroup {
    if (groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
    return this.#find(groupId).group(groupId)
  }

  /** DescribeShareGroupOffsets of one group. */
  describeOffsets(request: DescribeRequest): Draft<DescribeResponse> {
    try {
      return describeOffsets(this.#context, this.#find(request.groupId), request)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return { groupId: request.groupId, errorCode: error.code, errorMessage: error.message }
    }
  }

  /** AlterShareGroupOffsets. @throws KafkaError when the request as a whole fails */
  async alterOffsets(request: AlterShareGroupOffsetsRequest): Promise<Draft<AlterShareGroupOffsetsResponse>> {
    if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
    return await alterOffsets(this.#context, this.#find(request.groupId), request)
  }

  /** DeleteShareGroupOffsets. @throws KafkaError when the request as a whole fails */
  async deleteOffsets(request: DeleteShareGroupOffsetsRequest): Promise<Draft<DeleteShareGroupOffsetsResponse>> {
    if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
    return await deleteShareOffsets(this.#context, this.#find(request.groupId), request)
  }

  /** Deletes an empty share group and its state. @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP */
  async delete(groupId: string): Promise<void> {
    const protocol = this.#find(groupId)
    const emptyGroup = () => {
      const group = protocol.group(groupId)
      if (group.members.size > 0) throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
      return group
    }
    // The record first: what is half deleted by a crash is deleted again, not read again.
    const gone = await protocol.steps.run(groupId, () => {
      const { initializing, initialized, deleting } = emptyGroup().state ?? NO_STATE
      const all = combine(initialized, initializing)
      for (const [topicId, { name, partitions }] of this.#stillDeleting(deleting)) {
        if (!all.has(topicId)) all.set(topicId, { name, partitions, timestampMs: -1 })
      }
      const names = new Map([...all].map(([topicId, { name }]) => [topicId, name]))
      const state = { initializing: new Map(), initialized: new Map(), deleting: names }
      return { records: all.size === 0 ? [] : [new ShareRecordMaker(groupId).statePartitions(state)], result: all }
    })
    const { persister } = this.#context.share
    const failed = await forEachPartition(persister, keysOf(groupId, gone), (key) => persister.delete(key))
    const first = failed.find(({ error }) => error.code !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if (first !== undefined) throw first.error
    await protocol.steps.run(groupId, () => {
      emptyGroup()
      return { records: new ShareRecordMaker(groupId).groupTombstones(), result: undefined }
    })
  }

  /** Topics of which a deletion was begun, those that are still there. */
  *#stillDeleting(
    deleting: ReadonlyMap<string, string>,
  ): Generator<[string, { name: string; partitions: Set<number> }]> {
    for (const [topicId, name] of deleting) {
      const count = this.#context.consumer.topics.partitionCount(topicId)
      if (count > 0) yield [topicId, { name, partitions: new Set(Array.from({ length: count }, (_, i) => i)) }]
    }
  }
}

/** Takes deleted topics out of the state of a shard's share groups. */
export async function forgetTopics(
  shard: GroupShard,
  protocol: ShareProtocol,
  topicIds: ReadonlySet<string>,
): Promise<void> {
  const steps = [...shard.shareGroups.values()].map((group) =>
    protocol.steps.run(group.groupId, () => {
      const current = shard.shareGroups.get(group.groupId)
      const record = current === undefined ? undefined : withoutTopicsRecord(current, topicIds)
      return { records: record === undefined ? [] : [record], result: undefined }
    }),
  )
  await Promise.all(steps)
}
