import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ConsumerGroup } from '../../../../src/broker/group/consumer/consumer-group.ts'
import { ConsumerProtocol } from '../../../../src/broker/group/consumer/consumer-protocol.ts'
import { Rebalance } from '../../../../src/broker/group/rebalance.ts'
import { GroupShard } from '../../../../src/broker/group/shard.ts'
import { type Draft, decode, encode } from '../../../../src/protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../../src/protocol/errors.ts'
import { ConsumerGroupHeartbeatRequest } from '../../../../src/protocol/generated/68-consumer-group-heartbeat.ts'
import { settle, TOPIC_IDS } from '../harness.ts'
import { ConsumerHarness } from './consumer-harness.ts'

const CLIENTS = 5
const SUBSCRIPTIONS = [['orders'], ['payments'], ['orders', 'payments'], []] as const
const REGEXES = ['ord.*', '.*'] as const
const GROUP = 'g'

type Step =
  | { readonly kind: 'beat' | 'leave' | 'rest' | 'crash'; readonly client: number }
  | { readonly kind: 'subscribe'; readonly client: number; readonly topics: number }
  | { readonly kind: 'regex'; readonly client: number; readonly regex: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'grow' | 'hold' | 'release' | 'fail' }

const client = fc.nat(CLIENTS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('beat' as const), client }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'rest' as const, 'crash' as const), client }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('subscribe' as const), client, topics: fc.nat(SUBSCRIPTIONS.length - 1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('regex' as const), client, regex: fc.nat(REGEXES.length - 1) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(100, 1000, 11_000, 30_000, 61_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('grow' as const, 'hold' as const, 'release' as const, 'fail' as const),
    }),
  },
)

/** A consumer as it sees itself. It gives partitions up as soon as it is told to, and says so with its next heartbeat. */
interface Client {
  memberId: string
  readonly instanceId: string | null
  epoch: number
  topics: readonly string[]
  regex: string
  /** By topic id. */
  owned: Map<string, readonly number[]>
  /** What it last told the broker of its subscription. */
  told: string
  waiting: boolean
}

class Model {
  readonly harness = new ConsumerHarness()
  readonly shard = new GroupShard(0, this.harness.context())
  readonly protocol = new ConsumerProtocol(this.shard, new Rebalance(this.shard))
  readonly clients: Client[]
  #ids = 0

  constructor() {
    this.harness.consumer.values.assignmentIntervalMs = 1000
    this.clients = Array.from({ length: CLIENTS }, (_, i) => ({
      memberId: this.#newId(),
      instanceId: i === 0 ? 'static' : null,
      epoch: 0,
      topics: SUBSCRIPTIONS[i % SUBSCRIPTIONS.length]!,
      regex: '',
      owned: new Map(),
      told: '',
      waiting: false,
    }))
  }

  get group(): ConsumerGroup | undefined {
    return this.shard.consumerGroups.get(GROUP)
  }

  async run(each: Step): Promise<void> {
    const { harness } = this
    if ('client' in each) this.#act(this.clients[each.client]!, each)
    else if (each.kind === 'advance') harness.clock.advance(each.ms)
    else if (each.kind === 'hold') harness.holdAppends = true
    else if (each.kind === 'fail') harness.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    else if (each.kind === 'release') await this.release()
    else this.#grow()
    await settle()
    this.checkOwners()
  }

  async release(): Promise<void> {
    this.harness.appendError = undefined
    await this.harness.releaseAppends()
  }

  /** No partition has two owners: neither by the coordinator's books nor by what living clients believe. */
  checkOwners(): void {
    const booked = new Set<string>()
    const believed = new Set<string>()
    const claim = (set: Set<string>, topicId: string, partition: number) => {
      expect(set.has(`${topicId}-${partition}`)).toBe(false)
      set.add(`${topicId}-${partition}`)
    }
    for (const member of this.group?.members.values() ?? []) {
      for (const assignment of [member.assigned, member.pendingRevocation]) {
        for (const [topicId, each] of assignment) for (const partition of each.keys()) claim(booked, topicId, partition)
      }
      const self = this.clients.find(({ memberId, epoch }) => memberId === member.memberId && epoch > 0)
      for (const [topicId, each] of self?.owned ?? []) for (const partition of each) claim(believed, topicId, partition)
    }
  }

  /** Lets everyone go on undisturbed; in the end each partition that is read has an owner. */
  async finish(): Promise<void> {
    await this.release()
    await settle()
    for (let round = 0; round < 16; round++) {
      for (const each of this.clients) {
        await this.#beat(each)
        await settle()
        this.checkOwners()
      }
      this.harness.clock.advance(round === 0 ? 11_000 : 6000)
      await settle()
    }
    const group = this.group!
    expect(group.state).toBe('Stable')
    const read = new Map([...group.subscribedTopics].map((name) => [TOPIC_IDS[name]!, this.harness.topics.get(name)!]))
    const counts = new Map<string, number>()
    for (const member of group.members.values()) {
      const self = this.clients.find(({ memberId }) => memberId === member.memberId)
      for (const [topicId, each] of member.assigned) {
        counts.set(topicId, (counts.get(topicId) ?? 0) + each.size)
        if (self !== undefined) expect(new Set(self.owned.get(topicId))).toEqual(new Set(each.keys()))
      }
    }
    expect(counts).toEqual(new Map([...read].filter(([, count]) => count > 0)))
  }

  #grow(): void {
    this.harness.topics.set('payments', (this.harness.topics.get('payments') ?? 0) + 1)
    if (this.group !== undefined) this.group.metadataChanged = true
  }

  #newId(): string {
    return `m${++this.#ids}`
  }

  #act(self: Client, each: Extract<Step, { client: number }>): void {
    if (each.kind === 'crash')
      Object.assign(self, { memberId: this.#newId(), epoch: 0, owned: new Map(), waiting: false })
    else if (each.kind === 'subscribe') Object.assign(self, { topics: SUBSCRIPTIONS[each.topics]!, regex: '' })
    else if (each.kind === 'regex') Object.assign(self, { topics: [], regex: REGEXES[each.regex]! })
    else if (each.kind === 'leave' && self.epoch > 0) void this.#leave(self, -1)
    else if (each.kind === 'rest' && self.epoch > 0) void this.#leave(self, self.instanceId === null ? -1 : -2)
    else if (each.kind === 'beat') void this.#beat(self)
  }

  async #send(self: Client, draft: Draft<ConsumerGroupHeartbeatRequest>) {
    const { memberId, instanceId } = self
    const full = { groupId: GROUP, memberId, instanceId, rebalanceTimeoutMs: -1, ...draft }
    const request = decode(ConsumerGroupHeartbeatRequest, encode(ConsumerGroupHeartbeatRequest, full, 1), 1)
    self.waiting = true
    try {
      const answer = await this.protocol.heartbeat({ clientId: 'c', clientHost: '/127.0.0.1', version: 1 }, request)
      return self.memberId === memberId ? answer : null
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      if (self.memberId !== memberId) return null
      const lost: number[] = [ErrorCode.FENCED_MEMBER_EPOCH, ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.FENCED_INSTANCE_ID]
      if (lost.includes(error.code)) Object.assign(self, { epoch: 0, owned: new Map() })
      if (error.code === ErrorCode.FENCED_INSTANCE_ID) self.memberId = this.#newId()
      // The answer was lost: everything has to be said again.
      self.told = ''
      return null
    } finally {
      if (self.memberId === memberId) self.waiting = false
    }
  }

  async #leave(self: Client, memberEpoch: number): Promise<void> {
    if (self.waiting) return
    self.owned = new Map()
    const answer = await this.#send(self, { memberEpoch })
    if (answer !== null) Object.assign(self, { memberId: this.#newId(), epoch: 0 })
  }

  async #beat(self: Client): Promise<void> {
    if (self.waiting) return
    const { topics, regex } = self
    const subscription = JSON.stringify([topics, regex])
    const isFull = self.epoch === 0 || self.told !== subscription
    const topicPartitions = [...self.owned].map(([topicId, partitions]) => ({ topicId, partitions }))
    const answer = await this.#send(self, {
      memberEpoch: self.epoch,
      topicPartitions: self.epoch === 0 ? [] : topicPartitions,
      ...(isFull ? { rebalanceTimeoutMs: 60_000, subscribedTopicNames: topics, subscribedTopicRegex: regex } : {}),
    })
    if (answer === null) return
    self.epoch = answer.memberEpoch!
    self.told = subscription
    const { assignment } = answer
    if (assignment == null) return
    self.owned = new Map(assignment.topicPartitions!.map(({ topicId, partitions }) => [topicId!, partitions!]))
  }
}

/** A group without what is only in memory. */
function persistent(group: ConsumerGroup) {
  const { groupEpoch, metadataHash, assignmentEpoch, assignmentTimestampMs, members, targets, regexes } = group
  return { groupEpoch, metadataHash, assignmentEpoch, assignmentTimestampMs, members, targets, regexes }
}

it('never gives a partition to two members, gives all of them out in the end, and replays to the same group', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const model = new Model()
      for (const each of steps) await model.run(each)
      await model.finish()
      expect(persistent(model.harness.replayed().get(GROUP)!)).toEqual(persistent(model.group!))
      model.protocol.close()
      model.shard.close()
      expect(model.harness.clock.pending).toBe(0)
    }),
    { numRuns: 60 },
  )
}, 60_000)
