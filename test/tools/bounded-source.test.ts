import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import type { FetchedPartition } from '../../src/client/consumer/fetched.ts'
import type { SharedRecords } from '../../src/client/share-consumer/share-consumer.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { BoundedSource } from '../../src/tools/console-consumer/bounded/bounded-source.ts'
import type { BoundedConsumer, PartitionBound } from '../../src/tools/console-consumer/bounded/consumer-source.ts'
import { findTails } from '../../src/tools/console-consumer/bounded/tail.ts'
import { Printer } from '../../src/tools/console-consumer/consume.ts'
import { noOpFormatter } from '../../src/tools/console-consumer/formatter.ts'
import { ShareEnd } from '../../src/tools/console-share-consumer/share-end.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { FakeBroker } from '../client/fake-broker.ts'
import { serveCluster, testSettings } from '../client/fake-cluster.ts'

const TP = { topic: 't', partition: 0 }
const END = 1000

describe('a log whose last records were compacted away', () => {
  let broker: FakeBroker
  let consumer: Consumer
  /** Batches by base offset; the log goes on to END without any more. */
  let batches: Map<number, string[]>

  beforeEach(async () => {
    broker = await FakeBroker.start()
    serveCluster(broker, new Map([['t', { partitions: 2 }]]))
    batches = new Map([
      [0, ['a', 'b']],
      [7, ['c', 'd', 'e']],
      [30, ['f']],
    ])
    broker.on(FetchRequest, FetchResponse, async ({ request }) => {
      const responses = request.topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partition, fetchOffset }) => {
          const next = [...batches].find(([base, values]) => base + values.length > Number(fetchOffset))
          const records = next?.[1].map((value) => ({ value: Buffer.from(value), timestamp: 1 }))
          return {
            partitionIndex: partition,
            highWatermark: BigInt(END),
            lastStableOffset: BigInt(END),
            records: records === undefined ? null : buildBatch(records, { baseOffset: next![0] }),
          }
        }),
      }))
      await new Promise((resolve) => setTimeout(resolve, 1))
      return { responses }
    })
    consumer = new Consumer({ ...testSettings(broker), fetchMaxWaitMs: 5, autoOffsetReset: 'earliest' })
  })
  afterEach(async () => {
    await consumer.close()
    await broker.stop()
  })

  const readAll = async (source: BoundedSource): Promise<string[]> => {
    const read: string[] = []
    while (!source.isComplete) {
      for (const fetched of await source.poll(1000)) {
        source.consume(fetched, (cursor) => {
          read.push(cursor.value()!.toString())
        })
      }
    }
    return read
  }

  it('is read to its end', async () => {
    consumer.assign([TP])
    consumer.seek(TP, { offset: 0 })
    const source = new BoundedSource(consumer, new Map([['t-0', { end: END, skip: 0 }]]), true)
    expect(await readAll(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect(consumer.position(TP)).toBe(31)
    expect(consumer.nothingUntil(TP)).toBe(END)
  })

  it('forgets what it knew of the end when it is read from elsewhere', async () => {
    consumer.assign([TP])
    consumer.seek(TP, { offset: 40 })
    while (consumer.nothingUntil(TP) < 0) await consumer.poll(10)
    consumer.seek(TP, { offset: 7 })
    expect(consumer.nothingUntil(TP)).toBe(-1)
  })

  it.each([
    [1, ['f']],
    [2, ['e', 'f']],
    [4, ['c', 'd', 'e', 'f']],
    [5, ['b', 'c', 'd', 'e', 'f']],
    [6, ['a', 'b', 'c', 'd', 'e', 'f']],
    [9, ['a', 'b', 'c', 'd', 'e', 'f']],
  ])('has its last %i records found', async (count, expected) => {
    const tails = await findTails(consumer, [{ tp: TP, start: 0, end: END, count, readCommitted: false }])
    const { offset, skip } = tails.get('t-0')!
    consumer.assign([TP])
    consumer.resume([TP])
    consumer.seek(TP, { offset })
    const source = new BoundedSource(consumer, new Map([['t-0', { end: END, skip }]]), true)
    expect(await readAll(source)).toEqual(expected)
  })

  it('has its position at the bound after a batch that is cut', async () => {
    consumer.assign([TP])
    consumer.seek(TP, { offset: 0 })
    const source = new BoundedSource(consumer, new Map([['t-0', { end: 8, skip: 0 }]]), true)
    expect(await readAll(source)).toEqual(['a', 'b', 'c'])
    expect(consumer.position(TP)).toBe(8)
  })

  it('leaves partitions alone that have no bound', async () => {
    const other = { topic: 't', partition: 1 }
    consumer.assign([TP, other])
    for (const tp of [TP, other]) consumer.seek(tp, { offset: 0 })
    const source = new BoundedSource(consumer, new Map([['t-0', { end: 2, skip: 0 }]]), true)
    expect(await readAll(source)).toEqual(['a', 'b'])
    expect(consumer.position(other)).toBe(0)
  })
})

/** A member of a group that says what it is told to. */
const member = (more: Partial<BoundedConsumer>): BoundedConsumer => ({
  isSettled: true,
  position: () => 5,
  advance: () => undefined,
  nothingUntil: () => -1,
  pause: () => undefined,
  resume: () => undefined,
  assignedPartitions: () => [TP],
  assign: () => undefined,
  subscribe: () => undefined,
  seek: () => undefined,
  poll: () => Promise.resolve<FetchedPartition[]>([]),
  consume: () => 0,
  wakeup: () => undefined,
  close: () => Promise.resolve(),
  ...more,
})
const completes = (more: Partial<BoundedConsumer>, bound: PartitionBound = { end: 5, skip: 0 }): boolean | undefined =>
  new BoundedSource(member(more), new Map([['t-0', bound]]), true).isComplete

describe('a member of a group', () => {
  it('is done when all it holds is read', () => {
    expect(completes({})).toBe(true)
    expect(completes({ position: () => 4 })).toBe(false)
    expect(completes({ position: () => null })).toBe(false)
    expect(completes({ position: () => 4, nothingUntil: () => 5 })).toBe(true)
  })

  it('is not done in the middle of a rebalance, or as soon as it holds nothing', () => {
    expect(completes({ isSettled: false })).toBe(false)
    expect(completes({ assignedPartitions: () => [] })).toBe(false)
  })

  it('goes on at the ends when there is no end', () => {
    expect(new BoundedSource(member({}), new Map(), false).isComplete).toBeUndefined()
  })
})

describe('printing', () => {
  it('takes the end for no timeout', async () => {
    let position = 0
    const fetched: FetchedPartition = {
      ...TP,
      fetchOffset: 0,
      nextOffset: 5,
      highWatermark: 5,
      lastStableOffset: 5,
      logStartOffset: 0,
      buffer: Buffer.alloc(0),
      abortedTransactions: [],
    }
    const source = new BoundedSource(
      member({
        position: () => position,
        poll: () => Promise.resolve([fetched]),
        consume: () => {
          position = 5
          return 5
        },
      }),
      new Map([['t-0', { end: 5, skip: 0 }]]),
      true,
    )
    const io = memoryIo()
    const printer = new Printer(source, noOpFormatter, { maxMessages: -1, timeoutMs: 0, skipOnError: false }, io)
    await printer.run()
    expect([io.err.text, printer.isCutShort]).toEqual(['', false])
  })
})

describe('the end of a share group', () => {
  const consumer = { emptyAnswers: 0, hasPartitions: true, cluster: undefined as never }
  const records = (first: number, last: number): SharedRecords => ({
    ...TP,
    topicId: '',
    nodeId: 1,
    buffer: Buffer.alloc(0),
    acquired: [{ first, last, deliveryCount: 1 }],
  })

  it('is where the last record of the start was handed out', () => {
    const end = new ShareEnd(consumer, new Map([[TP, 10]]))
    expect([end.covers(TP, 9), end.covers(TP, 10)]).toEqual([true, false])
    end.saw(records(0, 8))
    expect(end.isReached).toBe(false)
    end.saw(records(9, 9))
    expect(end.isReached).toBe(true)
  })

  it('is where brokers have nothing more', () => {
    expect(new ShareEnd({ ...consumer, emptyAnswers: 1 }, new Map([[TP, 10]])).isReached).toBe(false)
    expect(new ShareEnd({ ...consumer, emptyAnswers: 2 }, new Map([[TP, 10]])).isReached).toBe(true)
  })
})
