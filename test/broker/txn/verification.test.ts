import { beforeEach, expect, it } from 'vitest'
import type { Partition } from '../../../src/broker/partition.ts'
import type { Producer } from '../../../src/broker/txn/transaction.ts'
import { type TxnSupport, TxnVerification } from '../../../src/broker/txn/verification.ts'
import { emptyProducerEntry, type ProducerStateEntry } from '../../../src/storage/producer-state-entry.ts'
import { ID, P0, settle, TxnHarness } from './harness.ts'

let h: TxnHarness
let producer: Producer
let verification: TxnVerification
let entry: ProducerStateEntry | undefined
const settings = { isEnabled: true, patienceMs: 100 }
// The only thing that is asked of a partition is what its log knows of the producer.
const partition = { key: 'orders-0', topic: 'orders', index: 0, log: { producers: { lastEntry: () => entry } } }

beforeEach(async () => {
  h = await TxnHarness.started()
  producer = await h.init()
  settings.isEnabled = true
  verification = new TxnVerification(h.coordinator, () => settings)
  entry = undefined
})

const write = (support: TxnSupport, written: string[] = [], what = 'write') =>
  verification.run(
    { transactionalId: ID, ...producer, partitions: [partition as unknown as Partition], support },
    (refused) => {
      written.push(what)
      return refused.get('orders-0')?.errorName ?? 'NONE'
    },
  )

it('adds the partition for clients of transactions v2, and asks no more while the transaction is open', async () => {
  expect(await write('add')).toBe('NONE')
  expect([...h.values()!.partitions.keys()]).toEqual(['orders-0'])
  entry = { ...emptyProducerEntry(producer.producerId), producerEpoch: 0, currentTxnFirstOffset: 5 }
  expect(write('add')).toBe('NONE')
  entry = { ...entry, producerEpoch: 1 }
  expect(write('add')).toBeInstanceOf(Promise)
})

it('asks whether other clients have added it', async () => {
  expect(await write('abortable')).toBe('TRANSACTION_ABORTABLE')
  expect(await write('plain')).toBe('INVALID_TXN_STATE')
  await h.add(producer, [P0], 0)
  expect(await write('plain')).toBe('NONE')
  producer = { ...producer, producerEpoch: 9 }
  expect(await write('plain')).toBe('INVALID_PRODUCER_EPOCH')
})

it('asks nothing of those when it is turned off', async () => {
  settings.isEnabled = false
  expect(write('plain')).toBe('NONE')
  await write('add')
  expect(h.values()!.state).toBe('Ongoing')
})

it('refuses a write when a marker came in before it', async () => {
  h.appends.shut = true
  const answer = write('add')
  await settle()
  entry = { ...emptyProducerEntry(producer.producerId), producerEpoch: 1 }
  await h.appends.open()
  expect(await answer).toBe('INVALID_TXN_STATE')
})

it('keeps a producer’s writes in order while one waits', async () => {
  h.appends.shut = true
  const written: string[] = []
  const first = write('add', written, 'first')
  await settle()
  entry = { ...emptyProducerEntry(producer.producerId), producerEpoch: 0, currentTxnFirstOffset: 0 }
  const second = write('add', written, 'second')
  expect(written).toEqual([])
  await h.appends.open()
  await Promise.all([first, second])
  expect(written).toEqual(['first', 'second'])
  void write('add', written, 'third')
  expect(written).toEqual(['first', 'second', 'third'])
})

it('waits for the end of the transaction before, for a while', async () => {
  await h.add(producer)
  h.markerWrites.shut = true
  producer = await h.end(producer, true)
  const late = write('add')
  await settle()
  h.clock.advance(100)
  expect(await late).toBe('CONCURRENT_TRANSACTIONS')
  const answer = write('add')
  await settle()
  await h.markerWrites.open()
  expect(await answer).toBe('NONE')
})
