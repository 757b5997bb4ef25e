import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import { Producer } from '../../src/client/producer/producer.ts'
import { eachHeader } from '../../src/tools/console-consumer/json-bytes.ts'
import { Sandbox } from './kt.ts'

const shell = promisify(execFile)
const program = join(import.meta.dirname, '../../bin/run.js')

let box: Sandbox
let bootstrapServers: { host: string; port: number }[]
beforeEach(async () => {
  box = new Sandbox()
  const [host, port] = (await box.startBroker()).split(':')
  bootstrapServers = [{ host: host!, port: Number(port) }]
})
afterEach(() => box.close())

const partitions = 3

/** Everything a consumer can know of the records of a topic but their offsets, by partition and in order. */
async function dump(topic: string, count: number): Promise<unknown[][]> {
  const consumer = new Consumer({ bootstrapServers, isolationLevel: 'read_committed' })
  const found: unknown[][] = Array.from({ length: partitions }, () => [])
  try {
    const all = found.map((_, partition) => ({ topic, partition }))
    consumer.assign(all)
    for (const one of all) consumer.seek(one, 'earliest')
    for (let seen = 0; seen < count; ) {
      for (const fetched of await consumer.poll(10_000)) {
        consumer.consume(fetched, (cursor) => {
          const hex = (start: number, end: number): string | null =>
            start < 0 ? null : cursor.data.toString('hex', start, end)
          const headers: unknown[] = []
          eachHeader(cursor, (_data, ...at) => headers.push([hex(at[0], at[1]), hex(at[2], at[3])]))
          const fields = [hex(cursor.keyStart, cursor.keyEnd), hex(cursor.valueStart, cursor.valueEnd)]
          found[fetched.partition]!.push([cursor.timestamp, ...fields, headers])
          seen++
        })
      }
    }
  } finally {
    await consumer.close()
  }
  return found
}

const contents = [
  null,
  Buffer.from(''),
  Buffer.from('plain'),
  Buffer.from('"quoted" \\ \t\n\r\0 \u2028 ☃ 😀 null'),
  Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  Buffer.from([0x63, 0x61, 0x66, 0xc3]),
  Buffer.from('{"base64":"AA=="}'),
  Buffer.alloc(40_000, 'long "text" é\n'),
  Buffer.alloc(30_000, 0xfe),
]

/**
 * Fills a topic with records of all kinds: some in committed transactions, some in aborted ones, some in none, a few of them in one
 * batch, some compressed.
 * @returns how many there are for those who read committed ones
 */
async function fill(topic: string): Promise<number> {
  const transactional = new Producer({ bootstrapServers, transactionalId: `tx-${topic}`, lingerMs: 0 })
  const plain = new Producer({ bootstrapServers, compressionType: 'gzip' })
  let count = 0
  try {
    for (let round = 0; round < 6; round++) {
      const inTransaction = round % 3 !== 2
      const aborted = round % 3 === 1
      const producer = inTransaction ? transactional : plain
      const writer = await producer.topic(topic)
      if (inTransaction) transactional.transactions!.begin()
      contents.forEach((value, i) => {
        const key = contents[(i + round) % contents.length]!
        const headers =
          i % 2 === 0
            ? null
            : [
                { key: 'twice', value: Buffer.from('1') },
                { key: 'twice', value: null },
                { key: Buffer.from([0x80]), value },
              ]
        const timestamp = i === 3 ? -1 : 1_600_000_000_000 + 7 * i - round
        writer.append(key, value, headers, timestamp, (i + round) % partitions)
        if (!aborted) count++
      })
      if (!inTransaction) await plain.flush()
      else if (aborted) await transactional.abortTransaction()
      else await transactional.commitTransaction()
    }
  } finally {
    await Promise.all([transactional.close(), plain.close()])
  }
  return count
}

const createTopic = (topic: string): Promise<unknown> =>
  box.run([
    ...['topics', '--create', '--topic', topic, '--partitions', String(partitions)],
    // The records are older than a topic keeps them.
    ...['--config', 'retention.ms=-1'],
  ])

const consumerArgs = (topic: string, count: number): string[] => [
  'console-consumer',
  ...['--topic', topic, '--from-beginning', '--isolation-level', 'read_committed'],
  ...['--max-messages', String(count), '--output', 'json'],
]

describe('console-consumer --output json | console-producer --input json', () => {
  it('gives the same records in the same order in the same partitions, through a pipe and through a file', async () => {
    for (const topic of ['from', 'piped', 'filed']) await createTopic(topic)
    const count = await fill('from')
    const wanted = await dump('from', count)
    expect(wanted.flat()).toHaveLength(count)

    const kt = (args: readonly string[]): string => [process.execPath, program, ...args].join(' ')
    const pipe = `${kt(consumerArgs('from', count))} | ${kt(['console-producer', '--topic', 'piped', '--input', 'json'])}`
    await shell('sh', ['-c', pipe], { env: box.env })
    expect(await dump('piped', count)).toEqual(wanted)

    const file = join(box.dir, 'records.jsonl')
    await shell('sh', ['-c', `${kt(consumerArgs('from', count))} > ${file}`], { env: box.env })
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(count)
    await shell('sh', ['-c', `${kt(['console-producer', '--topic', 'filed', '--input', 'json'])} < ${file}`], {
      env: box.env,
    })
    expect(await dump('filed', count)).toEqual(wanted)
  })

  it('stops where a record cannot go, and says how far it came', async () => {
    await createTopic('t')
    const lines = ['{"value":"1"}', '{"value":"2","partition":7}', '{"value":"3"}']
    const outcome = await box.run(['console-producer', '--topic', 't', '--input', 'json'], {}, `${lines.join('\n')}\n`)
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr).toMatch(/^line 2: it belongs to partition 7, .*\nStopped: 1 record sent\.\n$/)
    const offsets = await box.run(['get-offsets', '--topic', 't'])
    expect(offsets.stdout.match(/:\d+$/gm)?.sort()).toEqual([':0', ':0', ':1'])
  })

  it('ends quietly when nobody reads on', async () => {
    await createTopic('t')
    const many = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ value: `line ${i} ${'x'.repeat(100)}` }))
    await box.run(['console-producer', '--topic', 't', '--input', 'json'], {}, many.join('\n'))
    const consumer = box.start(['console-consumer', '--topic', 't', '--from-beginning', '--output', 'json'])
    await consumer.until('"value":"line ')
    consumer.child.stdout!.destroy()
    const { stderr } = await consumer.ended
    expect(stderr).toContain('Unable to write to standard out, closing consumer.')
  })
})

describe('a share group', () => {
  it('prints the same lines, with how often each was handed out', async () => {
    await createTopic('t')
    const config = ['--entity-type', 'groups', '--entity-name', 'g', '--add-config', 'share.auto.offset.reset=earliest']
    expect((await box.run(['configs', '--alter', ...config])).code).toBe(0)
    const line = '{"key":"k","value":{"base64":"/w=="},"partition":1,"timestamp":7}\n'
    await box.run(['console-producer', '--topic', 't', '--input', 'json'], {}, line)
    const read = ['console-share-consumer', '--topic', 't', '--group', 'g', '--max-messages', '1']
    const first = await box.run([...read, '--output', 'json', '--release'])
    expect(JSON.parse(first.stdout)).toEqual({
      topic: 't',
      partition: 1,
      offset: 0,
      timestamp: 7,
      timestampType: 'CreateTime',
      leaderEpoch: 0,
      deliveryCount: 1,
      key: 'k',
      value: { base64: '/w==' },
      headers: [],
    })
    const second = await box.run([...read, '-f', '%t/%p:%{deliveryCount} %k %{value:hex}\\n'])
    expect(second.stdout).toBe('t/1:2 k ff\n')
  })
})
