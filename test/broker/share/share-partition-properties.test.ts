import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/broker/logger.ts'
import { AcknowledgeType } from '../../../src/broker/share/acknowledge.ts'
import { SharePartition } from '../../../src/broker/share/share-partition.ts'
import { combineBatches, type StateBatch } from '../../../src/broker/share/state-batches.ts'
import type { StateWrite } from '../../../src/broker/share/state-shard.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'

const LOCK_MS = 1000
const LIMIT = 4
const MAX_LOCKS = 20
const MEMBERS = ['a', 'b', 'c']

/** What one record of the log is to the group, told without runs, batches or windows. */
interface ModelRecord {
  holder: string | undefined
  lockedUntilMs: number
  deliveries: number
  isDone: boolean
  /** Compaction took it. */
  isGone: boolean
}

type Action =
  | { kind: 'produce'; count: number }
  | { kind: 'fetch'; member: number; maxRecords: number; batchSize: number; isRecordLimit: boolean; maxBatches: number }
  | { kind: 'acknowledge'; member: number; type: number; from: number; count: number; fails: boolean }
  | { kind: 'advance'; ms: number }
  | { kind: 'leave'; member: number }
  | { kind: 'restart' }
  | { kind: 'trim'; by: number }
  | { kind: 'compact'; batch: number }

/** A share partition over a made-up log, with the naive model beside it. */
class World {
  readonly clock = new ManualClock()
  readonly model: ModelRecord[] = []
  readonly batches: { baseOffset: number; lastOffset: number }[] = []
  logStart = 0
  persisted: { startOffset: number; stateBatches: StateBatch[] } = { startOffset: 0, stateBatches: [] }
  failNext = false
  partition: SharePartition

  constructor() {
    this.partition = this.open()
  }

  open(): SharePartition {
    return new SharePartition(
      {
        key: { groupId: 'g', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 0 },
        leaderEpoch: 0,
        clock: this.clock,
        logger: silentLogger,
        config: () => ({
          recordLockDurationMs: LOCK_MS,
          maxRecordLocks: MAX_LOCKS,
          deliveryCountLimit: LIMIT,
          isRenewEnabled: true,
        }),
        write: async (write) => this.write(write),
        changed: () => {},
        fenced: () => {},
      },
      { stateEpoch: 1, ...this.persisted },
    )
  }

  write({ startOffset, stateBatches }: StateWrite): void {
    if (this.failNext) {
      this.failNext = false
      throw new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    }
    const merged = combineBatches(this.persisted.stateBatches, stateBatches, startOffset)
    this.persisted = { startOffset, stateBatches: merged }
  }

  released(record: ModelRecord): void {
    record.holder = undefined
    if (record.deliveries >= LIMIT) record.isDone = true
  }

  async run(action: Action): Promise<void> {
    switch (action.kind) {
      case 'produce': {
        const baseOffset = this.model.length
        for (let i = 0; i < action.count; i++) {
          this.model.push({ holder: undefined, lockedUntilMs: 0, deliveries: 0, isDone: false, isGone: false })
        }
        this.batches.push({ baseOffset, lastOffset: this.model.length - 1 })
        return
      }
      case 'fetch':
        this.fetch(action)
        return
      case 'acknowledge':
        await this.acknowledge(action)
        return
      case 'advance': {
        this.clock.advance(action.ms)
        const nowMs = this.clock.monotonicMs()
        for (const record of this.model) {
          if (record.holder !== undefined && record.lockedUntilMs <= nowMs) this.released(record)
        }
        await settle()
        return
      }
      case 'leave': {
        const member = MEMBERS[action.member]!
        await this.partition.release(member)
        for (const record of this.model) if (record.holder === member) this.released(record)
        return
      }
      case 'restart':
        this.partition.close()
        for (const record of this.model) if (record.holder !== undefined) this.forget(record)
        this.partition = this.open()
        this.partition.logStartMoved(this.logStart)
        return
      case 'compact': {
        const [gone] = this.batches.splice(action.batch, 1)
        if (gone === undefined) return
        for (const record of this.model.slice(gone.baseOffset, gone.lastOffset + 1)) record.isGone = true
        return
      }
      case 'trim':
        this.logStart = Math.min(this.model.length, this.logStart + action.by)
        this.partition.logStartMoved(this.logStart)
        for (const record of this.model.slice(0, this.logStart))
          Object.assign(record, { isDone: true, holder: undefined })
        return
    }
  }

  /** Locks are memory only, and so is a delivery that nobody has said anything of. */
  forget(record: ModelRecord): void {
    record.holder = undefined
    record.deliveries--
  }

  fetch(action: Extract<Action, { kind: 'fetch' }>): void {
    const { partition } = this
    if (!partition.tryRead()) return
    const fetchOffset = partition.nextFetchOffset
    const batches = this.batches.filter(({ lastOffset }) => lastOffset >= fetchOffset).slice(0, action.maxBatches)
    const memberId = MEMBERS[action.member]!
    const { maxRecords, batchSize, isRecordLimit } = action
    const acquired = partition.acquire({ memberId, fetchOffset, batches, maxRecords, batchSize, isRecordLimit })
    partition.endRead(true)
    let count = 0
    for (const { first, last, deliveryCount } of acquired) {
      expect(last).toBeGreaterThanOrEqual(first)
      for (let offset = first; offset <= last; offset++) {
        const record = this.model[offset]!
        // Never two holders at once, nothing again that is done with, and every delivery is counted.
        expect(record.holder).toBeUndefined()
        expect(record.isDone).toBe(false)
        expect(record.isGone && deliveryCount === 1 && offset < batches[0]!.baseOffset).toBe(false)
        expect(deliveryCount).toBe(record.deliveries + 1)
        expect(deliveryCount).toBeLessThanOrEqual(LIMIT)
        record.deliveries++
        record.holder = memberId
        record.lockedUntilMs = this.clock.monotonicMs() + LOCK_MS
        count++
      }
    }
    if (isRecordLimit) expect(count).toBeLessThanOrEqual(maxRecords)
    // What can be read and is free is handed out, at least some of it.
    const isCompacted = this.model.some(({ isGone }) => isGone)
    if (batches.length > 0 && !isCompacted) expect(count).toBeGreaterThan(0)
  }

  async acknowledge(action: Extract<Action, { kind: 'acknowledge' }>): Promise<void> {
    const memberId = MEMBERS[action.member]!
    const mine = this.model.flatMap((record, offset) => (record.holder === memberId ? [offset] : []))
    const first = mine[action.from % Math.max(1, mine.length)]
    if (first === undefined) return
    let last = first
    while (last - first + 1 < action.count && this.model[last + 1]?.holder === memberId) last++
    this.failNext = action.fails && action.type !== AcknowledgeType.RENEW
    const batch = { firstOffset: first, lastOffset: last, types: [action.type] }
    const error: unknown = await this.partition.acknowledge(memberId, [batch]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (this.failNext || error !== undefined) {
      this.failNext = false
      expect(action.fails).toBe(true)
      return
    }
    for (const record of this.model.slice(first, last + 1)) {
      if (action.type === AcknowledgeType.RENEW) record.lockedUntilMs = this.clock.monotonicMs() + LOCK_MS
      else if (action.type === AcknowledgeType.RELEASE) this.released(record)
      else Object.assign(record, { isDone: true, holder: undefined })
    }
  }

  /** Every record that isn't done with is delivered in the end. */
  async drain(): Promise<void> {
    for (const member of [0, 1, 2]) await this.run({ kind: 'leave', member })
    for (let round = 0; round < 1000 && this.model.some(isLeft); round++) {
      await this.run({ kind: 'fetch', member: 0, maxRecords: 7, batchSize: 5, isRecordLimit: false, maxBatches: 3 })
      await this.run({ kind: 'acknowledge', member: 0, type: 1, from: 0, count: 100, fails: false })
    }
    expect(this.model.filter(isLeft)).toEqual([])
    if (this.model.some(({ isGone }) => isGone)) return
    expect(this.partition.startOffset).toBe(Math.max(this.model.length, this.logStart))
  }
}

const isLeft = ({ isDone, isGone }: ModelRecord): boolean => !isDone && !isGone

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const member = fc.nat(MEMBERS.length - 1)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('fetch' as const),
      member,
      maxRecords: fc.integer({ min: 1, max: 12 }),
      batchSize: fc.integer({ min: 1, max: 8 }),
      isRecordLimit: fc.boolean(),
      maxBatches: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('acknowledge' as const),
      member,
      type: fc.constantFrom(0, 1, 2, 2, 3, 4),
      from: fc.nat(20),
      count: fc.integer({ min: 1, max: 8 }),
      fails: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 1200 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), member }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), by: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), batch: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)

describe('a share partition against a naive model', () => {
  it('delivers every record until it is done with, and never to two members at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 80 }), async (actions) => {
        const world = new World()
        for (const each of actions) await world.run(each)
        await world.drain()
      }),
      { numRuns: 300 },
    )
  })
})
