import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  DataDirInUseError,
  DataDirUnusableError,
  LOCK_FILE,
  type LockRecord,
  lockDirectories,
  lockHolder,
  takeLock,
} from '../../src/broker/lock-file.ts'
import { kafkaLockHolder } from '../../src/broker/process/foreign-lock.ts'
import { livenessOf, ownIdentity } from '../../src/broker/process/liveness.ts'

const tsx = createRequire(import.meta.url).resolve('tsx')
const lockModule = pathToFileURL(join(import.meta.dirname, '../../src/broker/lock-file.ts')).href

let dir: string
const children: ChildProcess[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-lock-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

const lockFiles = (): string[] => readdirSync(dir).filter((name) => name.startsWith(LOCK_FILE))

/** A process that takes the lock when it reads a line, says so, and keeps it until its end. */
const locker = async (): Promise<{ child: ChildProcess; go(): Promise<string> }> => {
  const code = `
    const { takeLock } = await import(${JSON.stringify(lockModule)})
    process.stdout.write('ready\\n')
    process.stdin.once('data', () => {
      try { takeLock(${JSON.stringify(dir)}); process.stdout.write('locked\\n') } catch (error) { process.stdout.write(error.name + '\\n') }
    })`
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const line = async (): Promise<string> => String((await once(child.stdout!, 'data'))[0]).trim()
  expect(await line()).toBe('ready')
  return {
    child,
    go: () => {
      const answer = line()
      child.stdin!.write('go\n')
      return answer
    },
  }
}

/** A record of a process that ended. */
const deadRecord = (token: string): string => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  return JSON.stringify({ ...ownIdentity(), pid, startTime: 1, token })
}

describe('lock file', () => {
  it('is held until released, also against this process', () => {
    const lock = takeLock(dir)
    expect(() => takeLock(dir)).toThrow(DataDirInUseError)
    expect(lockHolder(dir)).toMatchObject({ pid: process.pid, token: lock.token })
    lock.release()
    lock.release()
    expect(lockHolder(dir)).toBeUndefined()
    expect(readdirSync(dir)).toEqual([])
    takeLock(dir).release()
  })

  it('names the process that holds it', async () => {
    const { child, go } = await locker()
    expect(await go()).toBe('locked')
    expect(() => takeLock(dir)).toThrow(`The data directory ${dir} is in use by process ${child.pid}.`)
  })

  it('heals after kill -9', async () => {
    const { child, go } = await locker()
    expect(await go()).toBe('locked')
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    expect(lockHolder(dir)).toBeUndefined()
    const lock = takeLock(dir)
    expect(lockFiles()).toEqual([LOCK_FILE])
    lock.release()
  })

  it('goes to one of many that find a stale lock at once', async () => {
    writeFileSync(join(dir, LOCK_FILE), deadRecord('t0'))
    const lockers = await Promise.all(Array.from({ length: 4 }, locker))
    const answers = await Promise.all(lockers.map(({ go }) => go()))
    expect(answers.sort()).toEqual(['DataDirInUseError', 'DataDirInUseError', 'DataDirInUseError', 'locked'])
    expect(lockFiles()).toEqual([LOCK_FILE])
  })

  it('takes over from a process that died while taking over', () => {
    writeFileSync(join(dir, LOCK_FILE), deadRecord('t0'))
    writeFileSync(join(dir, `${LOCK_FILE}.t0`), deadRecord('t1'))
    writeFileSync(join(dir, `${LOCK_FILE}.t1`), deadRecord('t2'))
    const lock = takeLock(dir)
    expect(lockFiles()).toEqual([LOCK_FILE])
    expect(lockHolder(dir)?.token).toBe(lock.token)
  })

  it('respects a process that has just taken over', () => {
    writeFileSync(join(dir, LOCK_FILE), deadRecord('t0'))
    writeFileSync(join(dir, `${LOCK_FILE}.t0`), JSON.stringify({ ...ownIdentity(), token: 't1' }))
    expect(() => takeLock(dir)).toThrow(DataDirInUseError)
  })

  it('does not trust a process id alone: the same id with another start time is another process', () => {
    writeFileSync(
      join(dir, LOCK_FILE),
      JSON.stringify({ ...ownIdentity(), startTime: ownIdentity().startTime - 1_000_000, token: 't0' }),
    )
    takeLock(dir).release()
  })

  it('refuses what another host holds, and says how to go on', () => {
    const record: LockRecord = { ...ownIdentity(), host: 'elsewhere', token: 't0' }
    writeFileSync(join(dir, LOCK_FILE), JSON.stringify(record))
    const error = catchError(() => takeLock(dir)) as DataDirInUseError
    expect(error.message).toContain('on host elsewhere')
    expect(error.nextStep).toContain(join(dir, LOCK_FILE))
  })

  it('takes a process of an earlier boot for dead', () => {
    expect(livenessOf(ownIdentity())).toBe('alive')
    expect(livenessOf({ ...ownIdentity(), bootId: 'before' })).toBe('dead')
  })

  it('takes all directories or none', () => {
    const dirs = [join(dir, 'a'), join(dir, 'b')]
    const other = lockDirectories([dirs[1]!])
    expect(() => lockDirectories(dirs)).toThrow(DataDirInUseError)
    expect(readdirSync(dirs[0]!)).toEqual([])
    other.release()
    lockDirectories(dirs).release()
  })

  it('names a directory that can not be made', () => {
    writeFileSync(join(dir, 'file'), '')
    expect(() => lockDirectories([join(dir, 'file')])).toThrow(DataDirUnusableError)
  })

  it.runIf(process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0)(
    'sees the lock of an Apache Kafka',
    async () => {
      const path = join(dir, '.lock')
      const code = `import fcntl,sys\nf=open(${JSON.stringify(path)},'w')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()`
      const child = spawn('python3', ['-c', code], { stdio: ['pipe', 'pipe', 'inherit'] })
      children.push(child)
      await once(child.stdout!, 'data')
      expect(kafkaLockHolder(dir)).toBe(child.pid)
      expect(() => lockDirectories([dir])).toThrow(
        'A Kafka instance in another process or thread is using this directory.',
      )
      expect(lockFiles()).toEqual([])
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      expect(kafkaLockHolder(dir)).toBeUndefined()
      lockDirectories([dir]).release()
    },
  )

  it('leaves a hard link to its own record alone', () => {
    const lock = takeLock(dir)
    linkSync(join(dir, LOCK_FILE), join(dir, 'copy'))
    lock.release()
    expect(JSON.parse(readFileSync(join(dir, 'copy'), 'utf8'))).toMatchObject({ token: lock.token })
  })
})

function catchError(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
