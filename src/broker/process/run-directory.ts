/** The brokers that run on this machine for this user, one small file each, so that they can be found to be stopped. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { livenessOf, ownIdentity, type ProcessIdentity } from './liveness.ts'
import { replaceFile } from './state-file.ts'

/** A broker process. */
export interface RunningProcess extends ProcessIdentity {
  nodeId: number
  roles: string[]
  logDirs: string[]
}

/** KT_RUN_DIR, else the user's runtime folder. */
export function runDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.KT_RUN_DIR) return env.KT_RUN_DIR
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'kt')
  return join(tmpdir(), `kt-run-${userInfo().username}`)
}

/** Notes this process as a broker; returns how to take that back. A folder that can't be written is no reason not to start. */
export function registerProcess({ nodeId, roles, logDirs }: Omit<RunningProcess, keyof ProcessIdentity>): () => void {
  const identity = ownIdentity()
  const path = join(runDirectory(), `broker-${identity.pid}-${nodeId}-${identity.startTime}.json`)
  try {
    mkdirSync(runDirectory(), { recursive: true, mode: 0o700 })
    replaceFile(path, JSON.stringify({ ...identity, nodeId, roles, logDirs }))
  } catch {
    return () => {}
  }
  return () => rmSync(path, { force: true })
}

/** Brokers of this user that are alive; files of others are swept away. */
export function runningProcesses(): RunningProcess[] {
  const directory = runDirectory()
  let names: string[]
  try {
    names = readdirSync(directory).filter((name) => /^broker-.*\.json$/.test(name))
  } catch {
    return []
  }
  return names.sort().flatMap((name) => {
    const path = join(directory, name)
    try {
      const found = JSON.parse(readFileSync(path, 'utf8')) as RunningProcess
      if (livenessOf(found) === 'alive') return [found]
      rmSync(path, { force: true })
    } catch {
      // Being written, or just removed by its broker.
    }
    return []
  })
}
