import * as api from './apis.ts'
import { coordinatorOf } from './group-cases.ts'
import { batch } from './records.ts'
import type { Session } from './session.ts'

interface Producer {
  transactionalId: string
  producerId: bigint
  producerEpoch: number
}

async function producerOf(s: Session, transactionalId: string): Promise<Producer> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { producerId, producerEpoch, errorCode } = await s.quiet(api.initProducerId, {
      transactionalId,
      transactionTimeoutMs: 60_000,
    })
    if (errorCode === 0) {
      s.call(producerId, `<producer ${transactionalId}>`)
      return { transactionalId, producerId, producerEpoch }
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`${s.flavour}: no producer id for ${transactionalId}`)
}

export async function initProducerId(s: Session): Promise<void> {
  await coordinatorOf(s, 'ip', 1)
  await producerOf(s, 'ip-first')
  await s.everyVersion(api.initProducerId, async (ask, v) => {
    const one = (transactionalId: string | null, more: object = {}): object => ({
      transactionalId,
      transactionTimeoutMs: 60_000,
      ...more,
    })
    const idempotent = await ask('idempotent', one(null))
    s.call(idempotent?.producerId, `<idempotent ${v}>`)
    await ask('empty id', one(''))
    for (const transactionTimeoutMs of [0, -1, 900_001]) {
      await ask(`timeout ${transactionTimeoutMs}`, one(`ip-t-${v}`, { transactionTimeoutMs }))
      const other = await ask(`idempotent, timeout ${transactionTimeoutMs}`, one(null, { transactionTimeoutMs }))
      s.call(other?.producerId, `<idempotent ${v}>`)
    }
    const first = await ask('new', one(`ip-${v}`))
    s.call(first?.producerId, `<new ${v}>`)
    await ask('again', one(`ip-${v}`))
    if (v >= 3) {
      const producerId = first?.producerId ?? 0n
      await ask('current epoch', one(`ip-${v}`, { producerId, producerEpoch: 1 }))
      await ask('old epoch', one(`ip-${v}`, { producerId, producerEpoch: 0 }))
      await ask('epoch to come', one(`ip-${v}`, { producerId, producerEpoch: 9 }))
      await ask('other producer', one(`ip-${v}`, { producerId: 777_777n, producerEpoch: 0 }))
      await ask('id without epoch', one(`ip-${v}`, { producerId, producerEpoch: -1 }))
      await ask('epoch without id', one(`ip-${v}`, { producerId: -1n, producerEpoch: 3 }))
      await ask('unknown id with producer', one(`ip-u-${v}`, { producerId: 777_778n, producerEpoch: 4 }))
      const again = await ask('idempotent with producer', one(null, { producerId: 5n, producerEpoch: 2 }))
      s.call(again?.producerId, `<again ${v}>`)
      await ask('2PC', one(`ip-2pc-${v}`, { enable2Pc: true }))
      await ask('keep prepared', one(`ip-2pc-${v}`, { keepPreparedTxn: true }))
    }
  })
}

export async function transactions(s: Session): Promise<void> {
  await s.topic('txn-a', 2)
  await coordinatorOf(s, 'txn', 1)
  await s.everyVersion(api.addPartitionsToTxn, async (ask, v) => {
    const producer = await producerOf(s, `txn-ap-${v}`)
    const one = (more: object = {}, name = 'txn-a', partitions = [0]): object => {
      const { transactionalId, producerId, producerEpoch } = { ...producer, ...more }
      const topics = [{ name, partitions }]
      if (v >= 4)
        return {
          transactions: [{ transactionalId, producerId, producerEpoch, topics, verifyOnly: 'verifyOnly' in more }],
        }
      return {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: topics,
      }
    }
    if (v >= 4) await ask('verify before', one({ verifyOnly: true }))
    await ask('good', one())
    await ask('again', one())
    if (v >= 4) {
      await ask('verify', one({ verifyOnly: true }))
      await ask('verify another partition', one({ verifyOnly: true }, 'txn-a', [1, 0]))
      await ask('verify, wrong producer', one({ verifyOnly: true, producerId: 999n }))
      await ask('verify, epoch', one({ verifyOnly: true, producerEpoch: 7 }))
    }
    await ask('unknown topic', one({}, 'txn-x'))
    for (const partition of [5, -1]) await ask(`partition ${partition}`, one({}, 'txn-a', [partition, 0]))
    await ask('internal', one({}, '__consumer_offsets'))
    for (const producerEpoch of [5, -1]) await ask(`epoch ${producerEpoch}`, one({ producerEpoch }))
    await ask('wrong producer', one({ producerId: 999n }))
    await ask('unknown id', one({ transactionalId: 'txn-none' }))
    await ask('empty id', one({ transactionalId: '' }))
    await ask(
      'no transactions',
      v >= 4
        ? {}
        : {
            v3AndBelowTransactionalId: producer.transactionalId,
            v3AndBelowProducerId: producer.producerId,
            v3AndBelowProducerEpoch: producer.producerEpoch,
          },
    )
  })
  await s.everyVersion(api.addOffsetsToTxn, async (ask, v) => {
    const producer = await producerOf(s, `txn-ao-${v}`)
    const one = (more: object = {}): object => ({ ...producer, groupId: 'txn-g', ...more })
    await ask('good', one())
    await ask('empty group', one({ groupId: '' }))
    for (const producerEpoch of [5, -1]) await ask(`epoch ${producerEpoch}`, one({ producerEpoch }))
    await ask('wrong producer', one({ producerId: 999n }))
    await ask('unknown id', one({ transactionalId: 'txn-none' }))
    await ask('empty id', one({ transactionalId: '' }))
  })
  await endTxn(s)
}

async function untilComplete(s: Session, transactionalId: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { transactionStates } = await s.quiet(api.describeTransactions, { transactionalIds: [transactionalId] })
    if (transactionStates[0]?.transactionState.startsWith('Complete')) return
    if (transactionStates[0]?.transactionState === 'Empty' && attempt > 5) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function endTxn(s: Session): Promise<void> {
  await s.everyVersion(api.endTxn, async (ask, v) => {
    const producer = await producerOf(s, `txn-e-${v}`)
    const one = (more: object = {}): object => ({ ...producer, committed: true, ...more })
    await ask('nothing to commit', one())
    await ask('nothing to abort', one({ committed: false }))
    await untilComplete(s, producer.transactionalId)
    await ask('unknown id', one({ transactionalId: 'txn-none' }))
    await ask('empty id', one({ transactionalId: '' }))
    await ask('wrong producer', one({ producerId: 999n }))
    const now = await producerOf(s, `txn-e-${v}`)
    for (const producerEpoch of [9, -1]) await ask(`epoch ${producerEpoch}`, one({ producerEpoch }))
    const topics = [{ name: 'txn-a', partitions: [0] }]
    await s.quiet(
      api.addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: now.transactionalId,
        v3AndBelowProducerId: now.producerId,
        v3AndBelowProducerEpoch: now.producerEpoch,
        v3AndBelowTopics: topics,
      },
      3,
    )
    await ask('commit', one({ ...now }))
    await untilComplete(s, now.transactionalId)
    await ask('commit again', one({ ...now }))
    await untilComplete(s, now.transactionalId)
    await ask('abort what is committed', one({ ...now, committed: false }))
  })
  await s.everyVersion(api.txnOffsetCommit, async (ask, v) => {
    await coordinatorOf(s, 'txn-g')
    const producer = await producerOf(s, `txn-oc-${v}`)
    const one = (more: object = {}, partition: object = {}, name = 'txn-a'): object => ({
      ...producer,
      groupId: `txn-g-${v}`,
      topics: [
        { name, partitions: [{ partitionIndex: 0, committedOffset: 3n, committedMetadata: 'm', ...partition }] },
      ],
      ...more,
    })
    await ask('before AddOffsetsToTxn', one())
    await s.quiet(api.addOffsetsToTxn, { ...producer, groupId: `txn-g-${v}` })
    await ask('good', one())
    await ask('unknown topic', one({}, {}, 'txn-x'))
    for (const partitionIndex of [7, -1]) await ask(`partition ${partitionIndex}`, one({}, { partitionIndex }))
    await ask('metadata too long', one({}, { committedMetadata: 'm'.repeat(5000) }))
    await ask('negative offset', one({}, { committedOffset: -1n }))
    await ask('unknown member', one({ memberId: 'x', generationId: 1 }))
    await ask('generation only', one({ generationId: 1 }))
    await ask('empty group', one({ groupId: '' }))
    for (const producerEpoch of [5, -1]) await ask(`epoch ${producerEpoch}`, one({ producerEpoch }))
    await ask('no topics', { ...one(), topics: [] })
  })
}

export async function describeTxns(s: Session): Promise<void> {
  await s.topic('dtx-a', 2)
  await coordinatorOf(s, 'dtx', 1)
  const producer = await producerOf(s, 'dtx-1')
  await s.quiet(
    api.addPartitionsToTxn,
    {
      v3AndBelowTransactionalId: 'dtx-1',
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: 'dtx-a', partitions: [0] }],
    },
    3,
  )
  const records = batch(['t'], {
    producerId: Number(producer.producerId),
    producerEpoch: producer.producerEpoch,
    baseSequence: 0,
    transactional: true,
  })
  await s.append('dtx-a', 0, records, 'dtx-1')
  await s.everyVersion(api.describeTransactions, async (ask) => {
    for (const ids of [['dtx-1'], ['dtx-x'], [''], ['dtx-1', 'dtx-1', 'dtx-x'], []])
      await ask(`ids ${ids}`, { transactionalIds: ids })
  })
  await s.everyVersion(api.listTransactions, async (ask) => {
    await ask('all of this test', { producerIdFilters: [producer.producerId] })
    for (const states of [['Ongoing'], ['ongoing'], ['nonsense', 'Ongoing'], ['']])
      await ask(`states ${states}`, { stateFilters: states, producerIdFilters: [producer.producerId] })
    for (const duration of [0n, 999_999n, -5n])
      await ask(`duration ${duration}`, { durationFilter: duration, producerIdFilters: [producer.producerId] })
    for (const pattern of ['dtx-.*', '(', '', 'x', null])
      await ask(`pattern ${pattern}`, { transactionalIdPattern: pattern, producerIdFilters: [producer.producerId] })
    await ask('unknown producer', { producerIdFilters: [9999n, -1n] })
  })
  await s.everyVersion(api.describeProducers, async (ask) => {
    const one = (name: string, ...partitionIndexes: number[]): object => ({ topics: [{ name, partitionIndexes }] })
    await ask('one', one('dtx-a', 0))
    await ask('none there', one('dtx-a', 1))
    await ask('partitions', one('dtx-a', 7, -1, 1, 1))
    for (const name of ['dtx-x', '', 'a b']) await ask(`topic ${name}`, one(name, 0))
    await ask('nothing', {})
  })
  await s.everyVersion(api.listOffsets, async (ask) => {
    for (const isolationLevel of [0, 1])
      for (const timestamp of [-1n, -3n, 0n])
        await ask(`open transaction, isolation ${isolationLevel}, time ${timestamp}`, {
          replicaId: -1,
          isolationLevel,
          topics: [{ name: 'dtx-a', partitions: [{ partitionIndex: 0, timestamp }] }],
        })
  })
  await markers(s)
}

async function markers(s: Session): Promise<void> {
  await s.everyVersion(api.writeTxnMarkers, async (ask) => {
    const one = (more: object = {}, name = 'dtx-a', partitionIndexes = [1]): object => ({
      markers: [
        {
          producerId: 4242n,
          producerEpoch: 0,
          transactionResult: true,
          coordinatorEpoch: 0,
          topics: [{ name, partitionIndexes }],
          ...more,
        },
      ],
    })
    await ask('unknown topic', one({}, 'dtx-x'))
    await ask('partitions', one({}, 'dtx-a', [9, -1]))
    await ask('good', one())
    await ask('old coordinator', one({ coordinatorEpoch: -1 }))
    await ask('old epoch', one({ producerEpoch: -1 }))
    await ask('none', {})
  })
}
