/**
 * Kills a producing broker with SIGKILL, again and again on the same data directory. After each restart all that was acknowledged has to be
 * there, at the offset acknowledged, and the offsets have to be contiguous. `KT_ROUNDS` says how often (default 50).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { readBatches, validateBatch } from '../../src/protocol/records/batch-reader.ts'
import { readRecords } from '../../src/protocol/records/record-cursor.ts'
import { TestClient } from '../broker/in-process.ts'

const ROUNDS = Number(process.env.KT_ROUNDS ?? 50)
const PARTITIONS = 3
const IN_FLIGHT = 4
const kt = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

let dir: string
let nextValue = 0
/** Acknowledged: 'partition/offset' → value. */
const acknowledged = new Map<string, number>()
const sent = new Set<number>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kt-kill9-'))
  const properties = [
    'process.roles=broker,controller',
    'node.id=1',
    'controller.quorum.bootstrap.servers=localhost:9',
    'listeners=PLAINTEXT://localhost:0,CONTROLLER://localhost:9',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${dir}/data`,
    'log.segment.bytes=1048576',
  ]
  await writeFile(`${dir}/server.properties`, properties.join('\n'))
  const format = spawn(process.execPath, [
    kt,
    'storage',
    'format',
    '--standalone',
    '-t',
    'MkU3OEVBNTcwNTJENDM2Qg',
    '-c',
    `${dir}/server.properties`,
  ])
  const code = await new Promise((resolve) => format.once('exit', resolve))
  expect(code).toBe(0)
})

afterAll(() => rm(dir, { recursive: true, force: true }))

/** Starts the broker and resolves with its port as soon as it says it is ready. */
function start(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [kt, 'server-start', `${dir}/server.properties`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code} before it was ready`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = /bootstrap=localhost:(\d+)/.exec(line)?.[1]
      if (port) resolve({ child, port: Number(port) })
    })
  })
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()))

/** Produces with acks=all until the connection breaks; `onAck` is told of each acknowledgement. */
async function produceUntilBroken(port: number, partition: number, onAck: () => void): Promise<void> {
  const client = await TestClient.connect(port)
  const inFlight: number[][] = []
  const sendOne = (): void => {
    const values = Array.from({ length: 1 + Math.floor(Math.random() * 200) }, () => nextValue++)
    for (const value of values) sent.add(value)
    inFlight.push(values)
    const padding = 'x'.repeat(Math.floor(Math.random() * 300))
    const records = buildBatch(
      values.map((value) => ({ value: Buffer.from(`${value} ${padding}`), timestamp: Date.now() })),
    )
    client.send(ProduceRequest, 12, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: 'kill', partitionData: [{ index: partition, records }] }],
    })
  }
  for (let i = 0; i < IN_FLIGHT; i++) sendOne()
  try {
    for (;;) {
      const { response } = await client.receive(ProduceResponse, 12)
      const { errorCode, baseOffset } = response.responses[0]!.partitionResponses[0]!
      expect(errorCode).toBe(0)
      const values = inFlight.shift()!
      for (const [i, value] of values.entries()) acknowledged.set(`${partition}/${Number(baseOffset) + i}`, value)
      onAck()
      sendOne()
    }
  } catch (error) {
    if ((error as Error).message !== 'the broker closed the connection') throw error
  } finally {
    client.close()
  }
}

/** Reads a partition from the start and checks it record by record. */
async function check(port: number, partition: number): Promise<number> {
  const client = await TestClient.connect(port)
  let next = 0
  let found = 0
  for (;;) {
    const answer = await client.request(FetchRequest, FetchResponse, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 8_000_000,
      sessionEpoch: -1,
      topics: [{ topic: 'kill', partitions: [{ partition, fetchOffset: BigInt(next), partitionMaxBytes: 8_000_000 }] }],
    })
    const { errorCode, records, highWatermark } = answer.responses[0]!.partitions[0]!
    expect(errorCode).toBe(0)
    for (const header of readBatches(records!)) {
      validateBatch(records!, header)
      expect(header.baseOffset).toBe(next)
      for (const record of readRecords(records!, header)) {
        const value = Number(record.value!.toString().split(' ')[0])
        const promised = acknowledged.get(`${partition}/${record.offset}`)
        if (promised !== undefined) {
          expect(value).toBe(promised)
          found++
        } else expect(sent.has(value)).toBe(true)
        next = record.offset + 1
      }
    }
    if (next === Number(highWatermark)) break
  }
  client.close()
  return found
}

it(`loses nothing that was acknowledged in ${ROUNDS} kills`, async () => {
  let broker = await start()
  const setUp = await TestClient.connect(broker.port)
  const created = await setUp.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: 'kill', numPartitions: PARTITIONS, replicationFactor: 1 }],
  })
  expect(created.topics[0]!.errorCode).toBe(0)
  setUp.close()
  for (let round = 1; round <= ROUNDS; round++) {
    const { child, port } = broker
    // Killed after a random number of acknowledgements: in the middle of the work, however fast the machine is.
    let left = 1 + Math.floor(Math.random() * 200)
    const kill = (): void => {
      if (--left === 0) child.kill('SIGKILL')
    }
    const exit = ended(child)
    await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => produceUntilBroken(port, partition, kill)))
    await exit
    broker = await start()
    let found = 0
    for (let partition = 0; partition < PARTITIONS; partition++) found += await check(broker.port, partition)
    expect(found).toBe(acknowledged.size)
  }
  const exit = ended(broker.child)
  broker.child.kill('SIGTERM')
  await exit
  console.info(`${acknowledged.size} records acknowledged in ${ROUNDS} rounds, all there`)
})
