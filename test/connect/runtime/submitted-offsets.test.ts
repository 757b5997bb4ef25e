import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SubmittedOffsets } from '../../../src/connect/runtime/submitted-offsets.ts'

describe('SubmittedOffsets', () => {
  it('lets no offset be stored before all records up to it are acknowledged', () => {
    const order = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(order, (acknowledged) => {
        const submitted = new SubmittedOffsets()
        const records = Array.from({ length: 100 }, (_, i) => submitted.submit({ file: 'f' }, { position: i }))
        const done = new Set<number>()
        let stored = -1
        for (const index of acknowledged) {
          submitted.acknowledge(records[index]!)
          done.add(index)
          for (const [, { position }] of submitted.takeCommittable()) stored = Number(position)
          let expected = -1
          while (done.has(expected + 1)) expected++
          expect(stored).toBe(expected)
        }
        expect(submitted.pending).toBe(100 - acknowledged.length)
      }),
    )
  })

  it('keeps source partitions apart, whatever the order of their keys', () => {
    const submitted = new SubmittedOffsets()
    submitted.submit({ a: 1, b: 2 }, { n: 1 })
    submitted.acknowledge(submitted.submit({ c: 3 }, { n: 7 }))
    submitted.acknowledge(submitted.submit({ b: 2, a: 1 }, { n: 2 }))
    expect(submitted.takeCommittable()).toEqual([[{ c: 3 }, { n: 7 }]])
    expect(submitted.takeCommittable()).toEqual([])
  })

  it('asks to wait while too many records are under way', async () => {
    const submitted = new SubmittedOffsets()
    const first = submitted.submit({ a: 1 }, { n: 0 })
    while (submitted.hasRoom) submitted.submit({ a: 1 }, { n: 0 })
    let waited = false
    const room = submitted.room().then(() => {
      waited = true
    })
    await Promise.resolve()
    expect(waited).toBe(false)
    submitted.acknowledge(first)
    await room
  })
})
