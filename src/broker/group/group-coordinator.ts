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
import type { DescribeGroupsResponseDescribedGroup } from '../../protocol/generated/15-describe-groups.ts'
import type { ListGroupsRequest, ListGroupsResponse } from '../../protocol/generated/16-list-groups.ts'
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../protocol/generated/28-txn-offset-commit.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/generated/47-offset-delete.ts'
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/generated/68-consumer-group-heartbeat.ts'
import type { ConsumerGroupDescribeResponseDescribedGroup } from '../../protocol/generated/69-consumer-group-describe.ts'
import type { StreamsGroupHeartbeatRequest } from '../../protocol/generated/88-streams-group-heartbeat.ts'
import type { StreamsGroupDescribeResponseDescribedGroup } from '../../protocol/generated/89-streams-group-describe.ts'
import { joinError } from './classic-group.ts'
import { ClassicMembers } from './consumer/classic-members.ts'
import { deleteModernGroup, expireModernGroups } from './consumer/consumer-deletion.ts'
import { describeConsumerGroup } from './consumer/consumer-description.ts'
import { ConsumerProtocol } from './consumer/consumer-protocol.ts'
import { validateHeartbeat } from './consumer/heartbeat-request.ts'
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
import { forgetTopics, ShareGroups } from './share/share-groups.ts'
import { ShareProtocol } from './share/share-protocol.ts'
import { validateStreamsHeartbeat } from './streams/heartbeat-request.ts'
import { describeStreamsGroup } from './streams/streams-description.ts'
import { type StreamsHeartbeatResult, StreamsProtocol } from './streams/streams-protocol.ts'
import { Timer } from './timer.ts'
import { commitTransactionalOffsets } from './txn-offset-commit.ts'

/** A partition of __consumer_offsets that this broker coordinates. */
interface ActiveShard {
  readonly shard: GroupShard
  readonly rebalance: Rebalance
  readonly join: Join
  readonly membership: Membership
  readonly consumer: ConsumerProtocol
  readonly classicMembers: ClassicMembers
  readonly streams: StreamsProtocol
  readonly share: ShareProtocol
  loaded: boolean
}

/** The group coordinator: finds a group's shard and hands requests to it. */
export class GroupCoordinator {
  readonly #context: GroupContext
  readonly #shards = new Map<number, ActiveShard>()
  readonly #expiry: Timer
  /** The requests about share groups (KIP-932). */
  readonly shareGroups: ShareGroups

  constructor(context: GroupContext) {
    this.#context = context
    this.#expiry = new Timer(context.clock)
    this.shareGroups = new ShareGroups(context, (groupId) => this.#find(groupId).share)
  }

  /** Starts the periodic removal of expired offsets. */
  start(): void {
    this.#expiry.set(this.#context.settings().offsetsRetentionCheckIntervalMs, () => {
      const nowMs = this.#context.clock.nowMs()
      for (const { shard, consumer, streams, loaded } of this.#shards.values()) {
        if (!loaded) continue
        void expireOffsets(shard, nowMs)
        void expireModernGroups(shard, consumer, nowMs)
        void expireModernGroups(shard, streams, nowMs)
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
    const consumer = new ConsumerProtocol(shard, rebalance)
    const active = {
      shard,
      rebalance,
      join: new Join(shard, rebalance),
      membership: new Membership(shard, rebalance),
      consumer,
      classicMembers: new ClassicMembers(shard, consumer),
      streams: new StreamsProtocol(shard, consumer.steps),
      share: new ShareProtocol(shard, consumer.steps),
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
    this.#shards.get(partition)?.consumer.close()
    this.#shards.get(partition)?.streams.close()
    this.#shards.get(partition)?.share.close()
    this.#shards.get(partition)?.shard.close()
    this.#shards.delete(partition)
  }

  /**
   * Ends sessions now, as if heartbeats had stayed away.
   *
   * @param who member id, group.instance.id or client.id
   * @returns how many members had a session to end
   */
  expireMembers(groupId: string, who: string): number {
    const active = this.#shardOf(groupId)
    if (!active) return 0
    const is = (member: {
      memberId: string
      clientId: string
      groupInstanceId?: string | null
      instanceId?: string | null
    }) => [member.memberId, member.clientId, member.groupInstanceId, member.instanceId].includes(who)
    const classic = [...(active.shard.groups.get(groupId)?.members.values() ?? [])].filter(is)
    const modern = [...(active.shard.consumerGroups.get(groupId)?.members.values() ?? [])].filter(is)
    const ended = [
      ...classic.map((member) => member.session.fire()),
      ...modern.map((member) => active.consumer.timers.fire(groupId, member.memberId, 'session')),
    ]
    return ended.filter(Boolean).length
  }

  /** Drops the offsets of deleted topics. */
  async onTopicsDeleted(topics: readonly { readonly name: string; readonly topicId: string }[]): Promise<void> {
    const active = [...this.#shards.values()].filter(({ loaded }) => loaded)
    const topicIds = new Set(topics.map(({ topicId }) => topicId))
    await Promise.all(active.map(({ shard }) => deleteOffsetsOfTopics(shard, topics)))
    await Promise.all(active.map(({ shard, share }) => forgetTopics(shard, share, topicIds)))
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
      return await this.#whenSettled(groupId, (active) => this.#join(active, client, request))
    } catch (error) {
      return joinError(memberId, codeOf(error))
    }
  }

  /** SyncGroup; waits for the leader's assignment. */
  async syncGroup(request: SyncGroupRequest): Promise<Draft<SyncGroupResponse>> {
    try {
      if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
      return await this.#whenSettled(request.groupId, ({ shard, membership, classicMembers }) =>
        shard.consumerGroups.has(request.groupId) ? classicMembers.sync(request) : membership.sync(request),
      )
    } catch (error) {
      const code = codeOf(error)
      // What was being rebalanced is lost with the former coordinator: rejoining is all that helps.
      const lost = code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      return { errorCode: lost ? ErrorCode.REBALANCE_IN_PROGRESS : code }
    }
  }

  /** @returns the error code of the Heartbeat response */
  async heartbeat(request: HeartbeatRequest): Promise<number> {
    try {
      if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
      await this.#whenSettled(request.groupId, ({ shard, membership, classicMembers }) =>
        shard.consumerGroups.has(request.groupId) ? classicMembers.heartbeat(request) : membership.heartbeat(request),
      )
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
  async leaveGroup(
    groupId: string,
    members: readonly LeaveGroupRequestMemberIdentity[],
  ): Promise<Draft<LeaveGroupResponseMemberResponse>[]> {
    if (groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
    return await this.#whenSettled(groupId, ({ shard, membership, classicMembers }) =>
      shard.consumerGroups.has(groupId) ? classicMembers.leave(groupId, members) : membership.leave(groupId, members),
    )
  }

  /** ConsumerGroupHeartbeat (KIP-848). */
  async consumerGroupHeartbeat(
    client: GroupClient,
    request: ConsumerGroupHeartbeatRequest,
  ): Promise<Draft<ConsumerGroupHeartbeatResponse>> {
    try {
      validateHeartbeat(request, client.version, this.#context.consumer.settings().assignors)
      return await this.#find(request.groupId).consumer.heartbeat(client, request)
    } catch (error) {
      if (error instanceof KafkaError) return { errorCode: error.code, errorMessage: error.message }
      throw error
    }
  }

  consumerGroupDescribe(groupIds: readonly string[]): Draft<ConsumerGroupDescribeResponseDescribedGroup>[] {
    const { consumer } = this.#context
    return groupIds.map((groupId) =>
      describeConsumerGroup(consumer, () => this.#named(groupId).consumer.group(groupId), groupId),
    )
  }

  /** StreamsGroupHeartbeat (KIP-1071); the topics it says are missing are the caller's to make. */
  async streamsGroupHeartbeat(
    client: GroupClient,
    request: StreamsGroupHeartbeatRequest,
  ): Promise<StreamsHeartbeatResult> {
    try {
      validateStreamsHeartbeat(request)
      return await this.#find(request.groupId).streams.heartbeat(client, request)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const errorMessage = error.code === ErrorCode.UNKNOWN_SERVER_ERROR ? null : error.message
      return { response: { errorCode: error.code, errorMessage }, missingTopics: [] }
    }
  }

  streamsGroupDescribe(groupIds: readonly string[]): Draft<StreamsGroupDescribeResponseDescribedGroup>[] {
    return groupIds.map((groupId) => describeStreamsGroup(() => this.#named(groupId).streams.group(groupId), groupId))
  }

  /** As #find. @throws KafkaError also INVALID_GROUP_ID for the empty id, which reading requests don't take for a group's. */
  #named(groupId: string): ActiveShard {
    if (groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
    return this.#find(groupId)
  }

  /** Tells the groups that read a topic that it has other partitions, came to be, or is gone. */
  onTopicChanged(topic: string): void {
    for (const { shard } of this.#shards.values()) {
      for (const group of shard.consumerGroups.values()) {
        if (!group.metadataChanged && group.isSubscribedTo(topic)) group.metadataChanged = true
      }
      for (const group of shard.streamsGroups.values()) if (group.requires(topic)) group.metadataChanged = true
      for (const group of shard.shareGroups.values()) {
        if (!group.metadataChanged && group.subscribedTopics.has(topic)) group.metadataChanged = true
      }
    }
  }

  /** OffsetCommit in any version. */
  offsetCommit(version: number, request: OffsetCommitRequest): Promise<Draft<OffsetCommitResponse>> {
    return this.#whenIdle(request.groupId, () =>
      commitOffsets(this.#context, () => this.#find(request.groupId), version, request),
    )
  }

  /** TxnOffsetCommit in any version; the producer's transaction was verified. */
  txnOffsetCommit(request: TxnOffsetCommitRequest): Promise<Draft<TxnOffsetCommitResponse>> {
    return commitTransactionalOffsets(this.#context, () => this.#find(request.groupId).shard, request)
  }

  /**
   * Ends a producer's transaction in a partition of __consumer_offsets: `append` writes the marker, then its offsets count or are dropped.
   *
   * @throws KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS; what `append` rejects with
   */
  async endTransaction(
    partition: number,
    producerId: number,
    committed: boolean,
    append: () => Promise<void>,
  ): Promise<void> {
    const active = this.#shards.get(partition)
    if (active === undefined) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    if (!active.loaded) throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    await active.shard.endTransaction(producerId, committed, append)
  }

  /** OffsetFetch of one group. */
  offsetFetch(query: OffsetFetchQuery): Draft<OffsetFetchResponseOffsetFetchResponseGroup> {
    return fetchOffsets(this.#context, (groupId) => this.#find(groupId).shard, query)
  }

  offsetDelete(request: OffsetDeleteRequest): Promise<Draft<OffsetDeleteResponse>> {
    return deleteOffsets(this.#context, () => this.#find(request.groupId).shard, request)
  }

  describeGroups(version: number, groupIds: readonly string[]): Draft<DescribeGroupsResponseDescribedGroup>[] {
    return groupIds.map((groupId) => describeGroup(() => this.#find(groupId).shard, groupId, version))
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
      await this.#whenSettled(groupId, ({ shard, consumer, streams }) => {
        if (shard.shareGroups.has(groupId)) return this.shareGroups.delete(groupId)
        if (shard.consumerGroups.has(groupId)) return deleteModernGroup(shard, consumer, groupId)
        if (shard.streamsGroups.has(groupId)) return deleteModernGroup(shard, streams, groupId)
        return deleteGroup(shard, groupId)
      })
      return ErrorCode.NONE
    } catch (error) {
      return codeOf(error)
    }
  }

  /** @throws KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS */
  #find(groupId: string): ActiveShard {
    const active = this.#shardOf(groupId)
    if (active === undefined) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    if (!active.loaded) throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    return active
  }

  #shardOf(groupId: string): ActiveShard | undefined {
    const count = this.#context.offsetsPartitionCount()
    return count === 0 ? undefined : this.#shards.get(partitionForGroup(groupId, count))
  }

  /** Calls `run` at a moment when the group isn't just changing its kind. */
  async #whenIdle<T>(groupId: string, run: () => T | Promise<T>): Promise<T> {
    const running = () => this.#shardOf(groupId)?.consumer.steps.running(groupId)
    for (let step = running(); step !== undefined; step = running()) await step
    return await run()
  }

  /** The same with the group's shard. @throws KafkaError as #find does */
  #whenSettled<T>(groupId: string, run: (active: ActiveShard) => T | Promise<T>): Promise<T> {
    return this.#whenIdle(groupId, () => run(this.#find(groupId)))
  }

  /** Members of the classic protocol join a consumer group that has members; an empty group of another kind makes room for a classic one. */
  async #join(
    { shard, join, consumer, classicMembers, streams }: ActiveShard,
    client: GroupClient,
    request: JoinGroupRequest,
  ): Promise<Draft<JoinGroupResponse>> {
    const { groupId } = request
    const isConsumer = shard.consumerGroups.has(groupId)
    const group = shard.consumerGroups.get(groupId) ?? shard.streamsGroups.get(groupId)
    if (group === undefined) return await join.join(client, request)
    if (group.members.size > 0) return await (isConsumer ? classicMembers : join).join(client, request)
    const kind = isConsumer ? consumer : streams
    await kind.steps.run(groupId, () => ({ records: kind.tombstones(groupId), result: undefined }))
    return await this.#whenSettled(groupId, (active) => this.#join(active, client, request))
  }

  /** Gives each loaded member a whole session to show itself. */
  #startGroups({ shard, rebalance, consumer, streams, share }: ActiveShard): void {
    consumer.start()
    streams.start()
    share.start()
    const { maxSize } = this.#context.settings()
    for (const group of shard.groups.values()) {
      for (const member of group.members.values()) rebalance.restartSession(group, member)
      if (group.members.size > maxSize) rebalance.prepare(group, `more than group.max.size=${maxSize} members`)
    }
  }
}
