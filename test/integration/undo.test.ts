import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Sandbox } from './kt.ts'

let box: Sandbox
beforeEach(async () => {
  box = new Sandbox()
  await box.startBroker()
  await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
  await box.run(['console-producer', '--topic', 't'], {}, 'one\ntwo\nthree\n')
})
afterEach(() => box.close())

const alter = (...more: string[]) =>
  box.run(['configs', '--alter', '--entity-type', 'topics', '--entity-name', 't', ...more])
const retention = async (): Promise<string | undefined> => {
  const { stdout } = await box.run(['configs', '--describe', '--entity-type', 'topics', '--entity-name', 't'])
  return /retention\.ms=(\d+)/.exec(stdout)?.[1]
}
const reset = (...to: string[]) =>
  box.run(['consumer-groups', '--reset-offsets', '--group', 'g', '--topic', 't:0', ...to, '--execute'])
const committed = async (): Promise<string | undefined> => {
  const { stdout } = await box.run(['consumer-groups', '--describe', '--group', 'g'])
  return stdout
    .split('\n')
    .find((line) => line.startsWith('g '))
    ?.split(/\s+/)[3]
}

describe('kt undo', () => {
  it('puts configs back, those that were set and those that were not', async () => {
    expect((await box.run(['undo'])).stderr).toContain('There is nothing to undo')
    await alter('--add-config', 'retention.ms=1000')
    const second = await alter('--add-config', 'retention.ms=2000')
    expect(second).toEqual({ code: 0, stdout: 'Completed updating config for topic t.\n', stderr: '' })
    expect((await box.run(['undo', '--dry-run'])).stdout).toBe('retention.ms: 2000 → 1000\n')
    expect(await retention()).toBe('2000')
    expect((await box.run(['undo'])).code).toBe(0)
    expect(await retention()).toBe('1000')
    const files = (await box.run(['undo', '--list'])).stdout.trim().split('\n')
    expect(files).toHaveLength(3)
    expect((await box.run(['undo', files[2]!.split(' ')[0]!])).code).toBe(0)
    expect(await retention()).toBeUndefined()
  })

  it('puts offsets back, unless they have moved on', async () => {
    await reset('--to-offset', '1')
    await reset('--to-offset', '0')
    expect(await committed()).toBe('0')
    const [, first] = (await box.run(['undo', '--list'])).stdout.split('\n').map((line) => line.split(' ')[0]!)
    const refused = await box.run(['undo', first!])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('t-0: was changed to 1, and is 0')
    expect(await committed()).toBe('0')
    expect((await box.run(['undo'])).stdout).toBe('t-0: 0 → 1\nPut back offsets of group g.\n')
    expect(await committed()).toBe('1')
    expect((await box.run(['undo', first!])).code).toBe(0)
    expect(await committed()).toBeUndefined()
  })

  it('is not needed after a dry run, which shows old and new', async () => {
    const dry = await alter('--add-config', 'retention.ms=1000', '--dry-run')
    expect(dry).toEqual({ code: 0, stdout: 'retention.ms: 604800000 (default) → 1000\n', stderr: '' })
    expect((await alter('--add-config', 'retention.ms=nonsense', '--dry-run')).code).toBe(1)
    expect(await retention()).toBeUndefined()
    expect((await box.run(['topics', '--delete', '--topic', 't', '--dry-run'])).stdout).toBe(
      't: 1 partition, 3 records will be deleted\n',
    )
    expect((await box.run(['get-offsets', '--topic', 't'])).stdout).toBe('t:0:3\n')
    expect((await box.run(['undo', '--list'])).stdout).toBe('')
  })

  it('leaves no file of what failed, and none for a change to another cluster', async () => {
    expect((await alter('--add-config', 'retention.ms=nonsense')).code).toBe(1)
    expect((await box.run(['undo', '--list'])).stdout).toBe('')
    await alter('--add-config', 'retention.ms=1000')
    const other = new Sandbox()
    try {
      const bootstrap = await other.startBroker()
      const refused = await box.run(['undo', '--bootstrap-server', bootstrap])
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain('That was changed in cluster')
    } finally {
      await other.close()
    }
    expect(await retention()).toBe('1000')
  })

  it('puts back quotas, the offsets of a deleted group and those of a share group', async () => {
    const quota = (rate: number) => [
      '--entity-type',
      'users',
      '--entity-name',
      'u',
      '--add-config',
      `producer_byte_rate=${rate}`,
    ]
    await box.run(['configs', '--alter', ...quota(1000)])
    await box.run(['configs', '--alter', ...quota(2000)])
    expect(await box.run(['undo'])).toMatchObject({
      code: 0,
      stdout: 'producer_byte_rate: 2000 → 1000\nPut back quotas of user u.\n',
    })
    await reset('--to-offset', '1')
    expect((await box.run(['consumer-groups', '--delete', '--group', 'g'])).code).toBe(0)
    expect((await box.run(['undo'])).stdout).toBe('t-0: (none) → 1\nPut back offsets of group g.\n')
    expect(await committed()).toBe('1')
    const share = ['console-share-consumer', '--topic', 't', '--group', 's', '--timeout-ms', '3000']
    await box.run(share)
    await box.run(['share-groups', '--reset-offsets', '--group', 's', '--topic', 't:0', '--to-latest', '--execute'])
    await box.run(['share-groups', '--reset-offsets', '--group', 's', '--topic', 't:0', '--to-earliest', '--execute'])
    expect((await box.run(['undo'])).stdout).toBe('t-0: 0 → 3\nPut back offsets of share group s.\n')
  })

  it('says that a topic is gone', async () => {
    await alter('--add-config', 'retention.ms=1000')
    await box.run(['topics', '--delete', '--topic', 't'])
    expect((await box.run(['undo'])).stderr).toContain('There is no topic t any more')
  })
})
