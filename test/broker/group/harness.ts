import { ManualClock } from '../../../src/base/clock.ts'
import { offsetCommit } from '../../../src/broker/apis/08-offset-commit.ts'
import { offsetFetch } from '../../../src/broker/apis/09-offset-fetch.ts'
import { joinGroup } from '../../../src/broker/apis/11-join-group.ts'
import { heartbeat } from '../../../src/broker/apis/12-heartbeat.ts'
import { leaveGroup } from '../../../src/broker/apis/13-leave-group.ts'
import { syncGroup } from '../../../src/broker/apis/14-sync-group.ts'
import { describeGroups } from '../../../src/broker/apis/15-describe-groups.ts'
import { ALLOW_ALL } from '../../../src/broker/authorizer/authorizer.ts'
import type { ApiDefinition, RequestContext } from '../../../src/broker/define-api.ts'
import type {
  CoordinatorRecord,
  GroupContext,
  GroupSettings,
  LoadedMarker,
  LoadedRecord,
} from '../../../src/broker/group/group-context.ts'
import { GroupCoordinator } from '../../../src/broker/group/group-coordinator.ts'
import type { InternalTopic } from '../../../src/broker/group/streams/configured-topology.ts'
import type { StreamsGroupConfig, StreamsGroupSettings } from '../../../src/broker/group/streams/streams-context.ts'
import { silentLogger } from '../../../src/broker/logger.ts'
import { type Draft, decode, encode, encodeVersioned } from '../../../src/protocol/codec.ts'
import type { KafkaError } from '../../../src/protocol/errors.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../../src/protocol/generated/11-join-group.ts'
import type { SyncGroupResponse } from '../../../src/protocol/generated/14-sync-group.ts'
import { ConsumerProtocolSubscription } from '../../../src/protocol/generated/data/consumer-protocol-subscription.ts'
import { FakeConsumerContext } from './consumer-context.ts'
import { FakeShareContext } from './share-context.ts'

export const MINUTE_MS = 60_000

export const TOPIC_IDS: { readonly [name: string]: string } = {
  orders: 'ieNRKoXXT36PAbpPeBPVcA',
  payments: 'aZbDGU_iSi2EOS6SJdSsbg',
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A promise that can be asked whether it is done. */
export class Waiting<T> {
  value: T | undefined
  readonly done: Promise<T>

  constructor(promise: Promise<T>) {
    this.done = promise.then((value) => {
      this.value = value
      return value
    })
  }

  get pending(): boolean {
    return this.value === undefined
  }
}

/** A group coordinator on a log in memory, reached through the APIs' handlers so that codecs and versions take part. */
export class GroupHarness {
  readonly clock = new ManualClock()
  readonly log: LoadedRecord[] = []
  readonly settings: { -readonly [K in keyof GroupSettings]: GroupSettings[K] } = {
    offsetsRetentionMs: 7 * 24 * 60 * MINUTE_MS,
    offsetsRetentionCheckIntervalMs: 10 * MINUTE_MS,
    offsetMetadataMaxSize: 20,
    minSessionTimeoutMs: 6000,
    maxSessionTimeoutMs: 30 * MINUTE_MS,
    initialRebalanceDelayMs: 0,
    maxSize: 100,
  }
  readonly topics = new Map<string, number>([
    ['orders', 4],
    ['payments', 2],
  ])
  readonly consumer = new FakeConsumerContext(this.topics, TOPIC_IDS)
  readonly streams: { -readonly [K in keyof (StreamsGroupSettings & StreamsGroupConfig)]: number } = {
    maxSize: 100,
    sessionTimeoutMs: 45_000,
    heartbeatIntervalMs: 5000,
    numStandbyReplicas: 0,
    initialRebalanceDelayMs: 0,
    assignmentIntervalMs: 0,
  }
  /** Stands in for what makes the topics that streams groups need. */
  readonly streamsTopics = {
    create: (_topics: readonly InternalTopic[]): void => {},
    failure: (_name: string): string | undefined => undefined,
  }
  readonly share = new FakeShareContext()
  partitionCount = 1
  /** Set: appends fail with it. */
  appendError: KafkaError | undefined
  /** Set: appends wait for `releaseAppends`. */
  holdAppends = false
  appends = 0
  coordinator: GroupCoordinator
  #held: (() => void)[] = []

  constructor() {
    this.coordinator = new GroupCoordinator(this.context())
  }

  static async started(): Promise<GroupHarness> {
    const harness = new GroupHarness()
    await harness.coordinator.load(0, [])
    return harness
  }

  context(): GroupContext {
    return {
      clock: this.clock,
      logger: silentLogger,
      settings: () => this.settings,
      ensureOffsetsTopic: async () => {
        this.partitionCount = 1
        await this.coordinator.load(0, [])
      },
      offsetsPartitionCount: () => this.partitionCount,
      append: async (_partition, records) => this.append(records),
      topicName: (id) => [...this.topics.keys()].find((name) => TOPIC_IDS[name] === id),
      topicId: (name) => (this.topics.has(name) ? TOPIC_IDS[name] : undefined),
      partitionCountOf: (name) => this.topics.get(name) ?? 0,
      consumer: this.consumer,
      streams: { settings: () => this.streams, groupConfig: () => this.streams },
      share: this.share,
    }
  }

  async append(records: readonly CoordinatorRecord[]): Promise<void> {
    this.appends++
    if (this.holdAppends) await new Promise<void>((resolve) => this.#held.push(resolve))
    if (this.appendError !== undefined) throw this.appendError
    for (const { key, value } of records) {
      this.log.push({ kind: 'record', key, value, offset: this.log.length, producerId: -1 })
    }
  }

  async releaseAppends(): Promise<void> {
    this.holdAppends = false
    for (const release of this.#held.splice(0)) release()
    await settle()
  }

  /** The coordinator of the same log after a restart. */
  async restarted(extra: readonly (LoadedRecord | LoadedMarker)[] = []): Promise<GroupHarness> {
    const next = new GroupHarness()
    next.clock.setNowMs(this.clock.nowMs())
    next.log.push(...this.log)
    Object.assign(next.settings, this.settings)
    Object.assign(next.consumer.values, this.consumer.values)
    Object.assign(next.streams, this.streams)
    for (const [topic, count] of this.topics) next.topics.set(topic, count)
    await next.coordinator.load(0, [...this.log, ...extra])
    return next
  }

  /** Calls a handler as the broker would: the request from bytes, the response to bytes and back. */
  async call<Q, S>(api: ApiDefinition<Q, S>, version: number, draft: Draft<Q>, clientId = 'client'): Promise<S> {
    const request = decode(api.request, encode(api.request, draft, version), version)
    const connection = { remoteAddress: '127.0.0.1', listenerName: 'PLAINTEXT' }
    const { topicName } = this.context()
    const versions: [string, number][] = [
      ['group.version', 1],
      ['streams.version', 1],
      ['share.version', 1],
    ]
    const metadata = { features: new Map(versions), topicName, topics: new Map() }
    const config = { list: () => ['classic', 'consumer', 'streams'] }
    const { clock, coordinator: groups, streamsTopics } = this
    const services = { groups, clock, logger: silentLogger, metadata, config, authorizer: ALLOW_ALL, streamsTopics }
    const context = { services, connection, version, clientId, correlationId: 1 } as unknown as RequestContext
    const response = await api.handle(context, request)
    if (typeof response === 'symbol') throw new Error('the handler gave no response')
    return decode(api.response, encode(api.response, response as Draft<S>, version), version)
  }

  join(draft: Draft<JoinGroupRequest> = {}, version = 9, clientId = 'client'): Waiting<JoinGroupResponse> {
    const request: Draft<JoinGroupRequest> = {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('orders') }],
      ...draft,
    }
    return new Waiting(this.call(joinGroup, version, request, clientId))
  }

  /** Joins as a new client does, by way of MEMBER_ID_REQUIRED. */
  async joinAsNew(draft: Draft<JoinGroupRequest> = {}): Promise<Waiting<JoinGroupResponse>> {
    const { memberId } = await this.join(draft).done
    return this.join({ ...draft, memberId })
  }

  sync(
    member: { memberId: string; generationId: number },
    assignments: { [memberId: string]: string } = {},
    draft = {},
  ) {
    const request = {
      groupId: 'g',
      ...member,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: Object.entries(assignments).map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
      ...draft,
    }
    return new Waiting<SyncGroupResponse>(
      this.call(syncGroup, 5, {
        groupId: request.groupId,
        memberId: request.memberId,
        generationId: request.generationId,
        protocolType: request.protocolType,
        protocolName: request.protocolName,
        assignments: request.assignments,
        ...draft,
      }),
    )
  }

  async heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null): Promise<number> {
    return (await this.call(heartbeat, 4, { groupId: 'g', memberId, generationId, groupInstanceId })).errorCode
  }

  leave(...members: { memberId?: string; groupInstanceId?: string | null }[]) {
    return this.call(leaveGroup, 5, { groupId: 'g', members })
  }

  async describe(groupId = 'g') {
    return (await this.call(describeGroups, 6, { groups: [groupId] })).groups[0]!
  }

  async state(groupId = 'g'): Promise<string> {
    return (await this.describe(groupId)).groupState
  }

  /** Commits one offset; @returns its error code. */
  async commit(offset: number, draft: CommitDraft = {}, version = 9): Promise<number> {
    const { topic = 'orders', partition = 0, metadata = '', memberId = '', generationId = -1, groupId = 'g' } = draft
    const response = await this.call(offsetCommit, version, {
      groupId,
      memberId,
      generationIdOrMemberEpoch: generationId,
      topics: [
        {
          ...(version >= 10 ? { topicId: TOPIC_IDS[topic] } : { name: topic }),
          partitions: [{ partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: metadata }],
        },
      ],
    })
    return response.topics[0]!.partitions[0]!.errorCode
  }

  /** Everything a group has committed, as { 'topic-partition': offset }. */
  async offsets(groupId = 'g'): Promise<{ [position: string]: number }> {
    const { groups } = await this.call(offsetFetch, 9, { groups: [{ groupId, topics: null }] })
    const out: { [position: string]: number } = {}
    for (const { name, partitions } of groups[0]!.topics) {
      for (const { partitionIndex, committedOffset } of partitions)
        out[`${name}-${partitionIndex}`] = Number(committedOffset)
    }
    return out
  }

  /** A group of one member in state Stable. */
  async stable(draft: Draft<JoinGroupRequest> = {}): Promise<JoinGroupResponse> {
    const waiting = await this.joinAsNew(draft)
    await settle()
    this.clock.advance(this.settings.initialRebalanceDelayMs)
    const joined = await waiting.done
    await this.sync(joined, { [joined.memberId]: `all of ${joined.memberId}` }, { groupId: draft.groupId ?? 'g' }).done
    return joined
  }
}

export interface CommitDraft {
  topic?: string
  partition?: number
  metadata?: string
  memberId?: string
  generationId?: number
  groupId?: string
}

/** A consumer's metadata: the topics it reads. */
export function subscription(...topics: string[]): Buffer {
  return encodeVersioned(ConsumerProtocolSubscription, { topics, userData: null }, 0)
}
