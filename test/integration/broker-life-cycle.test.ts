import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { occupyPort, Sandbox, untilGone } from './kt.ts'

let box: Sandbox
beforeEach(() => {
  box = new Sandbox()
})
afterEach(() => box.close())

describe('the embedded broker', () => {
  it('starts, tells about itself, and stops', async () => {
    expect(await box.run(['broker', 'status'])).toEqual({
      code: 3,
      stdout: `No broker runs on ${box.dataDir}\n`,
      stderr: '',
    })
    const started = await box.run(['broker', 'start', '--port', '0'])
    expect(started).toMatchObject({ code: 0, stderr: '' })
    expect(started.stdout).toMatch(/^Started broker on localhost:\d+ \(process \d+, data .*\)\n$/)
    const state = await box.status()
    expect(state.status).toBe('running')
    expect(started.stdout).toContain(`${state.bootstrap} (process ${state.pid},`)

    const again = await box.run(['broker', 'start'])
    expect(again).toMatchObject({ code: 0, stdout: started.stdout.replace('Started broker', 'A broker already runs') })
    expect((await box.run(['broker', 'start', '--port', '1'])).stderr).toContain('already runs on port')

    const logs = await box.run(['broker', 'logs', '-n', '1'])
    expect(logs.stdout).toMatch(/^\[.*\] INFO ready .*\n$/)
    expect(await box.run(['broker', 'stop'])).toMatchObject({
      code: 0,
      stdout: `Stopped broker (process ${state.pid}, data ${box.dataDir})\n`,
    })
    expect((await box.run(['broker', 'stop'])).code).toBe(1)
    expect((await box.run(['broker', 'status'])).code).toBe(3)
    expect(readdirSync(box.dataDir)).toContain('.kafka_cleanshutdown')
    expect(readdirSync(box.dataDir).filter((name) => name.startsWith('.kt'))).toEqual([])
  })

  it('starts by itself with the first command, once, and serves those that follow', async () => {
    const created = await box.run(['topics', '--create', '--topic', 'hello', '--partitions', '2'])
    expect(created).toMatchObject({ code: 0, stdout: 'Created topic hello.\n' })
    expect(created.stderr).toMatch(/^Started an embedded broker on localhost:\d+ .*\n$/)
    const listed = await box.run(['topics', '--list'])
    expect(listed).toEqual({ code: 0, stdout: 'hello\n', stderr: '' })
  })

  it('misbehaves on demand', async () => {
    const wrong = await box.run(['broker', 'start', '--port', '0', '--fault', 'explode'])
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toContain("The fault 'explode' is not valid: it has to begin with one of delay, drop")
    const fault = ['--fault', 'error=POLICY_VIOLATION,api=CreateTopics,topic=forbidden']
    expect(await box.run(['broker', 'start', '--port', '0', ...fault])).toMatchObject({ code: 0, stderr: '' })
    const refused = await box.run(['topics', '--create', '--topic', 'forbidden'])
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain('Request parameters do not satisfy the configured policy.')
    expect((await box.run(['topics', '--create', '--topic', 'allowed'])).code).toBe(0)
    const again = await box.run(['broker', 'start', ...fault])
    expect(again.stderr).toContain('already runs, without these faults')
  })

  it('is one broker, however many commands start at the same time', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => box.run(['broker', 'start', '--output', 'json'])),
    )
    const rows = outcomes.map(
      ({ stdout }) => (JSON.parse(stdout) as [{ pid: number; bootstrap: string; isStarted: boolean }])[0],
    )
    expect(outcomes.map(({ code }) => code)).toEqual(Array(8).fill(0))
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(1)
    expect(new Set(rows.map(({ bootstrap }) => bootstrap)).size).toBe(1)
    expect(rows.filter(({ isStarted }) => isStarted)).toHaveLength(1)
  }, 60_000)

  it('heals after kill -9, with what was written', async () => {
    await box.run(['topics', '--create', '--topic', 'kept'])
    const { pid } = await box.status()
    process.kill(pid, 'SIGKILL')
    await untilGone(pid)
    expect((await box.status()).status).toBe('stopped')
    const listed = await box.run(['topics', '--list'])
    expect(listed).toMatchObject({ code: 0, stdout: 'kept\n' })
    expect(listed.stderr).toContain('Started an embedded broker')
    expect((await box.status()).pid).not.toBe(pid)
  })

  it('takes another port when its own is taken, unless told which', async () => {
    const other = await occupyPort()
    const wanted = await box.run(['broker', 'start', '--port', String(other.port)])
    await other.free()
    expect(wanted.code).toBe(1)
    expect(wanted.stderr).toContain(`can't bind localhost:${other.port}: another process listens there`)
    expect((await box.status()).status).toBe('stopped')
  })

  it('stops by itself when nobody uses it', async () => {
    await box.run(['topics', '--list'], { KT_IDLE_TIMEOUT: '100ms' })
    const { pid } = await box.status()
    if (pid) await untilGone(pid)
    expect((await box.status()).status).toBe('stopped')
    expect(readFileSync(join(box.dataDir, 'kt-broker.log'), 'utf8')).toContain('no client for 0.1 s')
  })

  it('prints what the broker logs from then on', async () => {
    await box.run(['broker', 'start'])
    const logs = box.start(['broker', 'logs', '-f', '-n', '1'])
    await logs.until('INFO ready')
    await box.run(['broker', 'stop'])
    await logs.until('broker stopped')
    logs.child.kill('SIGINT')
    expect((await logs.ended).code).toBe(0)
  })

  it('leaves a directory alone that is not its own', async () => {
    await box.run(['broker', 'stop'])
    const home = box.dir
    writeFileSync(join(home, 'thesis.txt'), '')
    const refused = await box.run(['topics', '--list'], { KT_DATA_DIR: home })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('is not empty and has no meta.properties')
    expect(readdirSync(home)).not.toContain('meta.properties')
  })

  it('names a directory that can not be made', async () => {
    writeFileSync(join(box.dir, 'file'), '')
    const refused = await box.run(['topics', '--list'], { KT_DATA_DIR: join(box.dir, 'file/data') })
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain(`The data directory ${join(box.dir, 'file/data')} can't be created`)
    expect(refused.stderr).toContain('KT_DATA_DIR')
  })

  it('refuses a directory of a newer format, with the reason', async () => {
    await box.run(['broker', 'start'])
    await box.run(['broker', 'stop'])
    const path = join(box.dataDir, 'meta.properties')
    writeFileSync(path, readFileSync(path, 'utf8').replace('version=1', 'version=2'))
    const refused = await box.run(['topics', '--list'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(
      `${box.dataDir}/meta.properties is of version 2, which a newer Kafka or kt has written`,
    )
  })
})
