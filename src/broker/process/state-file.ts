/** What a running broker tells other processes on this machine: where it listens, and who it is. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockHolder } from '../lock-file.ts'

/** In the first log directory, while the broker answers. */
export const STATE_FILE = '.kt-broker.json'

/** Content of the state file. */
export interface NodeState {
  pid: number
  /** Token of the data directory's lock: a state file without it was left by a crash. */
  token: string
  nodeId: number
  clusterId: string
  roles: string[]
  /** host:port for clients. */
  bootstrap: string
  host: string
  port: number
  startedMs: number
  dataDir: string
  logDirs: string[]
  /** Where the broker logs; null when it logs to its standard output. */
  logFile: string | null
  /** Stops by itself after so long without a client; 0 never. */
  idleTimeoutMs: number
}

/** Writes a file so that readers see all of it or none. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}-${process.pid}`
  writeFileSync(temporary, content)
  renameSync(temporary, path)
}

/** Announces that the broker answers. */
export function writeState(state: NodeState): void {
  replaceFile(join(state.dataDir, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`)
}

/** Takes the announcement back. */
export function removeState(state: Pick<NodeState, 'dataDir' | 'token'>): void {
  const path = join(state.dataDir, STATE_FILE)
  if (readJson(path)?.token === state.token) rmSync(path, { force: true })
}

function readJson(path: string): NodeState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as NodeState
  } catch {
    return undefined
  }
}

/** The broker that runs on a data directory, as far as files tell: it is alive and has announced itself. */
export function readState(dataDir: string): NodeState | undefined {
  const state = readJson(join(dataDir, STATE_FILE))
  return state !== undefined && lockHolder(dataDir)?.token === state.token ? state : undefined
}
