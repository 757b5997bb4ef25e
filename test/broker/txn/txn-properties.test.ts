import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Producer } from '../../../src/broker/txn/transaction.ts'
import { MAX_EPOCH } from '../../../src/broker/txn/transaction.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'
import { LogError } from '../../../src/storage/errors.ts'
import { ProducerAppendInfo } from '../../../src/storage/producer-append-info.ts'
import type { ProducerStateEntry } from '../../../src/storage/producer-state-entry.ts'
import { settle, TxnHarness } from './harness.ts'

const IDS = ['a', 'b'] as const
/** Two instances for each id, which fence each other. */
const CLIENTS = IDS.length * 2
const PARTITIONS = 3

type Step =
  | { readonly kind: 'init' | 'initAgain' | 'repeatEnd' | 'lateEnd'; readonly client: number }
  | { readonly kind: 'write'; readonly client: number; readonly partition: number }
  | { readonly kind: 'end'; readonly client: number; readonly committed: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'crash' | 'refuse' | 'accept' | 'holdMarkers' | 'releaseMarkers' | 'holdLog' | 'releaseLog' }

type ClientStep = Extract<Step, { client: number }>

/** Mostly the first instance of an id: transactions shall get somewhere. */
const client = fc.oneof({ weight: 4, arbitrary: fc.nat(IDS.length - 1) }, { weight: 1, arbitrary: fc.nat(CLIENTS - 1) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('init' as const, 'initAgain' as const), client }) },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('write' as const), client, partition: fc.nat(PARTITIONS - 1) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('end' as const), client, committed: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('repeatEnd' as const, 'lateEnd' as const), client }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(100, 10_000, 70_000) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('crash', 'refuse', 'accept', 'holdMarkers', 'releaseMarkers', 'holdLog', 'releaseLog'),
    }) as fc.Arbitrary<Step>,
  },
)

/** A transaction as its client sees it. */
interface Txn {
  /** Partitions with a record that the client knows of. */
  readonly written: Set<number>
  /** What the client was promised. */
  promised: 'commit' | 'abort' | undefined
}

interface Client {
  readonly id: string
  producer: Producer | undefined
  txn: Txn
  /** The last EndTxn it sent, and with what. */
  lastEnd: { producer: Producer; committed: boolean; txn: Txn; next: Producer | undefined } | undefined
  busy: boolean
}

interface Entry {
  readonly producerId: number
  readonly txn: Txn
  outcome: 'commit' | 'abort' | undefined
}

const newTxn = (): Txn => ({ written: new Set(), promised: undefined })

/** A partition that checks producers as a real one does, and remembers what became of each record. */
class ModelPartition {
  readonly entries: Entry[] = []
  readonly #producers = new Map<number, ProducerStateEntry>()
  #offset = 0

  write({ producerId, producerEpoch }: Producer, txn: Txn): void {
    const info = new ProducerAppendInfo('p', producerId, this.#producers.get(producerId), 'coordinator')
    const offset = this.#offset
    info.appendData({
      producerEpoch,
      baseSequence: -1,
      lastSequence: -1,
      maxTimestamp: 0,
      baseOffset: offset,
      lastOffset: offset,
      isTransactional: true,
    })
    this.#producers.set(producerId, info.entry)
    this.#offset++
    this.entries.push({ producerId, txn, outcome: undefined })
  }

  mark(marker: Producer & { committed: boolean; coordinatorEpoch: number; transactionVersion: number }): void {
    const { producerId } = marker
    const info = new ProducerAppendInfo('p', producerId, this.#producers.get(producerId), 'coordinator')
    const end = { isCommit: marker.committed, coordinatorEpoch: marker.coordinatorEpoch, timestamp: 0 }
    info.appendMarker(end, marker.producerEpoch, this.#offset++, marker.transactionVersion)
    this.#producers.set(producerId, info.entry)
    for (const entry of this.entries) {
      if (entry.producerId === producerId) entry.outcome ??= marker.committed ? 'commit' : 'abort'
    }
  }

  get openTransactions(): number {
    return [...this.#producers.values()].filter((entry) => entry.currentTxnFirstOffset >= 0).length
  }
}

class Model {
  readonly h: TxnHarness
  readonly partitions = Array.from({ length: PARTITIONS }, () => new ModelPartition())
  readonly clients: Client[]
  /** What went wrong within requests. */
  readonly #failures: unknown[] = []
  readonly #version: number
  #life = 0

  constructor(h: TxnHarness, version: number) {
    this.h = h
    this.#version = version
    this.clients = Array.from({ length: CLIENTS }, (_, i) => ({
      id: IDS[i % IDS.length]!,
      producer: undefined,
      txn: newTxn(),
      lastEnd: undefined,
      busy: false,
    }))
    h.onMarker = ({ partition }, marker) => {
      try {
        this.partitions[partition]!.mark(marker)
      } catch (error) {
        if (!(error instanceof LogError)) throw error
        throw new KafkaError(ErrorCode[error.kafkaError as 'INVALID_PRODUCER_EPOCH'])
      }
    }
  }

  async run(step: Step): Promise<void> {
    const { h } = this
    if ('client' in step) {
      const client = this.clients[step.client]!
      if (!client.busy) this.#act(client, step)
    } else if (step.kind === 'advance') h.clock.advance(step.ms)
    else if (step.kind === 'crash') await this.#crash()
    else if (step.kind === 'refuse') h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    else if (step.kind === 'accept') h.appendError = undefined
    else if (step.kind === 'holdMarkers') h.markerWrites.shut = true
    else if (step.kind === 'releaseMarkers') await h.markerWrites.open()
    else if (step.kind === 'holdLog') h.appends.shut = true
    else await h.appends.open()
    await settle()
  }

  async #crash(): Promise<void> {
    this.#life++
    for (const client of this.clients) client.busy = false
    await this.h.restart(this.#life)
  }

  /** Runs a request of a client; what comes of it after a crash is lost to the client. */
  #act(client: Client, step: ClientStep): void {
    const life = this.#life
    client.busy = true
    const done = (): boolean => {
      if (life !== this.#life) return false
      client.busy = false
      return true
    }
    this.#request(client, step, () => life === this.#life).then(done, (error: unknown) => {
      if (!(error instanceof KafkaError)) this.#failures.push(error)
      done()
    })
  }

  async #request(client: Client, step: ClientStep, isAlive: () => boolean): Promise<void> {
    switch (step.kind) {
      case 'init':
      case 'initAgain': {
        const expected = step.kind === 'initAgain' ? client.producer : undefined
        const producer = await this.h.init(expected, 60_000, client.id)
        if (!isAlive()) return
        client.producer = producer
        client.txn = newTxn()
        return
      }
      case 'write':
        return this.#write(client, step.partition, isAlive)
      case 'end': {
        if (client.producer === undefined) return
        const end = { producer: client.producer, committed: step.committed, txn: client.txn, next: undefined }
        client.lastEnd = end
        return this.#end(client, end, isAlive)
      }
      case 'repeatEnd':
      case 'lateEnd':
        // A late request reaches the coordinator by itself: its client is long somewhere else.
        if (client.lastEnd) return this.#end(client, client.lastEnd, isAlive)
    }
  }

  async #write(client: Client, partition: number, isAlive: () => boolean): Promise<void> {
    const { producer, txn } = client
    if (producer === undefined) return
    await this.h.add(producer, [{ topic: 'orders', partition }], this.#version, client.id)
    if (!isAlive()) return
    try {
      this.partitions[partition]!.write(producer, txn)
      txn.written.add(partition)
    } catch (error) {
      if (!(error instanceof LogError)) throw error
    }
  }

  async #end(client: Client, end: NonNullable<Client['lastEnd']>, isAlive: () => boolean): Promise<void> {
    const next = await this.h.end(end.producer, end.committed, this.#version, client.id)
    // The decision holds even when its client does not hear of it.
    const promise = end.committed ? 'commit' : 'abort'
    expect(end.txn.promised ?? promise).toBe(promise)
    end.txn.promised = promise
    if (end.next) expect(next).toEqual(end.next)
    if (!isAlive() || client.txn !== end.txn) return
    end.next = next
    client.producer = next
    client.txn = newTxn()
  }

  /** Lets everything come to its end. */
  async finish(): Promise<void> {
    this.h.appendError = undefined
    await this.h.markerWrites.open()
    await this.h.appends.open()
    for (let i = 0; i < 4; i++) {
      this.h.clock.advance(70_000)
      await settle()
    }
  }

  check(): void {
    for (const failure of this.#failures) throw failure
    for (const partition of this.partitions) expect(partition.openTransactions).toBe(0)
    const outcomes = new Map<Txn, Set<string | undefined>>()
    for (const { entries } of this.partitions) {
      for (const { txn, outcome } of entries) outcomes.set(txn, (outcomes.get(txn) ?? new Set()).add(outcome))
    }
    // Every record has one, and all records of a transaction have the same.
    for (const [txn, found] of outcomes) {
      expect(found.has(undefined)).toBe(false)
      expect(found.size).toBe(1)
      if (txn.promised) expect([...found]).toEqual([txn.promised])
    }
    for (const id of IDS) {
      const values = this.h.values(id)
      // An id whose first record the log refused is known in memory alone.
      if (values === undefined || values.producerEpoch === -1) continue
      expect(['Empty', 'CompleteCommit', 'CompleteAbort']).toContain(values.state)
      expect(values.partitions.size).toBe(0)
      expect(this.h.logged(id)).toEqual({ ...values, lastProducerEpoch: -1 })
    }
  }
}

async function simulate(steps: readonly Step[], version: number, firstEpoch: number): Promise<void> {
  const h = await TxnHarness.started()
  for (const id of IDS) {
    if (firstEpoch > 0) await h.given({ producerId: h.nextProducerId++, producerEpoch: firstEpoch }, id)
  }
  const model = new Model(h, version)
  for (let client = 0; client < IDS.length; client++) await model.run({ kind: 'init', client })
  for (const each of steps) await model.run(each)
  await model.finish()
  model.check()
  h.coordinator.stop()
}

const steps = fc.array(step, { minLength: 5, maxLength: 50 })

it('transactions v2: every transaction is all or nothing, as promised, whatever fails in between', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, MAX_EPOCH - 4), (all, epoch) => simulate(all, 2, epoch)),
    { numRuns: 300 },
  )
})

it('transactions v1: the same, as long as no request comes late', async () => {
  const orderly = steps.map((all) => all.filter(({ kind }) => kind !== 'lateEnd' && kind !== 'repeatEnd'))
  await fc.assert(
    fc.asyncProperty(orderly, (all) => simulate(all, 0, 0)),
    { numRuns: 100 },
  )
})
