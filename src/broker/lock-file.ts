/**
 * One broker per log directory. Node has no fcntl locks, so a lock is a file with the holder's identity, created by link(2),
 * which is atomic and never shows half a file. A holder that is gone (kill -9, power cut) is recognised by process id and
 * start time; its lock is taken over by whoever first links a claim named after it, so of many that start at once one wins.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaLockHolder } from './process/foreign-lock.ts'
import { livenessOf, ownIdentity, type ProcessIdentity } from './process/liveness.ts'

/** The lock of a log directory. Apache Kafka ignores it; its own is `.lock`. */
export const LOCK_FILE = '.kt-lock'

/** What a lock file holds, as JSON. */
export interface LockRecord extends ProcessIdentity {
  /** Unique to this taking of the lock. */
  token: string
}

/** A lock that is held until `release`. */
export interface FileLock {
  readonly path: string
  readonly token: string
  /** Gives it back; harmless when called twice. */
  release(): void
}

/** Another process uses the directory. */
export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError'
  readonly directory: string
  /** Of the process that uses it; undefined when it runs where it can't be seen. */
  readonly pid: number | undefined
  readonly nextStep: string

  constructor(directory: string, pid: number | undefined, who: string, nextStep: string, kafkasWords?: string) {
    super(kafkasWords ?? `The data directory ${directory} is in use by ${who}.`)
    this.directory = directory
    this.pid = pid
    this.nextStep = nextStep
  }
}

/** The directory can't be created, read or written. */
export class DataDirUnusableError extends Error {
  override name = 'DataDirUnusableError'
  readonly nextStep = 'Check its owner and permissions, or use another directory (log.dirs, KT_DATA_DIR).'

  constructor(directory: string, cause: unknown) {
    super(`The data directory ${directory} can't be used: ${(cause as Error).message}`, { cause })
  }
}

/** A file that is no lock record and older than this was left by a crash, not by someone about to write it. */
const DAMAGED_AFTER_MS = 5000
/** Crashed takeovers that may stack up; more means the directory is not behaving. */
const MAX_CLAIMS = 100

type Found = LockRecord | { token: string; damaged: true; ageMs: number }

function readRecord(path: string): Found | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const { mtimeMs, ino } = statSync(path)
    try {
      const record = JSON.parse(text) as Partial<LockRecord> | null
      if (typeof record?.pid === 'number' && typeof record.token === 'string') return record as LockRecord
    } catch {
      // Not JSON: damaged.
    }
    return { token: `damaged-${ino}-${Math.trunc(mtimeMs)}`, damaged: true, ageMs: Date.now() - mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function stateOf(record: Found): 'alive' | 'dead' | 'unknown' {
  if ('damaged' in record) return record.ageMs > DAMAGED_AFTER_MS ? 'dead' : 'alive'
  return livenessOf(record)
}

/** Creates `path` with the content of `temporary`; false when it exists already. */
function linkNew(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
  }
  // No hard links on this file system: the next best is an exclusive creation, whose content follows at once.
  try {
    writeFileSync(path, readFileSync(temporary), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function inUse(directory: string, record: Found, state: 'alive' | 'unknown'): DataDirInUseError {
  if ('damaged' in record) {
    return new DataDirInUseError(directory, undefined, 'a process that is just starting', 'Try again in a few seconds.')
  }
  if (state === 'alive') {
    const nextStep = `Stop it (kill ${record.pid}), or use another data directory.`
    return new DataDirInUseError(directory, record.pid, `process ${record.pid}`, nextStep)
  }
  const nextStep = `If no broker runs there any more, remove ${join(directory, LOCK_FILE)}; else use another data directory.`
  return new DataDirInUseError(directory, undefined, `process ${record.pid} on host ${record.host}`, nextStep)
}

/** The lock and the claims on it, from the oldest: [path, token] up to and without the first free path. */
function walk(base: string): { chain: { path: string; record: Found }[]; free: string } {
  const chain: { path: string; record: Found }[] = []
  let path = base
  for (let steps = 0; steps < MAX_CLAIMS; steps++) {
    const record = readRecord(path)
    if (record === undefined) break
    chain.push({ path, record })
    path = `${base}.${record.token}`
  }
  return { chain, free: path }
}

/** One attempt: the lock, undefined when somebody else moved in between. Throws DataDirInUseError. */
function tryTake(directory: string, base: string, temporary: string, token: string): boolean | undefined {
  const { chain, free } = walk(base)
  const last = chain.at(-1)
  if (last) {
    const state = stateOf(last.record)
    if (state !== 'dead') throw inUse(directory, last.record, state)
  }
  if (!linkNew(temporary, free)) return undefined
  if (chain.length === 0) return true
  // The claim counts only if the dead lock it follows is still in place: otherwise somebody finished a takeover before it.
  const now = walk(base).chain
  const same = now.length === chain.length + 1 && chain.every(({ record }, i) => now[i]!.record.token === record.token)
  if (!same || now.at(-1)!.record.token !== token) {
    rmSync(free, { force: true })
    return undefined
  }
  renameSync(free, base)
  for (const { path } of chain.slice(1)) rmSync(path, { force: true })
  return true
}

/**
 * Takes the lock file `name` in `directory`, which must exist.
 * @throws DataDirInUseError when a living process holds it, DataDirUnusableError when the directory refuses
 */
export function takeLock(directory: string, name: string = LOCK_FILE): FileLock {
  const base = join(directory, name)
  const token = randomBytes(9).toString('base64url')
  const temporary = join(directory, `${name}-new-${token}`)
  const record: LockRecord = { ...ownIdentity(), token }
  try {
    writeFileSync(temporary, `${JSON.stringify(record)}\n`, { flag: 'wx' })
    while (tryTake(directory, base, temporary, token) === undefined) {
      // Somebody else was faster: look again at who it is. Each round another process made progress.
    }
  } catch (error) {
    if (error instanceof DataDirInUseError) throw error
    throw new DataDirUnusableError(directory, error)
  } finally {
    rmSync(temporary, { force: true })
  }
  return { path: base, token, release: () => releaseLock(base, token) }
}

function releaseLock(base: string, token: string): void {
  try {
    const record = readRecord(base)
    if (record?.token === token) rmSync(base, { force: true })
  } catch {
    // The directory is gone, and the lock with it.
  }
}

/** Who holds a lock, if that process is alive or can't be seen from here; undefined when the lock is free or stale. */
export function lockHolder(directory: string, name: string = LOCK_FILE): LockRecord | undefined {
  const last = walk(join(directory, name)).chain.at(-1)?.record
  return last === undefined || 'damaged' in last || stateOf(last) === 'dead' ? undefined : last
}

/** Whether a broker, of kt or of Apache Kafka, uses a log directory. */
export const isDirectoryInUse = (directory: string): boolean =>
  lockHolder(directory) !== undefined || kafkaLockHolder(directory) !== undefined

function refuseKafka(directory: string): void {
  const pid = kafkaLockHolder(directory)
  if (pid === undefined) return
  const who = pid === 0 ? 'an Apache Kafka in another container' : `process ${pid}, an Apache Kafka`
  const words = `Failed to acquire lock on file .lock in ${directory}. A Kafka instance in another process or thread is using this directory.`
  const nextStep = `The directory is in use by ${who}. Stop it, or use another data directory.`
  throw new DataDirInUseError(directory, pid === 0 ? undefined : pid, who, nextStep, words)
}

/**
 * Takes the locks of all log directories of a broker, or none; directories that don't exist are created.
 * On Linux it also refuses a directory that an Apache Kafka is using. The other way round Apache Kafka can't see kt's lock.
 * @returns release for all; `token` of the first
 * @throws DataDirInUseError, DataDirUnusableError
 */
export function lockDirectories(directories: readonly string[]): { token: string; release(): void } {
  const held: FileLock[] = []
  const release = (): void => {
    for (const lock of held.splice(0)) lock.release()
  }
  try {
    for (const directory of directories) {
      try {
        mkdirSync(directory, { recursive: true })
      } catch (error) {
        throw new DataDirUnusableError(directory, error)
      }
      held.push(takeLock(directory))
      refuseKafka(directory)
    }
  } catch (error) {
    release()
    throw error
  }
  return { token: held[0]?.token ?? '', release }
}
