import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { script } from '../interop/node-process.ts'

/** A program that does what kt does, to be measured beside it. */
export interface Peer {
  name: string
  /** Program and arguments. */
  command: string[]
}

export const ktCommand = (...args: string[]): string[] => [
  process.execPath,
  fileURLToPath(new URL('../../bin/run.js', import.meta.url)),
  ...args,
]

/** Is kcat installed? */
export const hasKcat = (): boolean => spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0
/** Is there a Kafka distribution in KAFKA_HOME? */
export const hasKafka = (): boolean => process.env.KAFKA_HOME !== undefined && existsSync(script('kafka-topics'))

/**
 * Runs a command to its end, standard output thrown away.
 * @returns wall time in ms; throws when it fails
 */
export function timeOf(command: string[], inputFile?: string): number {
  const input = inputFile === undefined ? 'ignore' : openSync(inputFile, 'r')
  const start = performance.now()
  const { status, stderr, error } = spawnSync(command[0] as string, command.slice(1), {
    stdio: [input, 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, KT_EMBEDDED: 'off' },
  })
  const took = performance.now() - start
  if (error) throw error
  if (status !== 0) throw new Error(`${command.join(' ')}: status ${status}\n${stderr.slice(-2000)}`)
  return took
}

/** Runs one of Kafka's scripts and returns its output. */
export const kafkaOutput = (name: string, args: string[]): string =>
  execFileSync(script(name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Times of each peer, run in turns so that a busy machine hits all alike. Smallest first. */
export function timesInTurns(peers: Peer[], rounds: number, inputFile?: string): Map<string, number[]> {
  const times = new Map(peers.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, command } of peers) times.get(name)?.push(timeOf(command, inputFile))
  }
  for (const list of times.values()) list.sort((a, b) => a - b)
  return times
}

export const median = (sorted: number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN

/** Resident memory of a process in MB; NaN where /proc does not exist. */
export function residentMb(pid: number): number {
  const path = `/proc/${pid}/status`
  if (!existsSync(path)) return Number.NaN
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1]) / 1024
}
