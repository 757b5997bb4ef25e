/**
 * A thousand connections, a hundred of which ask for as much as they can and never read the answer. The broker must not grow by more than
 * 200 MB, and must go on answering everybody else.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { TestClient } from '../broker/in-process.ts'

const CONNECTIONS = 1000
const SLOW = 100
const PARTITIONS = 4
const BATCH_BYTES = Number(process.env.KT_BATCH_BYTES ?? 500_000)
const BATCHES = 400
const MAX_GROWTH_BYTES = 200e6
const FETCH_BYTES = 50_000_000

const script = fileURLToPath(new URL('broker-process.mts', import.meta.url))
let dataDir: string
let broker: ChildProcess
let port: number

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kt-slow-'))
  broker = spawn(process.execPath, ['--import', 'tsx', script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  port = await new Promise((resolve, reject) => {
    broker.once('exit', (code) => reject(new Error(`the broker ended with ${code} before it was ready`)))
    createInterface({ input: broker.stdout! }).once('line', (line) => resolve(Number(line)))
  })
})

afterAll(async () => {
  const ended = new Promise((resolve) => broker.once('exit', resolve))
  broker.stdin?.end()
  await ended
  await rm(dataDir, { recursive: true, force: true })
})

/** Memory of the broker's process that is in use (Linux). */
async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${broker.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

const fetchOf = (fetchOffset: bigint, maxBytes = FETCH_BYTES) => ({
  maxWaitMs: 100,
  minBytes: 1,
  maxBytes,
  sessionEpoch: -1,
  topics: [
    {
      topic: 'big',
      partitions: Array.from({ length: PARTITIONS }, (_, partition) => ({
        partition,
        fetchOffset,
        partitionMaxBytes: maxBytes,
      })),
    },
  ],
})

async function produce(client: TestClient, partition: number): Promise<void> {
  const records = buildBatch([{ value: Buffer.alloc(BATCH_BYTES, 'x'), timestamp: Date.now() }])
  const answer = await client.request(ProduceRequest, ProduceResponse, 12, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: 'big', partitionData: [{ index: partition, records }] }],
  })
  expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
}

it(`${SLOW} slow readers among ${CONNECTIONS} connections stay within bounds`, async () => {
  const client = await TestClient.connect(port)
  await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: 'big', numPartitions: PARTITIONS, replicationFactor: 1 }],
  })
  for (let i = 0; i < BATCHES; i++) await produce(client, i % PARTITIONS)
  // Once more than fits the caches, so that what they hold counts as there before.
  await client.request(FetchRequest, FetchResponse, 12, fetchOf(0n))
  const beforeBytes = await residentBytes()

  const others = await Promise.all(Array.from({ length: CONNECTIONS - 1 }, () => TestClient.connect(port)))
  await Promise.all(others.map((other) => other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})))
  const slow = others.slice(0, SLOW)
  for (const reader of slow) {
    reader.socket.pause()
    for (let i = 0; i < 10; i++) reader.send(FetchRequest, 12, fetchOf(BigInt(i)))
  }
  let mostBytes = beforeBytes
  const rest = others.slice(SLOW)
  const started = performance.now()
  for (let round = 0; round < 20; round++) {
    await produce(client, round % PARTITIONS)
    const read = await client.request(FetchRequest, FetchResponse, 12, fetchOf(BigInt(round), 2_000_000))
    expect(read.responses[0]?.partitions.some((partition) => (partition.records?.length ?? 0) > 0)).toBe(true)
    await Promise.all(rest.map((other) => other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})))
    mostBytes = Math.max(mostBytes, await residentBytes())
  }
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  console.log(
    `before ${megabytes(beforeBytes)}, at most ${megabytes(mostBytes)}; 20 rounds in ${Math.round(performance.now() - started)} ms`,
  )
  expect(mostBytes - beforeBytes).toBeLessThan(MAX_GROWTH_BYTES)

  // A slow reader that wakes up gets the answer it asked for, whole.
  const woken = slow[0]!
  const answer = woken.receive(FetchResponse, 12)
  woken.socket.resume()
  expect((await answer).response.responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(BATCH_BYTES)
  for (const other of [client, ...others]) other.close()
})
