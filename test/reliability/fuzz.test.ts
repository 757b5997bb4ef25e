/**
 * KT_FRAMES (default 100,000) mutated requests of every API and version against a broker process: it has to stay up, keep serving others,
 * know every failure by its name (no internal errors in its log) and keep its memory.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { TestClient } from '../broker/in-process.ts'
import { mutated, TOPIC, wellFormedFrames } from './fuzz/hostile-frames.ts'

const FRAMES = Number(process.env.KT_FRAMES ?? 100_000)
const FRAMES_PER_CONNECTION = 10
const CONNECTIONS = 8
const GROWTH_LIMIT_BYTES = 200 * 1024 * 1024
const kt = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
/** Mutations of broker configs could lock the test out (max.connections=0). */
const EXCLUDED = ['AlterConfigsRequest', 'IncrementalAlterConfigsRequest']

let dir: string
let child: ChildProcess
let port: number
const internalErrors: string[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kt-fuzz-'))
  const args = ['broker', 'start', '--foreground', '--port', '0', '--data-dir', join(dir, 'data')]
  child = spawn(process.execPath, [kt, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, KT_RUN_DIR: dir },
  })
  port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code} before it was ready`)))
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const found = /bootstrap=localhost:(\d+)/.exec(line)?.[1]
      if (found) resolve(Number(found))
      if (/ (ERROR|FATAL) /.test(line) && internalErrors.length < 20) internalErrors.push(line)
    })
  })
})

afterAll(async () => {
  if (child.exitCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(dir, { recursive: true, force: true })
})

/** Resident memory of the broker; 0 where /proc doesn't say. */
function residentBytes(): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/**
 * Sends frames on one connection until the broker has had enough of it or has answered. Returns how many it looked at: what follows a
 * frame it hangs up on doesn't count.
 */
async function attack(frames: readonly Buffer[]): Promise<number> {
  const client = await TestClient.connect(port)
  for (const frame of frames) client.sendFrame(frame)
  let answers = 0
  const limit = new Promise<'late'>((resolve) => setTimeout(resolve, 50, 'late'))
  for (;;) {
    const frame = answers < frames.length ? await Promise.race([client.nextFrame(), limit]) : 'late'
    // Long polls and the like aren't waited for.
    if (frame === 'late') break
    answers++
    if (frame === undefined) break
  }
  client.close()
  return answers
}

async function isServed(): Promise<void> {
  const client = await TestClient.connect(port)
  expect((await client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})).errorCode).toBe(0)
  client.close()
}

it(`survives ${FRAMES} mutated frames`, async () => {
  const setup = await TestClient.connect(port)
  const topics = [{ name: TOPIC, numPartitions: 1, replicationFactor: 1 }]
  await setup.request(CreateTopicsRequest, CreateTopicsResponse, 5, { topics, timeoutMs: 5000 })
  setup.close()
  const pool = await wellFormedFrames(EXCLUDED)
  let sent = 0
  let warmBytes = 0
  while (sent < FRAMES) {
    const looked = await Promise.all(
      Array.from({ length: CONNECTIONS }, () =>
        attack(
          Array.from({ length: FRAMES_PER_CONNECTION }, () => mutated(pool[Math.floor(Math.random() * pool.length)]!)),
        ),
      ),
    )
    for (const count of looked) sent += count
    await isServed()
    if (warmBytes === 0 && sent > FRAMES / 5) warmBytes = residentBytes()
  }
  const grownBytes = residentBytes() - warmBytes
  console.log(`${sent} frames from ${pool.length} requests; memory grew by ${(grownBytes / 1048576).toFixed(1)} MB`)
  expect(child.exitCode).toBeNull()
  expect(internalErrors).toEqual([])
  expect(grownBytes).toBeLessThan(GROWTH_LIMIT_BYTES)
})
