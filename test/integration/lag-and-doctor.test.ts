import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Sandbox } from './kt.ts'
import { onKafka } from './test-broker.ts'

let box: Sandbox
let bootstrap: string
beforeEach(async () => {
  box = new Sandbox()
  bootstrap = await box.startBroker()
})
afterEach(() => box.close())

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `${i}\n`).join('')

/** A topic of one partition with ten records, of which the group has read four. */
const behind = async (): Promise<void> => {
  await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
  await box.run(['console-producer', '--topic', 't'], {}, lines(10))
  const read = ['console-consumer', '--topic', 't', '--group', 'g', '--from-beginning', '--max-messages', '4']
  expect((await box.run(read)).code).toBe(0)
}

describe('kt lag', () => {
  it('measures offsets and time, and ends by its limits', async () => {
    await behind()
    const { code, stdout } = await box.run(['lag', 'g', '--output', 'json', '--max-lag', '6'])
    expect(code).toBe(0)
    const [row] = JSON.parse(stdout) as [{ timeBehindMs: number }]
    expect(row).toMatchObject({ group: 'g', topic: 't', partitionCount: 1, currentOffset: 4, logEndOffset: 10, lag: 6 })
    expect(row.timeBehindMs).toBeGreaterThanOrEqual(0)
    expect(row.timeBehindMs).toBeLessThan(3_600_000)
    expect(await box.run(['lag', '--max-lag', '5'])).toMatchObject({
      code: 2,
      stderr: 'g/t: the lag of 6 is beyond 5\n',
    })
    expect((await box.run(['lag', 'h', '--max-lag', '5'])).code).toBe(1)
  })

  it('watches in a pipe until all is read', async () => {
    await behind()
    const watch = box.start(['lag', 'g', '-w', '1', '--until-zero'])
    await watch.until('"lag":6')
    await box.run(['console-consumer', '--topic', 't', '--group', 'g', '--max-messages', '6'])
    const { code, stdout, stderr } = await watch.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { lag: number })
    expect([rows[0]?.lag, rows.at(-1)?.lag]).toEqual([6, 0])
  })

  it('ends its watch with Ctrl-C, and when nobody reads any more', async () => {
    await behind()
    const watch = box.start(['lag', '--watch', '1', '--max-lag', '100'])
    await watch.until('"lag":6')
    watch.child.kill('SIGINT')
    expect(await watch.ended).toMatchObject({ code: 0, stderr: '' })
    const unread = box.start(['lag', '-w', '1'])
    await unread.until('"lag":6')
    unread.child.stdout!.destroy()
    expect((await unread.ended).code).toBe(0)
  })

  it('has no lag on a transaction marker, and measures share groups', async () => {
    await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
    const perf = [
      'producer-perf-test',
      '--topic',
      't',
      '--num-records',
      '5',
      '--record-size',
      '9',
      '--throughput',
      '-1',
    ]
    await box.run([...perf, '--transaction-duration-ms', '1000', '--bootstrap-server', bootstrap])
    // As applications do that commit the offset after the last record they got.
    const reset = [
      'consumer-groups',
      '--group',
      'g',
      '--topic',
      't',
      '--reset-offsets',
      '--to-offset',
      '5',
      '--execute',
    ]
    await box.run(reset)
    const { stdout } = await box.run(['consumer-groups', '--describe', '--group', 'g'])
    expect(stdout).toMatch(/^g +t +0 +5 +6 +1 /m)
    const [row] = JSON.parse((await box.run(['lag', 'g', '--output', 'json'])).stdout) as unknown[]
    expect(row).toMatchObject({ currentOffset: 5, logEndOffset: 6, lag: 0, timeBehindMs: null })

    const share = box.start(['console-share-consumer', '--topic', 't', '--group', 's', '--max-messages', '1'])
    for (let seen = false; !seen; ) {
      const { stdout: text } = await box.run(['lag', 's', '--type', 'share', '--output', 'json'])
      seen = text.includes('"topic": "t"')
    }
    share.child.kill('SIGINT')
    await share.ended
  })
})

describe('kt doctor', () => {
  it('finds nothing wrong with the embedded broker', async () => {
    const { code, stdout, stderr } = await box.run(['doctor', '--output', 'json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const hops = (JSON.parse(stdout) as { hop: string; status: string }[]).map(({ hop, status }) => `${hop} ${status}`)
    expect(hops).toEqual([
      ...(onKafka ? [] : ['embedded ok', 'embedded ok']),
      ...['settings ok', 'dns ok', 'tcp ok', 'tls skipped', 'kafka ok'],
      ...['sasl skipped', 'cluster ok', 'advertised ok', 'rights ok'],
    ])
  })

  it('names a port where nothing speaks, within its time', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    await new Promise<void>((resolve) => silent.listen(0, 'localhost', resolve))
    const { port } = silent.address() as AddressInfo
    const { code, stdout } = await box.run([
      ...['doctor', '--bootstrap-server', `localhost:${port}`, '--timeout-ms', '700'],
    ])
    await new Promise((resolve) => silent.close(resolve))
    expect(code).toBe(1)
    expect(stdout).toContain('it accepts the connection and says nothing')
    expect(stdout).toContain(`The first hop that fails: Kafka (localhost:${port}).`)
  })
})
