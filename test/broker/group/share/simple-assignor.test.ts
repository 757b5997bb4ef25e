import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignSimple, type SharedMember } from '../../../../src/broker/group/share/simple-assignor.ts'

const member = (memberId: string, topicIds: string[], target: [string, number[]][] = []): SharedMember => ({
  memberId,
  topicIds: new Set(topicIds),
  target: new Map(target.map(([topicId, partitions]) => [topicId, new Set(partitions)])),
})
const assignable = (topics: Record<string, number>) =>
  new Map(Object.entries(topics).map(([id, count]) => [id, new Set(Array.from({ length: count }, (_, i) => i))]))

describe('the simple assignor', () => {
  it('leaves members what they have when nothing changes', () => {
    const members = [member('a', ['t'], [['t', [1, 3]]]), member('b', ['t'], [['t', [0, 2]]])]
    const assigned = assignSimple(members, assignable({ t: 4 }))
    expect(assigned.get('a')).toEqual(members[0]!.target)
    expect(assigned.get('b')).toEqual(members[1]!.target)
  })

  it('assigns what has state only', () => {
    expect(assignSimple([member('a', ['t', 'u'])], assignable({ t: 1 })).get('a')).toEqual(
      new Map([['t', new Set([0])]]),
    )
  })

  it('uses every partition, gives every member some, and nobody much more than others', () => {
    const topics = ['t', 'u', 'v']
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...topics), fc.integer({ min: 1, max: 7 }), {
          minKeys: 1,
          noNullPrototype: true,
        }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.tuple(fc.nat(11), fc.constantFrom(...topics), fc.nat(6)), { maxLength: 20 }),
        (counts, size, had) => {
          const ids = Object.keys(counts)
          const members = Array.from({ length: size }, (_, i) => {
            const target = new Map<string, number[]>()
            for (const [who, topic, partition] of had) {
              if (who === i && !target.get(topic)?.includes(partition))
                target.set(topic, [...(target.get(topic) ?? []), partition])
            }
            return member(`m${i}`, ids, [...target])
          })
          const assigned = assignSimple(members, assignable(counts))
          const total = Object.values(counts).reduce((a, b) => a + b, 0)
          const sharers = new Map<string, number>()
          const sizes = [...assigned.values()].map((topicsOf) => {
            let count = 0
            for (const [topic, partitions] of topicsOf) {
              for (const partition of partitions) {
                expect(partition).toBeLessThan(counts[topic]!)
                sharers.set(`${topic}-${partition}`, (sharers.get(`${topic}-${partition}`) ?? 0) + 1)
                count++
              }
            }
            return count
          })
          expect(sharers.size).toBe(total)
          expect(Math.min(...sizes)).toBeGreaterThan(0)
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2)
          expect(Math.max(...sharers.values())).toBeLessThanOrEqual(Math.ceil(size / total) + 1)
        },
      ),
    )
  })
})
