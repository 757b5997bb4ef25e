import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combineBatches, type StateBatch } from '../../../src/broker/share/state-batches.ts'

const batch = (firstOffset: number, lastOffset: number, deliveryState: number, deliveryCount: number): StateBatch => ({
  firstOffset,
  lastOffset,
  deliveryState,
  deliveryCount,
})

describe('combineBatches', () => {
  it('joins neighbours of the same state and drops what lies below the start', () => {
    const combined = combineBatches([batch(0, 4, 2, 1), batch(5, 9, 2, 1)], [batch(10, 12, 0, 1)], 3)
    expect(combined).toEqual([batch(3, 9, 2, 1), batch(10, 12, 0, 1)])
  })

  it('lets more deliveries win, then the later state', () => {
    expect(combineBatches([batch(0, 9, 0, 1)], [batch(3, 5, 0, 2)], -1)).toEqual([
      batch(0, 2, 0, 1),
      batch(3, 5, 0, 2),
      batch(6, 9, 0, 1),
    ])
    expect(combineBatches([batch(0, 9, 0, 1)], [batch(0, 9, 2, 1)], -1)).toEqual([batch(0, 9, 2, 1)])
    expect(combineBatches([batch(0, 9, 0, 2)], [batch(0, 9, 2, 1)], -1)).toEqual([batch(0, 9, 0, 2)])
  })

  it('says of every offset what the strongest batch does, as shortly as possible', () => {
    const arbitrary = fc
      .tuple(fc.nat(30), fc.nat(8), fc.constantFrom(0, 2, 4), fc.integer({ min: 1, max: 3 }))
      .map(([first, length, state, count]) => batch(first, first + length, state, count))
    fc.assert(
      fc.property(
        fc.array(arbitrary, { maxLength: 6 }),
        fc.array(arbitrary, { maxLength: 6 }),
        fc.nat(20),
        (a, b, start) => {
          const combined = combineBatches(a, b, start)
          const strength = (each: StateBatch) => each.deliveryCount * 10 + each.deliveryState
          for (let offset = 0; offset < 50; offset++) {
            const covering = [...a, ...b].filter((each) => each.firstOffset <= offset && each.lastOffset >= offset)
            const found = combined.filter((each) => each.firstOffset <= offset && each.lastOffset >= offset)
            const expected = offset < start || covering.length === 0 ? [] : [Math.max(...covering.map(strength))]
            expect(found.map(strength)).toEqual(expected)
          }
          for (const [i, next] of combined.slice(1).entries()) {
            const before = combined[i]!
            expect(next.firstOffset).toBeGreaterThan(before.lastOffset)
            const touches = next.firstOffset === before.lastOffset + 1
            expect(touches && strength(next) === strength(before)).toBe(false)
          }
        },
      ),
    )
  })
})
