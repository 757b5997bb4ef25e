import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SimpleDateFormat } from '../../src/base/simple-date-format.ts'
import type { CommandModule } from '../../src/cli/command-module.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { type EmbeddedBroker, startBroker } from '../../src/embedded/index.ts'
import * as configs from '../../src/tools/configs/command.ts'
import * as consumerPerf from '../../src/tools/consumer-perf-test/command.ts'
import * as latency from '../../src/tools/e2e-latency/command.ts'
import * as producerPerf from '../../src/tools/producer-perf-test/command.ts'
import { Stats } from '../../src/tools/producer-perf-test/stats.ts'
import * as shareConsumerPerf from '../../src/tools/share-consumer-perf-test/command.ts'
import { hashOrder, stringHash } from '../../src/tools/shared/java-hash.ts'
import * as reset from '../../src/tools/streams-application-reset/command.ts'
import * as transactions from '../../src/tools/transactions/command.ts'
import * as verifiableConsumer from '../../src/tools/verifiable-consumer/command.ts'
import * as verifiableProducer from '../../src/tools/verifiable-producer/command.ts'
import { memoryIo } from '../cli/memory-io.ts'

let broker: EmbeddedBroker
beforeAll(async () => {
  broker = await startBroker({ topics: ['perf', 'metrics', 'tx', 'verify', { name: 'in', partitions: 2 }] })
})
afterAll(() => broker.stop())

const run = async (module: CommandModule, ...args: string[]) => {
  const io = memoryIo()
  const code = await runCommand(module, args, io)
  return { code, out: io.out.text.trimEnd().split('\n'), err: io.err.text.trimEnd() }
}
const server = (): string[] => ['--bootstrap-server', broker.bootstrapServers]
const produce = (topic: string, count: number, ...more: string[]) => {
  const sizes = ['--num-records', String(count), '--record-size', '20', '--throughput', '-1']
  return run(producerPerf, ...server(), '--topic', topic, ...sizes, ...more)
}

/** Metrics by group, name and tags without the client's. */
const metricsOf = ({ out }: { out: string[] }, clientId: string): Record<string, number> => {
  const lines = out.slice(out.findIndex((line) => line.startsWith('Metric Name')) + 1)
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, id, tags, value] = /^(\S+:)\{client-id=([^,}]+)(?:, )?([^}]*)\} *: (.*)$/.exec(line)!
      expect(id).toBe(clientId)
      return [`${name}${tags}`, Number(value)]
    }),
  )
}

describe('measurements', () => {
  it('produces and consumes with figures that add up', async () => {
    const produced = await produce('perf', 5000, '--warmup-records', '100', '--print-metrics')
    expect([produced.code, produced.err]).toEqual([0, ''])
    expect(produced.out[1]).toMatch(
      /^5000 records sent, [\d.]+ records\/sec \([\d.]+ MB\/sec\), [\d.]+ ms avg latency, [\d.]+ ms max latency, \d+ ms 50th, \d+ ms 95th, \d+ ms 99th, \d+ ms 99\.9th\.$/,
    )
    expect(produced.out[2]).toMatch(/^4900 steady state records sent/)
    expect(produced.out.join('\n')).toMatch(/record-send-total:\{client-id=perf-producer-client\} *: 5000\.000/)
    const consumed = await run(consumerPerf, ...server(), '--topic', 'perf', '--num-records', '1200', '--hide-header')
    const cells = consumed.out[0]!.split(', ')
    expect([consumed.code, cells.length, cells[4], cells[2]]).toEqual([
      0,
      10,
      '1500',
      (30_000 / 1024 / 1024).toFixed(4),
    ])
  })

  it("prints the Java clients' metrics, which agree with each other", async () => {
    const count = ['--num-records', '1000', '--print-metrics']
    const produced = metricsOf(await produce('metrics', 1000, '--print-metrics'), 'perf-producer-client')
    expect(produced['producer-metrics:record-send-total:']).toBe(1000)
    expect(produced['producer-topic-metrics:record-send-total:topic=metrics']).toBe(1000)
    expect(produced['kafka-metrics-count:count:']).toBe(Object.keys(produced).length)
    const sent = produced['producer-metrics:outgoing-byte-total:']!
    expect(produced['producer-node-metrics:outgoing-byte-total:node-id=node-1']).toBe(sent)
    expect(sent).toBeGreaterThan(produced['producer-topic-metrics:byte-total:topic=metrics']!)
    expect(produced['producer-metrics:requests-in-flight:']).toBe(0)
    const consumed = metricsOf(
      await run(consumerPerf, ...server(), '--topic', 'metrics', ...count),
      'perf-consumer-client',
    )
    const group = 'consumer-fetch-manager-metrics'
    expect(consumed[`${group}:records-consumed-total:`]).toBe(1000)
    expect(consumed[`${group}:bytes-consumed-total:topic=metrics`]).toBe(consumed[`${group}:bytes-consumed-total:`])
    expect(consumed[`${group}:bytes-consumed-total:`]).toBeGreaterThan(20_000)
    expect(consumed['consumer-metrics:incoming-byte-total:']).toBeGreaterThan(
      consumed[`${group}:bytes-consumed-total:`]!,
    )
    // The coordinator has a connection of its own.
    expect(consumed['consumer-node-metrics:request-latency-avg:node-id=node-2147483646']).toBeNaN()
    const set = ['--entity-type', 'groups', '--entity-name', 'measured', '--alter']
    expect((await run(configs, ...server(), ...set, '--add-config', 'share.auto.offset.reset=earliest')).code).toBe(0)
    const shared = await run(shareConsumerPerf, ...server(), '--topic', 'metrics', '--group', 'measured', ...count)
    const figures = metricsOf(shared, 'perf-share-consumer-client')
    expect(figures['consumer-share-fetch-manager-metrics:records-consumed-total:']).toBe(1000)
    expect(figures['consumer-share-fetch-manager-metrics:fetch-total:']).toBeGreaterThan(0)
  })

  it('says when records stay away', async () => {
    const limits = ['--num-records', '100', '--timeout', '1']
    const { code, out } = await run(consumerPerf, ...server(), '--topic', 'tx', ...limits)
    expect([code, out[1]]).toEqual([
      0,
      'WARNING: Exiting before consuming the expected number of records: timeout (1 ms) exceeded. You can use the --timeout option to increase the timeout.',
    ])
  })

  it('writes in transactions, which show', async () => {
    expect((await produce('tx', 50, '--transactional-id', 'perf-1', '--transaction-duration-ms', '1')).code).toBe(0)
    const listed = await run(transactions, ...server(), 'list', '--output', 'json')
    expect(JSON.parse(listed.out.join(''))).toEqual([
      {
        transactionalId: 'perf-1',
        coordinator: expect.any(Number),
        producerId: expect.any(Number),
        state: 'CompleteCommit',
      },
    ])
    const args = [
      '--topic',
      'tx',
      '--num-records',
      '50',
      '--hide-header',
      '--command-property',
      'isolation.level=read_committed',
    ]
    expect((await run(consumerPerf, ...server(), ...args)).out[0]!.split(', ')[4]).toBe('50')
  })

  it.each([
    [['--num-records', '0', '--record-size', '1'], '--num-records should be greater than zero.'],
    [['--num-records', '5', '--record-size', '0'], '--record-size should be greater than zero.'],
    [
      ['--num-records', '5', '--record-size', '1', '--warmup-records', '5'],
      'The value for --warmup-records must be strictly fewer',
    ],
    [
      ['--num-records', '5', '--record-size', '1', '--command-property', 'a=b', '--producer-props', 'a=b'],
      '--command-property and --producer-props cannot be specified together.',
    ],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await run(producerPerf, ...server(), '--topic', 'perf', '--throughput', '-1', ...args)
    expect([code, err.replace(/\s+/g, ' ')]).toEqual([1, expect.stringContaining(message)])
  })

  it('measures latency, creating its topic', async () => {
    const args = [
      '--topic',
      'new',
      '--num-records',
      '3',
      '--producer-acks',
      '1',
      '--record-size',
      '5',
      '--num-headers',
      '1',
    ]
    const { code, out } = await run(latency, ...server(), ...args)
    expect([code, out.length]).toEqual([0, 4])
    expect(out.join('\n')).toMatch(
      /^Topic "new" does not exist\. .*\n0\t[\d.]+\nAvg latency: [\d.]+ ms\nPercentiles: 50th = \d+, 99th = \d+, 99\.9th = \d+$/,
    )
    expect((await run(latency, 'h:1', 't', '3', '1')).err).toMatch(/^Invalid number of arguments\. Expected 5 or 6/)
  })

  it('keeps percentiles and totals', () => {
    const io = memoryIo()
    const stats = new Stats(100, 60_000, false, io)
    for (let i = 1; i <= 100; i++) stats.record(1, 10, i, Date.now())
    stats.printTotal()
    expect(io.out.text).toMatch(/50\.50 ms avg latency, 100\.00 ms max latency, 51 ms 50th, 96 ms 95th, 100 ms 99th/)
  })
})

describe('verifiable clients', () => {
  const events = (lines: readonly string[]): Record<string, unknown>[] =>
    lines.map((line) => {
      const { timestamp, ...event } = JSON.parse(line) as Record<string, unknown>
      expect(timestamp).toEqual(expect.any(Number))
      return event
    })

  it('tell of every record', async () => {
    const produced = await run(
      verifiableProducer,
      ...server(),
      '--topic',
      'verify',
      '--max-messages',
      '2',
      '--value-prefix',
      '7',
      '--repeating-keys',
      '2',
    )
    expect([produced.code, ...events(produced.out)]).toEqual([
      0,
      { name: 'startup_complete' },
      { name: 'producer_send_success', key: '0', value: '7.0', offset: 0, topic: 'verify', partition: 0 },
      { name: 'producer_send_success', key: '1', value: '7.1', offset: 1, topic: 'verify', partition: 0 },
      { name: 'shutdown_complete' },
      { name: 'tool_data', sent: 2, acked: 2, target_throughput: -1, avg_throughput: expect.any(Number) },
    ])
    const partitions = [{ topic: 'verify', partition: 0 }]
    const consumed = await run(
      verifiableConsumer,
      ...server(),
      '--topic',
      'verify',
      '--group-id',
      'v',
      '--max-messages',
      '1',
      '--verbose',
    )
    expect([consumed.code, ...events(consumed.out)]).toEqual([
      0,
      { name: 'startup_complete' },
      { name: 'partitions_assigned', partitions },
      { name: 'record_data', key: '0', value: '7.0', topic: 'verify', partition: 0, offset: 0 },
      // Kafka's tool counts what was polled, and tells of what it took.
      { name: 'records_consumed', count: 2, partitions: [{ ...partitions[0], count: 1, minOffset: 0, maxOffset: 0 }] },
      { name: 'offsets_committed', offsets: [{ ...partitions[0], offset: 1 }], success: true },
      { name: 'partitions_revoked', partitions },
      { name: 'shutdown_complete' },
      { name: 'shutdown_requested' },
    ])
  })
})

describe('streams-application-reset', () => {
  const resetApp = (...args: string[]) => run(reset, ...server(), '--application-id', 'app', ...args)

  it('moves offsets and deletes internal topics', async () => {
    await broker.createTopic('app-store-changelog')
    await produce('in', 10)
    const dry = await resetApp('--input-topics', 'in,none', '--to-offset', '1000', '--dry-run')
    expect([dry.code, dry.out.filter((line) => !line.startsWith('New offset'))[3]]).toEqual([1, 'Topic: none'])
    const { code, out } = await resetApp('--input-topics', 'in')
    expect([code, ...out]).toEqual([
      0,
      'Reset-offsets for input topics [in]',
      'Following input topics offsets will be reset to (for consumer group app)',
      'Topic: in Partition: 1 Offset: 0',
      'Topic: in Partition: 0 Offset: 0',
      'Done.',
      'Deleting inferred internal topics [app-store-changelog]',
      'Done.',
    ])
    expect((await resetApp()).out[1]).toBe('Deleting inferred internal topics []')
  })

  it('refuses topics that are not internal', async () => {
    const { code, err } = await resetApp('--internal-topics', 'in')
    expect([code, err.slice(0, 62)]).toEqual([1, 'ERROR: java.lang.IllegalArgumentException: Invalid topic speci'])
  })
})

describe('what Java does', () => {
  it('hands out hashed things in its order', () => {
    expect(stringHash('polygenelubricants')).toBe(-2147483648)
    expect(hashOrder(['b', 'a', 'Aa', 'BB'], stringHash)).toEqual(['Aa', 'BB', 'a', 'b'])
  })

  it('formats dates by pattern', () => {
    const time = new Date(2026, 0, 5, 13, 7, 9, 42).getTime()
    expect(new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss:SSS EEE h a").format(time)).toBe(
      '2026-01-05T13:07:09:042 Mon 1 PM',
    )
    expect(() => new SimpleDateFormat('yyyy-b')).toThrow("Illegal pattern character 'b'")
  })
})
