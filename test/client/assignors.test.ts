import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Assignor,
  type AssignorMember,
  assignorOf,
  cooperativeStickyAssignor,
  type MemberAssignment,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
} from '../../src/client/consumer/assignors.ts'
import { topicPartitionKey } from '../../src/client/types.ts'

const member = (memberId: string, topics: string[], more: Partial<AssignorMember> = {}): AssignorMember => ({
  memberId,
  groupInstanceId: null,
  topics,
  owned: [],
  generation: -1,
  ...more,
})
const shown = (assignment: MemberAssignment): Record<string, string> =>
  Object.fromEntries([...assignment].map(([id, tps]) => [id, tps.map(topicPartitionKey).join(' ')]))

/** Members with topics out of three, and the topics' partition counts. */
const groups = fc.record({
  members: fc.uniqueArray(
    fc.record({ id: fc.stringMatching(/^[a-z]{1,4}$/), topics: fc.subarray(['x', 'y', 'z'], { minLength: 1 }) }),
    { minLength: 1, maxLength: 6, selector: ({ id }) => id },
  ),
  counts: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 9 }))),
})

describe.each([rangeAssignor, roundRobinAssignor, stickyAssignor, cooperativeStickyAssignor])(
  '$name',
  (assignor: Assignor) => {
    it('gives every partition to exactly one member that wants it', () => {
      fc.assert(
        fc.property(groups, ({ members, counts }) => {
          const all = members.map(({ id, topics }) => member(id, topics))
          const partitionCounts = new Map(['x', 'y', 'z'].map((topic, i) => [topic, counts[i] as number]))
          const assignment = assignor.assign(all, partitionCounts)
          const given = [...assignment.values()].flat().map(topicPartitionKey)
          const wanted = [...partitionCounts].flatMap(([topic, count]) =>
            all.some((m) => m.topics.includes(topic))
              ? Array.from({ length: count }, (_, partition) => topicPartitionKey({ topic, partition }))
              : [],
          )
          expect(given.sort()).toEqual(wanted.sort())
          for (const { memberId, topics } of all) {
            expect(assignment.get(memberId)?.every((tp) => topics.includes(tp.topic))).toBe(true)
          }
        }),
      )
    })

    it('is known by its name and its Java class', () => {
      expect(assignorOf(assignor.name)).toBe(assignor)
      const simple = assignor.name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
      const className = simple === 'Roundrobin' ? 'RoundRobin' : simple
      expect(assignorOf(`org.apache.kafka.clients.consumer.${className}Assignor`)).toBe(assignor)
    })
  },
)

describe('as in Java', () => {
  const counts = new Map([
    ['x', 3],
    ['y', 3],
  ])
  const two = [member('b', ['x', 'y']), member('a', ['x', 'y'])]

  it('range', () => {
    expect(shown(rangeAssignor.assign(two, counts))).toEqual({ a: 'x-0 x-1 y-0 y-1', b: 'x-2 y-2' })
  })

  it('range, static members first', () => {
    const members = [member('a', ['x']), member('z', ['x'], { groupInstanceId: 'i' })]
    expect(shown(rangeAssignor.assign(members, counts))).toEqual({ z: 'x-0 x-1', a: 'x-2' })
  })

  it('roundrobin', () => {
    expect(shown(roundRobinAssignor.assign(two, counts))).toEqual({ a: 'x-0 x-2 y-1', b: 'x-1 y-0 y-2' })
  })
})

describe('sticky', () => {
  const counts = new Map([['x', 4]])
  const all = [0, 1, 2, 3].map((partition) => ({ topic: 'x', partition }))

  it('moves no more than balance needs', () => {
    const members = [member('a', ['x'], { owned: all, generation: 1 }), member('b', ['x'])]
    expect(shown(stickyAssignor.assign(members, counts))).toEqual({ a: 'x-0 x-1', b: 'x-2 x-3' })
  })

  it('believes the later of two who claim the same', () => {
    const members = [
      member('a', ['x'], { owned: all.slice(0, 2), generation: 1 }),
      member('b', ['x'], { owned: all.slice(0, 2), generation: 2 }),
    ]
    expect(shown(stickyAssignor.assign(members, counts))).toEqual({ a: 'x-2 x-3', b: 'x-0 x-1' })
  })

  it('gives nothing away that its owner has not let go of, when cooperative', () => {
    const members = [member('a', ['x'], { owned: all, generation: 1 }), member('b', ['x'])]
    expect(shown(cooperativeStickyAssignor.assign(members, counts))).toEqual({ a: 'x-0 x-1', b: '' })
  })
})
