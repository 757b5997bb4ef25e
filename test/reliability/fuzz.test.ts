/**
 * KT_FRAMES (default 100,000) mutated frames each against a broker without security, before and after a SASL login, as somebody without any
 * rights, and against the controller's listener. The broker has to stay up, keep serving others, know every failure by its name (no
 * internal errors in its log), write one line for one thing in it, and keep its memory.
 */
import { afterEach, expect, it } from 'vitest'
import { CONTROLLER_APIS } from '../../src/broker/apis/controller-index.ts'
import { APIS } from '../../src/broker/apis/index.ts'
import { METADATA_TOPIC_ID } from '../../src/broker/controller/quorum.ts'
import { SaslHandshakeResponse } from '../../src/protocol/generated/17-sasl-handshake.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { SaslAuthenticateResponse } from '../../src/protocol/generated/36-sasl-authenticate.ts'
import { TestClient } from '../broker/in-process.ts'
import { FuzzedBroker } from './fuzz/fuzzed-broker.ts'
import { mutated, TOPIC, wellFormedFrames } from './fuzz/hostile-frames.ts'
import {
  authenticateFrame,
  beforeAuthentication,
  handshakeFrame,
  plainToken,
  ROOT,
  SASL_BROKER,
  USER,
} from './fuzz/sasl-frames.ts'

const FRAMES = Number(process.env.KT_FRAMES ?? 100_000)
const FRAMES_PER_CONNECTION = 10
const CONNECTIONS = 8
const GROWTH_LIMIT_BYTES = 200 * 1024 * 1024
/** Long polls and the like aren't waited for. */
const PATIENCE_MS = 50
/** Mutations of broker configs could lock the test out (max.connections=0). */
const EXCLUDED = ['AlterConfigsRequest', 'IncrementalAlterConfigsRequest']

let broker: FuzzedBroker
afterEach(() => broker.stop())

/**
 * Sends frames on one connection until the broker has had enough of it or has answered. Returns how many it looked at: what follows a
 * frame it hangs up on doesn't count.
 */
async function attack(client: TestClient, frames: readonly Buffer[]): Promise<number> {
  for (const frame of frames) client.sendFrame(frame)
  let answers = 0
  const limit = new Promise<'late'>((resolve) => setTimeout(resolve, PATIENCE_MS, 'late'))
  for (;;) {
    const frame = answers < frames.length ? await Promise.race([client.nextFrame(), limit]) : 'late'
    if (frame === 'late') break
    answers++
    if (frame === undefined) break
  }
  client.close()
  return answers
}

async function isServed(port: number): Promise<void> {
  const client = await TestClient.connect(port)
  expect((await client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})).errorCode).toBe(0)
  client.close()
}

/** A client of the SASL listener that has logged in. */
async function loggedIn(user: typeof USER): Promise<TestClient> {
  const client = await TestClient.connect(broker.port('SASL'))
  client.sendFrame(handshakeFrame('PLAIN', 1))
  expect((await client.receive(SaslHandshakeResponse, 1)).response.errorCode).toBe(0)
  client.sendFrame(authenticateFrame(plainToken(user)))
  expect((await client.receive(SaslAuthenticateResponse, 2)).response.errorCode).toBe(0)
  return client
}

async function createTopic(client: TestClient): Promise<void> {
  const topics = [{ name: TOPIC, numPartitions: 1, replicationFactor: 1 }]
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, 5, { topics, timeoutMs: 5000 })
  expect(answer.topics[0]?.errorCode).toBe(0)
  client.close()
}

interface Attack {
  listener: string
  connect(): Promise<TestClient>
  frames(): Buffer[]
}

async function bombard({ listener, connect, frames }: Attack): Promise<void> {
  let sent = 0
  let warmBytes = 0
  const startedMs = performance.now()
  while (sent < FRAMES) {
    const looked = Array.from({ length: CONNECTIONS }, async () => attack(await connect(), frames()))
    for (const count of await Promise.all(looked)) sent += count
    await isServed(broker.port(listener))
    if (warmBytes === 0 && sent > FRAMES / 5) warmBytes = broker.residentBytes()
  }
  const grownBytes = broker.residentBytes() - warmBytes
  const took = `${Math.round((performance.now() - startedMs) / 1000)} s`
  console.log(`${listener}: ${sent} frames in ${took}; memory grew by ${(grownBytes / 1048576).toFixed(1)} MB`)
  expect(broker.internalErrors).toEqual([])
  expect(broker.forgedLines).toEqual([])
  expect(broker.isRunning).toBe(true)
  expect(grownBytes).toBeLessThan(GROWTH_LIMIT_BYTES)
}

const manyOf = (pool: readonly Buffer[]): Buffer[] =>
  Array.from({ length: FRAMES_PER_CONNECTION }, () => mutated(pool[Math.floor(Math.random() * pool.length)]!))

it(`survives ${FRAMES} mutated frames`, async () => {
  broker = await FuzzedBroker.start({})
  const connect = () => TestClient.connect(broker.port('PLAINTEXT'))
  await createTopic(await connect())
  const pool = await wellFormedFrames(APIS, EXCLUDED)
  await bombard({ listener: 'PLAINTEXT', connect, frames: () => manyOf(pool) })
})

it(`survives ${FRAMES} mutated frames of clients that have not authenticated`, async () => {
  broker = await FuzzedBroker.start(SASL_BROKER)
  const pool = await wellFormedFrames(APIS, EXCLUDED)
  await bombard({
    listener: 'SASL',
    connect: () => TestClient.connect(broker.port('SASL')),
    frames: () => beforeAuthentication(mutated, pool),
  })
})

it(`survives ${FRAMES} mutated frames after a login`, async () => {
  broker = await FuzzedBroker.start(SASL_BROKER)
  await createTopic(await loggedIn(ROOT))
  const pool = await wellFormedFrames(APIS, EXCLUDED)
  await bombard({ listener: 'SASL', connect: () => loggedIn(USER), frames: () => manyOf(pool) })
})

it(`survives ${FRAMES} mutated frames of somebody without rights`, async () => {
  broker = await FuzzedBroker.start({
    ...SASL_BROKER,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${ROOT.name};User:ANONYMOUS`,
  })
  await createTopic(await loggedIn(ROOT))
  const pool = await wellFormedFrames(APIS, [])
  await bombard({ listener: 'SASL', connect: () => loggedIn(USER), frames: () => manyOf(pool) })
})

it(`survives ${FRAMES} mutated frames to the controller's listener`, async () => {
  broker = await FuzzedBroker.start({ 'metadata.log.max.record.bytes.between.snapshots': '100000' })
  await createTopic(await TestClient.connect(broker.port('PLAINTEXT')))
  const pool = await wellFormedFrames(CONTROLLER_APIS, EXCLUDED, { topicId: METADATA_TOPIC_ID })
  const connect = () => TestClient.connect(broker.port('CONTROLLER'))
  await bombard({ listener: 'CONTROLLER', connect, frames: () => manyOf(pool) })
  await isServed(broker.port('PLAINTEXT'))
})
