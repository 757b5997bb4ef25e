import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  InvalidProducerEpochError,
  InvalidTxnStateError,
  OutOfOrderSequenceError,
  TransactionCoordinatorFencedError,
} from '../../src/storage/errors.ts'
import type { Log } from '../../src/storage/log.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../../src/storage/producer-snapshot.ts'
import { decrementSequence, incrementSequence } from '../../src/storage/producer-state-entry.ts'
import { type BatchInput, batch, marker, openLog, temporaryDirectory, testContext } from './helpers.ts'

const leader = { leaderEpoch: 0 }
const coordinator = { leaderEpoch: 0, origin: 'coordinator' as const }
const MAX_SEQUENCE = 2 ** 31 - 1

const newLog = (): Promise<Log> => openLog(testContext(), temporaryDirectory())

function send(log: Log, baseSequence: number, count = 1, more: BatchInput = {}) {
  const values = Array.from({ length: count }, (_, index) => `${baseSequence + index}`)
  return log.append(batch(values, { producerId: 1, producerEpoch: 0, baseSequence, ...more }), leader)
}

describe('idempotence', () => {
  it('recognises the last five batches of a producer, also before they are written', async () => {
    const log = await newLog()
    for (let index = 0; index < 6; index++) send(log, index * 2, 2)
    for (let index = 1; index < 6; index++) {
      expect(send(log, index * 2, 2)).toMatchObject({
        isDuplicate: true,
        firstOffset: index * 2,
        lastOffset: index * 2 + 1,
      })
    }
    const duplicate = send(log, 10, 2)
    expect(log.writtenOffset).toBe(0)
    await duplicate.written
    expect(log.writtenOffset).toBe(12)
    expect(() => send(log, 0, 2)).toThrow(OutOfOrderSequenceError)
    expect(log.logEndOffset).toBe(12)
  })

  it('refuses gaps, and a repetition cut otherwise', async () => {
    const log = await newLog()
    send(log, 0, 3)
    expect(() => send(log, 4)).toThrow(OutOfOrderSequenceError)
    expect(() => send(log, 1, 2)).toThrow(OutOfOrderSequenceError)
    expect(send(log, 3).firstOffset).toBe(3)
  })

  it('takes any sequence from a producer it does not know, unless transactions v2 say otherwise', async () => {
    const log = await newLog()
    expect(send(log, 77).firstOffset).toBe(0)
    const options = { leaderEpoch: 0, requireZeroWithoutState: true }
    const unknown = batch(['x'], { producerId: 2, producerEpoch: 0, baseSequence: 5 })
    expect(() => log.append(unknown, options)).toThrow(OutOfOrderSequenceError)
  })

  it('starts a new epoch with sequence 0 and refuses an old one', async () => {
    const log = await newLog()
    send(log, 0)
    expect(() => send(log, 1, 1, { producerEpoch: 1 })).toThrow(OutOfOrderSequenceError)
    send(log, 0, 1, { producerEpoch: 1 })
    expect(() => send(log, 1, 1, { producerEpoch: 0 })).toThrow(InvalidProducerEpochError)
  })

  it('wraps sequences at 2^31 - 1', async () => {
    const log = await newLog()
    send(log, MAX_SEQUENCE - 1, 2)
    send(log, 0, 1)
    const other = { producerId: 2 }
    send(log, MAX_SEQUENCE, 3, other)
    expect(log.producers.lastEntry(2)?.batches[0]?.lastSequence).toBe(1)
    expect(send(log, MAX_SEQUENCE, 3, other).isDuplicate).toBe(true)
    expect(send(log, 2, 1, other).isDuplicate).toBe(false)
  })

  it('adds and subtracts in the ring of sequences', () => {
    const sequence = fc.integer({ min: 0, max: MAX_SEQUENCE })
    fc.assert(
      fc.property(sequence, sequence, (start, step) => {
        const next = incrementSequence(start, step)
        expect(next).toBe((start + step) % 2 ** 31)
        expect(decrementSequence(next, step)).toBe(start)
      }),
    )
  })

  it('does not check sequences of the coordinator and the leader', async () => {
    const log = await newLog()
    const offsets = { producerId: 1, producerEpoch: 0, baseSequence: -1, transactional: true }
    log.append(batch(['a'], offsets), coordinator)
    expect(log.append(batch(['b'], offsets), coordinator)).toMatchObject({ firstOffset: 1, isDuplicate: false })
  })

  it('forgets silent producers', async () => {
    const context = testContext({ producerIdExpirationMs: 1000 })
    const log = await openLog(context, temporaryDirectory())
    send(log, 0)
    send(log, 0, 1, { producerId: 2, transactional: true })
    await log.flush()
    context.clock.advance(1000)
    log.deleteOldSegments()
    expect([...log.producers.producers.keys()]).toEqual([2])
  })
})

describe('transactions', () => {
  const txn = { transactional: true }

  it('refuse plain batches while one is open', async () => {
    const log = await newLog()
    send(log, 0, 1, txn)
    expect(() => send(log, 1)).toThrow(InvalidTxnStateError)
    log.append(marker(1, 0, true), coordinator)
    expect(send(log, 1).isDuplicate).toBe(false)
  })

  it('fence markers of an old coordinator and of an old producer epoch', async () => {
    const log = await newLog()
    send(log, 0, 1, { ...txn, producerEpoch: 2 })
    log.append(marker(1, 2, true, 5), coordinator)
    expect(() => log.append(marker(1, 2, true, 4), coordinator)).toThrow(TransactionCoordinatorFencedError)
    expect(() => log.append(marker(1, 1, true, 5), coordinator)).toThrow(InvalidProducerEpochError)
  })

  it('of version 2 want markers of a higher epoch, but let one be repeated', async () => {
    const log = await newLog()
    const version2 = { ...coordinator, transactionVersion: 2 }
    send(log, 0, 1, txn)
    expect(() => log.append(marker(1, 0, true), version2)).toThrow(InvalidProducerEpochError)
    log.append(marker(1, 1, true), version2)
    log.append(marker(1, 1, true), version2)
    expect(() => send(log, 1, 1, txn)).toThrow(InvalidProducerEpochError)
    expect(send(log, 0, 1, { ...txn, producerEpoch: 1 }).firstOffset).toBe(3)
    expect(() => log.append(marker(1, 1, true), version2)).toThrow(InvalidProducerEpochError)
  })
})

describe('snapshots', () => {
  it('come back as they were', () => {
    const entry = fc
      .record({
        producerId: fc.nat(),
        producerEpoch: fc.integer({ min: -1, max: 32767 }),
        coordinatorEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
        lastTimestamp: fc.integer({ min: -1, max: 2 ** 48 }),
        currentTxnFirstOffset: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
        batch: fc.option(fc.record({ lastSequence: fc.nat(), lastOffset: fc.maxSafeNat(), offsetDelta: fc.nat() })),
      })
      .map(({ batch: last, ...rest }) => ({
        ...rest,
        batches: last ? [{ ...last, timestamp: rest.lastTimestamp }] : [],
      }))
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(decodeProducerSnapshot(encodeProducerSnapshot(entries))).toEqual(entries)
      }),
    )
  })

  it('are refused with any bit flipped', () => {
    const encoded = encodeProducerSnapshot([
      {
        producerId: 1,
        producerEpoch: 0,
        coordinatorEpoch: -1,
        lastTimestamp: 5,
        currentTxnFirstOffset: -1,
        batches: [{ lastSequence: 3, lastOffset: 9, offsetDelta: 3, timestamp: 5 }],
      },
    ])
    for (let bit = 0; bit < encoded.length * 8; bit++) {
      const flipped = Buffer.from(encoded)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => decodeProducerSnapshot(flipped)).toThrow(/^Snapshot (is corrupt|failed)/)
    }
  })
})
