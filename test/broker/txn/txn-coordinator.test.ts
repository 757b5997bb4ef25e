import { beforeEach, describe, expect, it } from 'vitest'
import { describeTransaction, listTransactions } from '../../../src/broker/txn/description.ts'
import { MAX_EPOCH } from '../../../src/broker/txn/transaction.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'
import { ID, outcome, P0, P1, settle, TxnHarness } from './harness.ts'

let h: TxnHarness
beforeEach(async () => {
  h = await TxnHarness.started()
})

const partitionsOf = (...of: { topic: string; partition: number }[]) =>
  new Map(of.map((partition) => [`${partition.topic}-${partition.partition}`, partition]))

describe('InitProducerId', () => {
  it('gives a new id epoch 0 and every later caller the next epoch', async () => {
    expect(await h.init()).toEqual({ producerId: 1000, producerEpoch: 0 })
    expect(await h.init()).toEqual({ producerId: 1000, producerEpoch: 1 })
    expect(h.logged()).toMatchObject({ state: 'Empty', producerId: 1000, producerEpoch: 1, previousProducerId: 1000 })
  })

  it('is in the log before it is answered', async () => {
    h.appends.shut = true
    const answer = h.init()
    let answered = false
    void answer.then(() => {
      answered = true
    })
    await settle()
    expect(answered).toBe(false)
    expect(await outcome(h.init())).toBe('CONCURRENT_TRANSACTIONS')
    await h.appends.open()
    expect(await answer).toEqual({ producerId: 1000, producerEpoch: 0 })
  })

  it('refuses timeouts out of range and empty ids', async () => {
    expect(await outcome(h.init(undefined, 0))).toBe('INVALID_TRANSACTION_TIMEOUT')
    expect(await outcome(h.init(undefined, 900_001))).toBe('INVALID_TRANSACTION_TIMEOUT')
    expect(await outcome(h.init(undefined, 900_000))).toBe('NONE')
    expect(await outcome(h.init(undefined, 1000, ''))).toBe('INVALID_REQUEST')
  })

  it('bumps the epoch of a producer that names its own, once (KIP-360)', async () => {
    const first = await h.init()
    const second = await h.init(first)
    expect(second).toEqual({ producerId: 1000, producerEpoch: 1 })
    expect(await h.init(first)).toEqual(second)
    expect(await outcome(h.init({ producerId: 1, producerEpoch: 0 }))).toBe('PRODUCER_FENCED')
    await h.init()
    expect(await outcome(h.init(second))).toBe('PRODUCER_FENCED')
  })

  it('gives a new producer id when the epochs are used up, also to a repeated request', async () => {
    await h.given({ producerEpoch: MAX_EPOCH - 1 })
    const last = { producerId: 7, producerEpoch: MAX_EPOCH - 1 }
    const next = await h.init(last)
    expect(next).toEqual({ producerId: 1000, producerEpoch: 0 })
    expect(await h.init(last)).toEqual(next)
    expect(h.logged()).toMatchObject({ producerId: 1000, producerEpoch: 0 })
  })

  it('leaves the id as it was when the log refuses', async () => {
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    expect(await outcome(h.init())).toBe('COORDINATOR_NOT_AVAILABLE')
    h.appendError = undefined
    expect(await h.init()).toEqual({ producerId: 1000, producerEpoch: 0 })
  })

  it('aborts an open transaction and fences its producer', async () => {
    const old = await h.init()
    await h.add(old, [P0, P1])
    expect(await outcome(h.init())).toBe('CONCURRENT_TRANSACTIONS')
    await settle()
    expect(h.markers.map(({ marker }) => [marker.committed, marker.producerEpoch])).toEqual([
      [false, 1],
      [false, 1],
    ])
    expect(h.history()).toEqual(['Empty', 'Ongoing', 'PrepareAbort', 'CompleteAbort'])
    expect(await outcome(h.add(old))).toBe('PRODUCER_FENCED')
    expect(await outcome(h.end(old, true))).toBe('INVALID_TXN_STATE')
    expect(await h.init()).toEqual({ producerId: 1000, producerEpoch: 2 })
  })

  it.each([0, 2])(
    'raises the epoch only once for a fence that the log refused, with transactions v%i',
    async (version) => {
      h.transactionVersion = version
      await h.add(await h.init(), [P0], version)
      h.appendError = new KafkaError(ErrorCode.REQUEST_TIMED_OUT)
      for (let i = 0; i < 5; i++) expect(await outcome(h.init())).toBe('COORDINATOR_NOT_AVAILABLE')
      h.appendError = undefined
      expect(await outcome(h.init())).toBe('CONCURRENT_TRANSACTIONS')
      expect(h.values()).toMatchObject({ state: 'PrepareAbort', producerEpoch: 1 })
    },
  )

  it('recovers an open transaction with the last epoch of all', async () => {
    await h.given({ state: 'Ongoing', producerEpoch: MAX_EPOCH, partitions: partitionsOf(P0) })
    expect(await outcome(h.init())).toBe('CONCURRENT_TRANSACTIONS')
    await settle()
    expect(h.markers[0]!.marker).toMatchObject({ producerId: 7, producerEpoch: MAX_EPOCH })
    expect(h.values()).toMatchObject({ state: 'CompleteAbort', producerId: 1000, producerEpoch: 0 })
    expect(await h.init()).toEqual({ producerId: 1000, producerEpoch: 1 })
  })
})

describe('AddPartitionsToTxn', () => {
  it('begins the transaction, and adds to it', async () => {
    const producer = await h.init()
    await h.add(producer, [P0])
    const startedMs = h.clock.nowMs()
    h.clock.advance(5000)
    await h.add(producer, [P1])
    expect(h.logged()).toMatchObject({ state: 'Ongoing', startTimestampMs: startedMs, clientTransactionVersion: 2 })
    expect([...h.logged()!.partitions.keys()]).toEqual(['orders-0', 'orders-1'])
    const writes = h.log.length
    await h.add(producer, [P1, P0])
    expect(h.log.length).toBe(writes)
  })

  it('refuses producers that are not the owner', async () => {
    expect(await outcome(h.add({ producerId: 1, producerEpoch: 0 }))).toBe('INVALID_PRODUCER_ID_MAPPING')
    const { producerId } = await h.init()
    expect(await outcome(h.add({ producerId: producerId + 1, producerEpoch: 0 }))).toBe('INVALID_PRODUCER_ID_MAPPING')
    expect(await outcome(h.add({ producerId, producerEpoch: 1 }))).toBe('PRODUCER_FENCED')
    expect(await outcome(h.add({ producerId, producerEpoch: 0 }, [P0], 2, ''))).toBe('INVALID_REQUEST')
  })

  it('verifies without adding', async () => {
    const producer = await h.init()
    await h.add(producer, [P0])
    expect([...h.coordinator.verifyPartitions(ID, producer, [P0, P1])]).toEqual([
      ['orders-0', ErrorCode.NONE],
      ['orders-1', ErrorCode.TRANSACTION_ABORTABLE],
    ])
    expect(() => h.coordinator.verifyPartitions(ID, { ...producer, producerEpoch: 9 }, [P0])).toThrow(
      new KafkaError(ErrorCode.PRODUCER_FENCED),
    )
  })
})

describe('EndTxn of transactions v1', () => {
  it('writes markers with the same epoch; repeated it is answered alike', async () => {
    const producer = await h.init()
    await h.add(producer, [P0, P1], 0)
    expect(await h.end(producer, true, 0)).toEqual(producer)
    await settle()
    const marker = { ...producer, committed: true, coordinatorEpoch: 0, transactionVersion: 0 }
    expect(h.markers).toEqual([
      { partition: P0, marker },
      { partition: P1, marker },
    ])
    expect(h.history()).toEqual(['Empty', 'Ongoing', 'PrepareCommit', 'CompleteCommit'])
    expect(await h.end(producer, true, 0)).toEqual(producer)
    expect(await outcome(h.end(producer, false, 0))).toBe('INVALID_TXN_STATE')
    expect(h.markers).toHaveLength(2)
  })

  it('refuses to end what did not begin', async () => {
    const producer = await h.init()
    expect(await outcome(h.end(producer, true, 0))).toBe('INVALID_TXN_STATE')
    expect(await outcome(h.end(producer, false, 0))).toBe('INVALID_TXN_STATE')
    expect(await outcome(h.end({ ...producer, producerEpoch: 1 }, false, 0))).toBe('PRODUCER_FENCED')
    expect(await outcome(h.end({ ...producer, producerId: 1 }, false, 0))).toBe('INVALID_PRODUCER_ID_MAPPING')
  })

  it('is busy until the markers are written', async () => {
    const producer = await h.init()
    await h.add(producer, [P0], 0)
    h.markerWrites.shut = true
    await h.end(producer, false, 0)
    expect(await outcome(h.end(producer, false, 0))).toBe('CONCURRENT_TRANSACTIONS')
    expect(await outcome(h.add(producer, [P0], 0))).toBe('CONCURRENT_TRANSACTIONS')
    expect(await outcome(h.init())).toBe('CONCURRENT_TRANSACTIONS')
    await h.markerWrites.open()
    expect(await outcome(h.add(producer, [P0], 0))).toBe('NONE')
  })
})

describe('EndTxn of transactions v2', () => {
  it('takes the next epoch for the marker and the producer', async () => {
    const producer = await h.init()
    await h.add(producer)
    const next = await h.end(producer, true)
    expect(next).toEqual({ ...producer, producerEpoch: 1 })
    await settle()
    expect(h.markers[0]!.marker).toMatchObject({ committed: true, producerEpoch: 1, transactionVersion: 2 })
    await h.add(next)
    expect(await h.end(next, false)).toEqual({ ...producer, producerEpoch: 2 })
  })

  it('answers a repeated request with what it got, and no other', async () => {
    const producer = await h.init()
    await h.add(producer)
    h.markerWrites.shut = true
    const next = await h.end(producer, true)
    expect(await outcome(h.end(producer, true))).toBe('CONCURRENT_TRANSACTIONS')
    await h.markerWrites.open()
    expect(await h.end(producer, true)).toEqual(next)
    expect(await outcome(h.end(producer, false))).toBe('INVALID_TXN_STATE')
    await h.restart()
    expect(await h.end(producer, true)).toEqual(next)
  })

  it('does not let a late request end the next transaction (KAFKA-17754)', async () => {
    const producer = await h.init()
    await h.add(producer)
    const next = await h.end(producer, true)
    await settle()
    await h.add(next, [P1])
    expect(await outcome(h.end(producer, true))).toBe('PRODUCER_FENCED')
    expect(await outcome(h.end(producer, false))).toBe('PRODUCER_FENCED')
    expect(h.values()).toMatchObject({ state: 'Ongoing', producerEpoch: 1 })
  })

  it('aborts what did not begin, but does not commit it', async () => {
    const producer = await h.init()
    expect(await outcome(h.end(producer, true))).toBe('INVALID_TXN_STATE')
    const second = await h.end(producer, false)
    expect(second.producerEpoch).toBe(1)
    await settle()
    expect(h.history()).toEqual(['Empty', 'PrepareAbort', 'CompleteAbort'])
    expect(await h.end(second, false)).toEqual({ ...producer, producerEpoch: 2 })
    await settle()
    expect(await outcome(h.end({ ...producer, producerEpoch: 2 }, true))).toBe('INVALID_TXN_STATE')
    expect(h.markers).toEqual([])
  })

  it('goes on with a new producer id when the epochs are used up', async () => {
    await h.given({ state: 'Ongoing', producerEpoch: MAX_EPOCH - 1, partitions: partitionsOf(P0) })
    const last = { producerId: 7, producerEpoch: MAX_EPOCH - 1 }
    h.markerWrites.shut = true
    expect(await h.end(last, true)).toEqual({ producerId: 1000, producerEpoch: 0 })
    expect(h.logged()).toMatchObject({ state: 'PrepareCommit', producerEpoch: MAX_EPOCH, nextProducerId: 1000 })
    expect(await outcome(h.end(last, true))).toBe('CONCURRENT_TRANSACTIONS')
    await h.markerWrites.open()
    expect(h.markers[0]!.marker).toMatchObject({ producerId: 7, producerEpoch: MAX_EPOCH })
    expect(h.logged()).toMatchObject({
      state: 'CompleteCommit',
      producerId: 1000,
      producerEpoch: 0,
      previousProducerId: 7,
    })
    expect(await h.end(last, true)).toEqual({ producerId: 1000, producerEpoch: 0 })
    expect(await outcome(h.end(last, false))).toBe('INVALID_TXN_STATE')
    expect(await outcome(h.add({ producerId: 1000, producerEpoch: 0 }))).toBe('NONE')
    expect(await outcome(h.end(last, true))).toBe('INVALID_PRODUCER_ID_MAPPING')
  })

  it('finds the new producer id again after a restart in between', async () => {
    await h.given({ state: 'PrepareAbort', producerEpoch: MAX_EPOCH, nextProducerId: 8, partitions: partitionsOf(P0) })
    expect(h.values()).toMatchObject({ state: 'CompleteAbort', producerId: 8, producerEpoch: 0 })
  })
})

describe('the end of a transaction', () => {
  it('waits for every marker, however often one fails', async () => {
    const producer = await h.init()
    await h.add(producer, [P0, P1])
    let failures = 3
    h.onMarker = ({ partition }) => {
      if (partition === 1 && failures-- > 0) throw new KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    }
    await h.end(producer, true)
    for (let i = 0; i < 3; i++) {
      await settle()
      expect([...h.values()!.partitions.keys()]).toEqual(['orders-1'])
      h.clock.advance(100)
    }
    await settle()
    expect(h.values()!.state).toBe('CompleteCommit')
    expect(h.markers.map(({ partition }) => partition.partition)).toEqual([0, 1])
  })

  it.each([
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ErrorCode.INVALID_PRODUCER_EPOCH,
    ErrorCode.TRANSACTION_COORDINATOR_FENCED,
  ])('needs no marker where the partition answers %i', async (code) => {
    const producer = await h.init()
    await h.add(producer, [P0])
    h.onMarker = () => {
      throw new KafkaError(code)
    }
    await h.end(producer, true)
    await settle()
    expect(h.values()).toMatchObject({ state: 'CompleteCommit' })
  })

  it('is written again until the log takes it', async () => {
    const producer = await h.init()
    await h.add(producer)
    h.markerWrites.shut = true
    await h.end(producer, true)
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    await h.markerWrites.open()
    expect(h.values()!.state).toBe('PrepareCommit')
    h.appendError = undefined
    h.clock.advance(100)
    await settle()
    expect(h.logged()!.state).toBe('CompleteCommit')
  })

  it('lets patient requests go one after the other', async () => {
    const producer = await h.init()
    const adding = [P0, P1].map((partition) => h.coordinator.patiently(ID, 100, () => h.add(producer, [partition])))
    expect(await Promise.all(adding.map(outcome))).toEqual(['NONE', 'NONE'])
    expect([...h.logged()!.partitions.keys()]).toEqual(['orders-0', 'orders-1'])
  })

  it('lets patient requests wait for it', async () => {
    const producer = await h.init()
    await h.add(producer)
    h.markerWrites.shut = true
    const next = await h.end(producer, true)
    const adding = h.coordinator.patiently(ID, 100, () => h.add(next))
    const impatient = h.coordinator.patiently(ID, 50, () => h.add(next))
    await settle()
    h.clock.advance(60)
    expect(await outcome(impatient)).toBe('CONCURRENT_TRANSACTIONS')
    await h.markerWrites.open()
    expect(await outcome(adding)).toBe('NONE')
    expect(h.values()!.state).toBe('Ongoing')
  })
})

describe('time', () => {
  it('aborts a transaction that is open too long', async () => {
    const producer = await h.init(undefined, 15_000)
    await h.add(producer)
    h.clock.advance(10_000)
    await settle()
    expect(h.values()!.state).toBe('Ongoing')
    h.clock.advance(10_000)
    await settle()
    expect(h.values()!.state).toBe('CompleteAbort')
    expect(h.markers[0]!.marker).toMatchObject({ committed: false, producerEpoch: 1 })
    expect(await outcome(h.end(producer, true))).toBe('INVALID_TXN_STATE')
    expect(await h.end(producer, false)).toEqual({ ...producer, producerEpoch: 1 })
  })

  it('aborts with transactions v1 where the cluster has no more', async () => {
    h.transactionVersion = 0
    await h.add(await h.init(undefined, 1000), [P0], 0)
    h.clock.advance(10_000)
    await settle()
    expect(h.values()).toMatchObject({ state: 'CompleteAbort', producerEpoch: 1 })
    expect(h.markers[0]!.marker).toMatchObject({ producerEpoch: 1, transactionVersion: 0 })
  })

  it('forgets ids that were not used for long, but none with an open transaction', async () => {
    await h.init()
    await h.add(await h.init(undefined, 60_000, 'open'), [P0], 2, 'open')
    h.settings.abortIntervalMs = 1e12
    h.settings.idExpirationMs = 3_000_000
    await h.restart()
    h.clock.advance(3_600_000)
    await settle()
    expect(h.logged()).toBeNull()
    expect(h.values()).toBeUndefined()
    expect(h.values('open')!.state).toBe('Ongoing')
    await h.restart()
    expect(h.values()).toBeUndefined()
    expect(await h.init()).toEqual({ producerId: 1002, producerEpoch: 0 })
  })

  it('keeps an id that the log does not let go', async () => {
    await h.init()
    h.settings.idExpirationMs = 1000
    h.appendError = new KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    h.clock.advance(3_600_000)
    await settle()
    h.appendError = undefined
    expect(await h.init()).toEqual({ producerId: 1000, producerEpoch: 1 })
  })
})

describe('after a restart', () => {
  it('a decided transaction is completed, an open one stays open', async () => {
    await h.given({ state: 'PrepareCommit', producerEpoch: 3, partitions: partitionsOf(P0, P1) })
    await h.add(await h.init(undefined, 60_000, 'open'), [P0], 2, 'open')
    await h.restart(5)
    expect(h.values()).toMatchObject({ state: 'CompleteCommit', producerEpoch: 3 })
    expect(h.markers).toHaveLength(2)
    expect(h.values('open')!.state).toBe('Ongoing')
    expect(await outcome(h.end({ producerId: 1000, producerEpoch: 0 }, true, 2, 'open'))).toBe('NONE')
    await settle()
    expect(h.markers[2]!.marker.coordinatorEpoch).toBe(5)
  })

  it('every state is what it was', async () => {
    const producer = await h.init()
    await h.add(producer, [P0])
    for (const step of [() => h.end(producer, true), () => h.init(), () => h.init(undefined, 1000)]) {
      await step()
      await settle()
      const before = { ...h.values()!, lastProducerEpoch: -1 }
      await h.restart()
      expect(h.values()).toEqual(before)
    }
  })

  it('requests wait until the log is read', async () => {
    let feed: () => void = () => {}
    const fed = new Promise<void>((resolve) => {
      feed = resolve
    })
    async function* slowly() {
      await fed
      yield* h.log
    }
    await h.init()
    const loading = h.coordinator.load(0, 0, slowly())
    expect(await outcome(h.init())).toBe('COORDINATOR_LOAD_IN_PROGRESS')
    expect(describeTransaction(h.coordinator, ID).errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    feed()
    await loading
    expect((await h.init()).producerEpoch).toBe(1)
  })

  it('an unreadable record is passed over', async () => {
    await h.init()
    h.log.push({ key: Buffer.from([0, 0, 9]), value: null, offset: 9 }, { key: null, value: null, offset: 10 })
    h.log.push({ key: Buffer.from([0, 5, 9]), value: Buffer.from('later version'), offset: 11 })
    await h.restart()
    expect((await h.init()).producerEpoch).toBe(1)
  })

  it('a partition given up answers NOT_COORDINATOR', async () => {
    h.appends.shut = true
    const answer = outcome(h.init())
    await settle()
    h.coordinator.unload(0)
    await h.appends.open()
    expect(await answer).toBe('NOT_COORDINATOR')
    expect(await outcome(h.init())).toBe('NOT_COORDINATOR')
  })
})

describe('listings', () => {
  const list = (request = {}) =>
    listTransactions(
      h.coordinator,
      { stateFilters: [], producerIdFilters: [], durationFilter: -1n, transactionalIdPattern: null, ...request },
      h.clock.nowMs(),
    )
  const ids = (request = {}) => list(request).transactionStates!.map(({ transactionalId }) => transactionalId)

  beforeEach(async () => {
    await h.add(await h.init(undefined, 60_000, 'a-1'), [P0, P1], 2, 'a-1')
    await h.init(undefined, 60_000, 'a-2')
    h.clock.advance(5000)
  })

  it('filter by state, producer, duration and pattern', () => {
    expect(ids()).toEqual(['a-1', 'a-2'])
    expect(ids({ stateFilters: ['Ongoing'] })).toEqual(['a-1'])
    expect(list({ stateFilters: ['Ongoing', 'ongoing'] }).unknownStateFilters).toEqual(['ongoing'])
    expect(ids({ producerIdFilters: [1001n] })).toEqual(['a-2'])
    expect(ids({ durationFilter: 4999n, stateFilters: ['Ongoing'] })).toEqual(['a-1'])
    expect(ids({ durationFilter: 5000n, stateFilters: ['Ongoing'] })).toEqual([])
    expect(ids({ transactionalIdPattern: 'a' })).toEqual([])
    expect(ids({ transactionalIdPattern: 'a-[2-9]' })).toEqual(['a-2'])
    expect(list({ transactionalIdPattern: '(' }).errorCode).toBe(ErrorCode.INVALID_REGULAR_EXPRESSION)
  })

  it('describe a transaction', () => {
    expect(describeTransaction(h.coordinator, 'a-1')).toEqual({
      transactionalId: 'a-1',
      transactionState: 'Ongoing',
      transactionTimeoutMs: 60_000,
      transactionStartTimeMs: BigInt(h.clock.nowMs() - 5000),
      producerId: 1000n,
      producerEpoch: 0,
      topics: [{ topic: 'orders', partitions: [0, 1] }],
    })
    expect(describeTransaction(h.coordinator, 'b').errorCode).toBe(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
    expect(describeTransaction(h.coordinator, '').errorCode).toBe(ErrorCode.INVALID_REQUEST)
  })
})
