import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import type { JoinGroupResponse } from '../../../src/protocol/generated/11-join-group.ts'
import type { SyncGroupResponse } from '../../../src/protocol/generated/14-sync-group.ts'
import { GroupHarness, settle, subscription, type Waiting } from './harness.ts'

const CLIENTS = 4

type Step =
  | { readonly kind: 'join'; readonly client: number; readonly topic: string }
  | { readonly kind: 'act' | 'sync' | 'heartbeat' | 'leave' | 'forget'; readonly client: number }
  | { readonly kind: 'commit'; readonly client: number; readonly partition: number; readonly offset: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'hold' | 'release' }

const client = fc.nat(CLIENTS - 1)
const topic = fc.constantFrom('orders', 'payments')

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('act' as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), client, topic }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sync' as const), client }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('heartbeat' as const, 'leave' as const, 'forget' as const), client }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), client, partition: fc.nat(3), offset: fc.nat(1000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 100, 3000, 11_000, 61_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hold' as const, 'release' as const) }) },
)

/** One client as it sees itself, whose requests wait for their answers one after the other. */
interface Client {
  memberId: string
  groupInstanceId: string | null
  joined: JoinGroupResponse | null
  hasAssignment: boolean
  joining: Waiting<JoinGroupResponse> | null
  syncing: Waiting<SyncGroupResponse> | null
}

class Model {
  readonly harness: GroupHarness
  readonly clients: Client[]
  /** What acknowledged commits left. */
  readonly committed = new Map<string, number>()
  readonly #leaders = new Map<number, string>()
  readonly #commits: Promise<void>[] = []
  #lastGeneration = 0

  constructor(harness: GroupHarness) {
    this.harness = harness
    this.clients = Array.from({ length: CLIENTS }, (_, i) => ({
      memberId: '',
      groupInstanceId: i === 0 ? 'static' : null,
      joined: null,
      hasAssignment: false,
      joining: null,
      syncing: null,
    }))
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'advance':
        this.harness.clock.advance(step.ms)
        break
      case 'hold':
        this.harness.holdAppends = true
        break
      case 'release':
        await this.harness.releaseAppends()
        break
      default:
        await this.#runFor(this.clients[step.client]!, step)
    }
    await settle()
    for (const each of this.clients) this.#collect(each)
  }

  async finish(): Promise<void> {
    await this.harness.releaseAppends()
    await Promise.all(this.#commits)
    for (const each of this.clients) this.#collect(each)
  }

  async #runFor(self: Client, step: Extract<Step, { client: number }>): Promise<void> {
    const { joined, memberId, groupInstanceId } = self
    if (step.kind === 'forget') Object.assign(self, { memberId: '', joined: null, joining: null, syncing: null })
    else if (self.joining !== null || self.syncing !== null) return
    else if (step.kind === 'act') await this.#act(self, step.client)
    else if (step.kind === 'join') {
      const protocols = [{ name: 'range', metadata: subscription(step.topic) }]
      self.joining = this.harness.join({ memberId, groupInstanceId, protocols })
    } else if (joined === null) return
    else if (step.kind === 'sync') {
      const { generationId, members } = joined
      const texts = Object.fromEntries(
        members.map((member) => [member.memberId, assignment(generationId, memberId, member.memberId)]),
      )
      self.syncing = this.harness.sync({ memberId, generationId }, texts, { groupInstanceId })
    } else if (step.kind === 'heartbeat') {
      const errorCode = await this.harness.heartbeat(memberId, joined.generationId, groupInstanceId)
      if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) Object.assign(self, { memberId: '', joined: null })
    } else if (step.kind === 'leave') {
      await this.harness.leave({ memberId, groupInstanceId })
      Object.assign(self, { memberId: '', joined: null })
    } else if (step.kind === 'commit') this.#commit(self, joined, step)
  }

  /** What a well-behaved consumer does next. */
  async #act(self: Client, client: number): Promise<void> {
    if (self.joined === null) return this.#runFor(self, { kind: 'join', client, topic: 'orders' })
    if (!self.hasAssignment) return this.#runFor(self, { kind: 'sync', client })
    const { memberId, groupInstanceId, joined } = self
    const errorCode = await this.harness.heartbeat(memberId, joined.generationId, groupInstanceId)
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS)
      await this.#runFor(self, { kind: 'join', client, topic: 'orders' })
    else if (errorCode !== ErrorCode.NONE) Object.assign(self, { memberId: '', joined: null })
  }

  #commit(self: Client, joined: JoinGroupResponse, { partition, offset }: { partition: number; offset: number }): void {
    const { generationId } = joined
    if (self.groupInstanceId !== null) return
    const done = this.harness.commit(offset, { memberId: self.memberId, generationId, partition }).then((errorCode) => {
      if (errorCode === ErrorCode.NONE) this.committed.set(`orders-${partition}`, offset)
    })
    this.#commits.push(done)
  }

  #collect(self: Client): void {
    const joined = self.joining?.value
    if (joined !== undefined) {
      self.joining = null
      this.#checkJoined(self, joined)
    }
    const synced = self.syncing?.value
    if (synced !== undefined) {
      self.syncing = null
      self.hasAssignment = synced.errorCode === ErrorCode.NONE
      if (self.hasAssignment) this.#checkAssignment(self, synced.assignment.toString())
      else self.joined = null
    }
  }

  #checkJoined(self: Client, joined: JoinGroupResponse): void {
    const { errorCode, memberId, generationId, leader } = joined
    if (errorCode === ErrorCode.MEMBER_ID_REQUIRED) self.memberId = memberId
    else if (errorCode === ErrorCode.NONE) {
      Object.assign(self, { memberId, joined, hasAssignment: false })
      expect(generationId).toBeGreaterThanOrEqual(this.#lastGeneration)
      this.#lastGeneration = generationId
      // A static member may take the leader's place within a generation, under its new id.
      const known = this.#leaders.get(generationId)
      if (known !== undefined && !leader.startsWith('static-')) expect(leader).toBe(known)
      this.#leaders.set(generationId, leader)
      if (joined.members.length > 0) expect(leader).toBe(memberId)
    } else if (errorCode !== ErrorCode.REBALANCE_IN_PROGRESS) Object.assign(self, { memberId: '', joined: null })
  }

  #checkAssignment(self: Client, text: string): void {
    const { generationId } = self.joined!
    const [generation, leader, member] = text.split('|')
    expect(Number(generation)).toBe(generationId)
    const isStatic = (memberId: string) => memberId.startsWith('static-')
    if (!isStatic(leader!)) expect(leader).toBe(this.#leaders.get(generationId))
    if (isStatic(self.memberId)) expect(isStatic(member!)).toBe(true)
    else expect(member).toBe(self.memberId)
  }
}

function assignment(generationId: number, leader: string, member: string): string {
  return `${generationId}|${leader}|${member}`
}

it('whatever members do: one generation at a time, assignments of its leader, and a log that rebuilds the state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
      const harness = await GroupHarness.started()
      const model = new Model(harness)
      for (const each of steps) await model.run(each)
      await model.finish()
      expect(await harness.offsets()).toEqual(Object.fromEntries(model.committed))

      const replayed = await harness.restarted()
      expect(await replayed.offsets()).toEqual(await harness.offsets())
      const before = await harness.describe()
      if (before.groupState === 'Stable' || before.groupState === 'Empty')
        expect(await replayed.describe()).toEqual(before)

      // Left alone, a group ends empty, with nobody waiting and nothing scheduled.
      for (let i = 0; i < 20; i++) {
        harness.clock.advance(60_000)
        await settle()
        for (const each of model.clients) if (each.joining !== null || each.syncing !== null) await settle()
      }
      expect(['Empty', 'Dead']).toContain(await harness.state())
      expect(harness.clock.pending).toBe(0)
      for (const { joining, syncing } of model.clients) {
        expect(joining?.pending ?? false).toBe(false)
        expect(syncing?.pending ?? false).toBe(false)
      }
      harness.coordinator.stop()
      replayed.coordinator.stop()
    }),
    { numRuns: 150 },
  )
})
