import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/generated/08-offset-commit.ts'
import type { OffsetFetchResponseOffsetFetchResponseGroup } from '../../protocol/generated/09-offset-fetch.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/generated/11-join-group.ts'
import type { HeartbeatRequest } from '../../protocol/generated/12-heartbeat.ts'
import type {
  LeaveGroupRequestMemberIdentity,
  LeaveGroupResponseMemberResponse,
} from '../../protocol/generated/13-leave-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/generated/14-sync-group.ts'
import type {
  DescribeGroupsRequest,
  DescribeGroupsResponseDescribedGroup,
} from '../../protocol/generated/15-describe-groups.ts'
import type { ListGroupsRequest, ListGroupsResponse } from '../../protocol/generated/16-list-groups.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/generated/47-offset-delete.ts'
import { joinError } from './classic-group.ts'
import { deleteGroup, deleteOffsets, deleteOffsetsOfTopics, expireOffsets } from './deletion.ts'
import { describeGroup, listGroups } from './description.ts'
import type { GroupClient, GroupContext, LoadedMarker, LoadedRecord } from './group-context.ts'
import { codeOf } from './group-errors.ts'
import { Join } from './join.ts'
import { Membership } from './membership.ts'
import { commitOffsets } from './offset-commit.ts'
import { fetchOffsets, type OffsetFetchQuery } from './offset-fetch.ts'
import { partitionForGroup } from './partition-for-group.ts'
import { Rebalance } from './rebalance.ts'
import { GroupShard } from './shard.ts'
import { Timer } from './timer.ts'

/** A partition of __consumer_offsets that this broker coordinates. */
interface ActiveShard {
  readonly shard: GroupShard
  readonly rebalance: Rebalance
  readonly join: Join
  readonly membership: Membership
  loaded: boolean
}

/** The classic group coordinator: finds a group's shard and hands requests to it. */
export class GroupCoordinator {
  readonly #context: GroupContext
  readonly #shards = new Map<number, ActiveShard>()
  readonly #expiry: Timer

  constructor(context: GroupContext) {
    this.#context = context
    this.#expiry = new Timer(context.clock)
  }

  /** Starts the periodic removal of expired offsets. */
  start(): void {
    this.#expiry.set(this.#context.settings().offsetsRetentionCheckIntervalMs, () => {
      for (const { shard, loaded } of this.#shards.values()) {
        if (loaded) void expireOffsets(shard, this.#context.clock.nowMs())
      }
      this.start()
    })
  }

  /** Stops all timers and answers whoever waits with NOT_COORDINATOR. */
  stop(): void {
    this.#expiry.cancel()
    for (const partition of [...this.#shards.keys()]) this.unload(partition)
  }

  /**
   * Takes a partition of __consumer_offsets over by replaying its log. Its groups answer COORDINATOR_LOAD_IN_PROGRESS
   * until this resolves; unload() meanwhile ends it early.
   *
   * @param records the partition's data records and transaction markers, in order of offset, aborted ones included
   * @throws what `records` throws; the partition is not taken over then
   */
  async load(
    partition: number,
    records: Iterable<LoadedRecord | LoadedMarker> | AsyncIterable<LoadedRecord | LoadedMarker>,
  ): Promise<void> {
    this.unload(partition)
    const shard = new GroupShard(partition, this.#context)
    const rebalance = new Rebalance(shard)
    const active = {
      shard,
      rebalance,
      join: new Join(shard, rebalance),
      membership: new Membership(shard, rebalance),
      loaded: false,
    }
    this.#shards.set(partition, active)
    try {
      for await (const record of records) {
        if (shard.closed) return
        shard.replay(record)
      }
    } catch (error) {
      if (this.#shards.get(partition) === active) this.unload(partition)
      throw error
    }
    if (shard.closed) return
    shard.finishReplay()
    active.loaded = true
    this.#startGroups(active)
  }

  /** Gives a partition up. */
  unload(partition: number): void {
    this.#shards.get(partition)?.shard.close()
    this.#shards.delete(partition)
  }

  /** Drops the offsets of deleted topics. */
  async onTopicsDeleted(topics: readonly { readonly name: string; readonly topicId: string }[]): Promise<void> {
    const active = [...this.#shards.values()].filter(({ loaded }) => loaded)
    await Promise.all(active.map(({ shard }) => deleteOffsetsOfTopics(shard, topics)))
  }

  /**
   * The partition of __consumer_offsets that holds a group; the topic is created when it is missing.
   *
   * @throws KafkaError COORDINATOR_NOT_AVAILABLE when the topic could not be created now
   */
  async partitionFor(groupId: string): Promise<number> {
    if (this.#context.offsetsPartitionCount() === 0) await this.#context.ensureOffsetsTopic()
    const count = this.#context.offsetsPartitionCount()
    if (count === 0) throw new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return partitionForGroup(groupId, count)
  }

  /** True when this broker coordinates the groups of the partition, or is about to. */
  coordinates(partition: number): boolean {
    return this.#shards.has(partition)
  }

  /** JoinGroup; waits for the other members. */
  async joinGroup(client: GroupClient, request: JoinGroupRequest): Promise<Draft<JoinGroupResponse>> {
    const { groupId, memberId, sessionTimeoutMs } = request
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#context.settings()
    if (groupId === '') return joinError(memberId, ErrorCode.INVALID_GROUP_ID)
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinError(memberId, ErrorCode.INVALID_SESSION_TIMEOUT)
    }
    try {
      return await this.#find(groupId).join.join(client, request)
    } catch (error) {
      return joinError(memberId, codeOf(error))
    }
  }

  /** SyncGroup; waits for the leader's assignment. */
  async syncGroup(request: SyncGroupRequest): Promise<Draft<SyncGroupResponse>> {
    try {
      if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
      return await this.#find(request.groupId).membership.sync(request)
    } catch (error) {
      const code = codeOf(error)
      // What was being rebalanced is lost with the former coordinator: rejoining is all that helps.
      const lost = code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      return { errorCode: lost ? ErrorCode.REBALANCE_IN_PROGRESS : code }
    }
  }

  /** @returns the error code of the Heartbeat response */
  heartbeat(request: HeartbeatRequest): number {
    try {
      if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
      this.#find(request.groupId).membership.heartbeat(request)
      return ErrorCode.NONE
    } catch (error) {
      const code = codeOf(error)
      // Sessions start anew when the group has been loaded.
      return code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : code
    }
  }

  /**
   * @returns an answer for each member, in order
   * @throws KafkaError when the request as a whole fails
   */
  leaveGroup(
    groupId: string,
    members: readonly LeaveGroupRequestMemberIdentity[],
  ): Draft<LeaveGroupResponseMemberResponse>[] {
    if (groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
    return this.#find(groupId).membership.leave(groupId, members)
  }

  /** OffsetCommit in any version. */
  offsetCommit(version: number, request: OffsetCommitRequest): Promise<Draft<OffsetCommitResponse>> {
    return commitOffsets(this.#context, () => this.#find(request.groupId), version, request)
  }

  /** OffsetFetch of one group. */
  offsetFetch(query: OffsetFetchQuery): Draft<OffsetFetchResponseOffsetFetchResponseGroup> {
    return fetchOffsets(this.#context, (groupId) => this.#find(groupId).shard, query)
  }

  offsetDelete(request: OffsetDeleteRequest): Promise<Draft<OffsetDeleteResponse>> {
    return deleteOffsets(this.#context, () => this.#find(request.groupId).shard, request)
  }

  describeGroups(version: number, request: DescribeGroupsRequest): Draft<DescribeGroupsResponseDescribedGroup>[] {
    const options = { version, includeAuthorizedOperations: request.includeAuthorizedOperations }
    return request.groups.map((groupId) => describeGroup(() => this.#find(groupId).shard, groupId, options))
  }

  listGroups(request: ListGroupsRequest): Draft<ListGroupsResponse> {
    const active = [...this.#shards.values()]
    if (active.some(({ loaded }) => !loaded)) {
      return { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, groups: [] }
    }
    return { errorCode: ErrorCode.NONE, groups: active.flatMap(({ shard }) => listGroups(shard, request)) }
  }

  /** @returns the error code for the group */
  async deleteGroup(groupId: string): Promise<number> {
    try {
      await deleteGroup(this.#find(groupId).shard, groupId)
      return ErrorCode.NONE
    } catch (error) {
      return codeOf(error)
    }
  }

  /** @throws KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS */
  #find(groupId: string): ActiveShard {
    const count = this.#context.offsetsPartitionCount()
    const active = count === 0 ? undefined : this.#shards.get(partitionForGroup(groupId, count))
    if (active === undefined) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    if (!active.loaded) throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    return active
  }

  /** Gives each loaded member a whole session to show itself. */
  #startGroups({ shard, rebalance }: ActiveShard): void {
    const { maxSize } = this.#context.settings()
    for (const group of shard.groups.values()) {
      for (const member of group.members.values()) rebalance.restartSession(group, member)
      if (group.members.size > maxSize) rebalance.prepare(group, `more than group.max.size=${maxSize} members`)
    }
  }
}
