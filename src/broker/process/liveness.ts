/** Whether the process that wrote a file is still the one with that id. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, so that a later one with the same id isn't taken for it. */
export interface ProcessIdentity {
  pid: number
  /** Linux: start time in clock ticks since boot; elsewhere milliseconds since 1970, to about a second. */
  startTime: number
  host: string
  /** Linux: the boot it ran in; '' elsewhere. */
  bootId: string
}

/** `ps` gives whole seconds, and the start as this process sees it lies a little after the kernel's. */
const START_TOLERANCE_MS = 3000

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** Field 22 of /proc/<pid>/stat; undefined when there is no such process. Zombies count as gone: they hold no files. */
function linuxStartTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold blanks and parentheses of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

function psStartTime(pid: number): number | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const startedMs = Date.parse(text.trim())
    return Number.isNaN(startedMs) ? undefined : startedMs
  } catch {
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

let own: ProcessIdentity | undefined

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    startTime: linuxStartTime(process.pid) ?? Math.round(Date.now() - process.uptime() * 1000),
    host: hostname(),
    bootId: readBootId(),
  }
  return own
}

/**
 * - `alive`: that very process runs.
 * - `dead`: it doesn't; the id may belong to another process by now.
 * - `unknown`: it ran on another machine or in another container, where it can't be seen from here.
 */
export function livenessOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const { host, bootId } = ownIdentity()
  if (identity.host !== host) return 'unknown'
  if (identity.bootId !== bootId) return 'dead'
  if (process.platform === 'linux') return linuxStartTime(identity.pid) === identity.startTime ? 'alive' : 'dead'
  if (!exists(identity.pid)) return 'dead'
  const started = process.platform === 'win32' ? undefined : psStartTime(identity.pid)
  if (started === undefined) return 'alive'
  return Math.abs(started - identity.startTime) <= START_TOLERANCE_MS ? 'alive' : 'dead'
}
