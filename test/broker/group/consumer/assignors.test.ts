import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Assignor, AssignorMember, NewAssignment } from '../../../../src/broker/group/consumer/assignor.ts'
import { rangeAssignor } from '../../../../src/broker/group/consumer/range-assignor.ts'
import { uniformAssignor } from '../../../../src/broker/group/consumer/uniform-assignor.ts'

type Counts = { readonly [topicId: string]: number }
type Readable = { readonly [memberId: string]: { readonly [topicId: string]: readonly number[] } }

function member(memberId: string, topics: readonly string[], target: NewAssignment | null = null): AssignorMember {
  return { memberId, instanceId: null, topicIds: new Set(topics), target: target?.get(memberId) ?? new Map() }
}

function assign(assignor: Assignor, members: readonly AssignorMember[], counts: Counts): NewAssignment {
  return assignor.assign({ members, partitionCount: (topicId) => counts[topicId] ?? 0 })
}

function readable(assignment: NewAssignment): Readable {
  return Object.fromEntries(
    [...assignment].map(([memberId, topics]) => [
      memberId,
      Object.fromEntries([...topics].map(([topicId, each]) => [topicId, [...each].sort((a, b) => a - b)])),
    ]),
  )
}

const sizeOf = (assignment: NewAssignment, memberId: string): number =>
  [...(assignment.get(memberId)?.values() ?? [])].reduce((sum, { size }) => sum + size, 0)

describe('range', () => {
  it('gives each reader a range of each topic, the first ones the extra partitions', () => {
    const members = ['c', 'a', 'b'].map((id) => member(id, ['t', 'u']))
    expect(readable(assign(rangeAssignor, members, { t: 4, u: 4 }))).toEqual({
      a: { t: [0, 1], u: [0, 1] },
      b: { t: [2], u: [2] },
      c: { t: [3], u: [3] },
    })
  })

  it('leaves members what they have when one more comes', () => {
    const first = assign(rangeAssignor, [member('b', ['t']), member('c', ['t'])], { t: 6 })
    const members = ['a', 'b', 'c'].map((id) => member(id, ['t'], first))
    expect(readable(assign(rangeAssignor, members, { t: 6 }))).toEqual({
      a: { t: [2, 5] },
      b: { t: [0, 1] },
      c: { t: [3, 4] },
    })
  })

  it('orders static members by their instance ids', () => {
    const a = { ...member('x', ['t']), instanceId: 'a' }
    const b = { ...member('a', ['t']), instanceId: 'b' }
    expect(readable(assign(rangeAssignor, [b, a], { t: 1 })).x).toEqual({ t: [0] })
  })
})

describe('uniform', () => {
  it('spreads all topics together', () => {
    const members = ['a', 'b'].map((id) => member(id, ['t', 'u']))
    expect(readable(assign(uniformAssignor, members, { t: 3, u: 2 }))).toEqual({
      a: { t: [0, 1, 2] },
      b: { u: [0, 1] },
    })
  })

  it('moves only what it must when a member joins', () => {
    const first = assign(uniformAssignor, [member('a', ['t'])], { t: 4 })
    const members = ['a', 'b'].map((id) => member(id, ['t'], first))
    expect(readable(assign(uniformAssignor, members, { t: 4 }))).toEqual({ a: { t: [0, 1] }, b: { t: [2, 3] } })
  })

  it('evens out loads of members that read different topics', () => {
    const first = assign(uniformAssignor, [member('a', ['t', 'u'])], { t: 4, u: 2 })
    const members = [member('a', ['t', 'u'], first), member('b', ['u'], first)]
    const result = assign(uniformAssignor, members, { t: 4, u: 2 })
    expect(readable(result)).toEqual({ a: { t: [0, 1, 2, 3] }, b: { u: [0, 1] } })
  })

  it('gives nothing to a group without members', () => {
    expect(assign(uniformAssignor, [], {}).size).toBe(0)
  })
})

const TOPICS = ['t', 'u', 'v']
const input = fc.record({
  counts: fc.record({ t: fc.nat(7), u: fc.nat(7), v: fc.nat(7) }),
  subscriptions: fc.array(fc.subarray(TOPICS), { minLength: 1, maxLength: 6 }),
  later: fc.array(fc.subarray(TOPICS), { minLength: 1, maxLength: 6 }),
})

describe.each([rangeAssignor, uniformAssignor])('$name', (assignor) => {
  it('gives each partition that is read to exactly one of its readers, twice over', () => {
    fc.assert(
      fc.property(input, ({ counts, subscriptions, later }) => {
        let target: NewAssignment | null = null
        for (const each of [subscriptions, later]) {
          const members = each.map((topics, i) => member(`m${i}`, topics, target))
          target = assign(assignor, members, counts)
          checkComplete(target, members, counts)
        }
      }),
    )
  })

  it('changes nothing when nothing changed', () => {
    fc.assert(
      fc.property(input, ({ counts, subscriptions }) => {
        const members = subscriptions.map((topics, i) => member(`m${i}`, topics))
        const first = assign(assignor, members, counts)
        const again = subscriptions.map((topics, i) => member(`m${i}`, topics, first))
        expect(readable(assign(assignor, again, counts))).toEqual(readable(first))
      }),
    )
  })
})

it('the uniform assignor balances members that read the same, to within one partition', () => {
  fc.assert(
    fc.property(input, ({ counts, subscriptions, later }) => {
      let target: NewAssignment | null = null
      for (const { length } of [subscriptions, later]) {
        const members = Array.from({ length }, (_, i) => member(`m${i}`, TOPICS, target))
        target = assign(uniformAssignor, members, counts)
        const sizes = members.map(({ memberId }) => sizeOf(target!, memberId))
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

function checkComplete(assignment: NewAssignment, members: readonly AssignorMember[], counts: Counts): void {
  const seen = new Set<string>()
  for (const { memberId, topicIds } of members) {
    for (const [topicId, partitions] of assignment.get(memberId)!) {
      expect(topicIds.has(topicId)).toBe(true)
      for (const partition of partitions) {
        expect(partition).toBeLessThan(counts[topicId]!)
        expect(seen.has(`${topicId}-${partition}`)).toBe(false)
        seen.add(`${topicId}-${partition}`)
      }
    }
  }
  const read = new Set(members.flatMap(({ topicIds }) => [...topicIds]))
  expect(seen.size).toBe([...read].reduce((sum, topicId) => sum + counts[topicId]!, 0))
}
