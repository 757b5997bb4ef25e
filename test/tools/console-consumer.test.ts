import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { type FetchedPartition, readFetched } from '../../src/client/consumer/fetched.ts'
import type { TopicPartition } from '../../src/client/types.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../src/protocol/generated/data/offset-commit.ts'
import { ShareGroupMetadataKey } from '../../src/protocol/generated/data/share-group-metadata.ts'
import { ShareSnapshotKey } from '../../src/protocol/generated/data/share-snapshot.ts'
import { BatchBuilder } from '../../src/protocol/records/batch-builder.ts'
import { Writer } from '../../src/protocol/writer.ts'
import { run, spec } from '../../src/tools/console-consumer/command.ts'
import type { RecordSource } from '../../src/tools/console-consumer/consume.ts'
import { findDeserializer } from '../../src/tools/console-consumer/deserializers.ts'
import type { Properties } from '../../src/tools/shared/connect.ts'
import { type MemoryIo, memoryIo } from '../cli/memory-io.ts'

interface Given {
  key?: string | Buffer | null
  value?: string | Buffer | null
  headers?: { key: string; value: Buffer | null }[]
}

const bytes = (value: string | Buffer | null | undefined): Buffer | null =>
  value === null || value === undefined ? null : Buffer.from(value as Buffer)

const fetched = (records: readonly Given[]): FetchedPartition => {
  const builder = new BatchBuilder({ maxBytes: 1_000_000, compression: 'none' })
  for (const { key, value, headers } of records) {
    builder.append({
      key: bytes(key),
      value: bytes(value),
      timestamp: 1_600_000_000_000,
      ...(headers ? { headers } : {}),
    })
  }
  return {
    topic: 't',
    partition: 3,
    fetchOffset: 0,
    nextOffset: records.length,
    highWatermark: records.length,
    lastStableOffset: records.length,
    logStartOffset: 0,
    buffer: builder.finish(),
    abortedTransactions: [],
  }
}

/** Hands out what it is given, then fails or stays quiet. */
class FakeSource implements RecordSource {
  readonly calls: unknown[] = []
  closed = false
  onPoll: () => void = () => undefined
  readonly #rounds: (FetchedPartition[] | Error)[]

  constructor(rounds: (FetchedPartition[] | Error)[]) {
    this.#rounds = rounds
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.calls.push(['assign', partitions])
  }

  subscribe(subscription: { topics: readonly string[] } | { pattern: RegExp }): void {
    this.calls.push(['subscribe', subscription])
  }

  seek(partition: TopicPartition, to: unknown): void {
    this.calls.push(['seek', partition, to])
  }

  poll(): Promise<FetchedPartition[]> {
    this.onPoll()
    const round = this.#rounds.shift() ?? []
    return round instanceof Error ? Promise.reject(round) : Promise.resolve(round)
  }

  consume(given: FetchedPartition, visitor: Parameters<RecordSource['consume']>[1]): number {
    return readFetched(given, { readCommitted: false, checkCrcs: true }, visitor).nextOffset
  }

  wakeup(): void {
    this.#rounds.unshift(Object.assign(new Error('woken'), { reason: 'wakeup' }))
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

interface Outcome {
  code: number
  out: string
  err: string
  properties: Properties
  source: FakeSource
}

const three = [
  { key: 'k', value: 'a' },
  { value: null },
  { key: 'l', value: 'ccc', headers: [{ key: 'h', value: null }] },
]

const consume = async (
  args: string[],
  rounds: (FetchedPartition[] | Error)[] = [[fetched(three)]],
  prepare: (source: FakeSource, io: MemoryIo) => void = () => undefined,
): Promise<Outcome> => {
  const io = memoryIo()
  const source = new FakeSource(rounds)
  prepare(source, io)
  let properties: Properties = new Map()
  const open = (given: Properties): Promise<RecordSource> => {
    properties = given
    return Promise.resolve(source)
  }
  const module = { spec, run: (all: readonly string[], to: Io) => run(all, to, open) }
  const code = await runCommand(module, ['--bootstrap-server', 'h:1', ...args], io)
  return { code, out: io.out.text, err: io.err.text, properties, source }
}
const printing = (...pairs: string[]): string[] => [
  '--topic',
  't',
  '--timeout-ms',
  '0',
  ...pairs.flatMap((pair) => ['--formatter-property', pair]),
]

describe('console-consumer', () => {
  it('prints values and counts them', async () => {
    const { code, out, err, source } = await consume(['--topic', 't', '--max-messages', '3'])
    expect([code, out, err]).toEqual([0, 'a\nnull\nccc\n', 'Processed a total of 3 messages\n'])
    expect(source.closed).toBe(true)
    expect(source.calls).toEqual([['subscribe', { topics: ['t'], isOwnGroup: true }]])
  })

  it('stops in the middle of what was fetched', async () => {
    expect((await consume(['--topic', 't', '--max-messages', '2'])).out).toBe('a\nnull\n')
    expect((await consume(['--topic', 't', '--max-messages', '0'])).out).toBe('')
  })

  it('stops when nothing comes for --timeout-ms, which is no failure', async () => {
    const { code, out, err } = await consume(printing())
    expect([code, out]).toEqual([0, 'a\nnull\nccc\n'])
    expect(err).toContain('TimeoutException\nProcessed a total of 3 messages\n')
  })

  it('reports an error of polling and succeeds, as the Java tool does', async () => {
    const { code, err } = await consume(['--topic', 't'], [new Error('gone')])
    expect(code).toBe(0)
    expect(err).toContain(
      'ERROR Error processing message, terminating consumer process: java.lang.RuntimeException: gone',
    )
  })

  it('leaves on Ctrl-C with code 130', async () => {
    const { code, out, err, source } = await consume(['--topic', 't'], [[fetched(three)]], (source, io) => {
      let polls = 0
      source.onPoll = () => {
        if (++polls === 2) io.interrupt()
      }
    })
    expect([code, out, err]).toEqual([130, 'a\nnull\nccc\n', 'Processed a total of 3 messages\n'])
    expect(source.closed).toBe(true)
  })

  it('prints every part of a record with separators between them', async () => {
    const all = ['timestamp', 'partition', 'offset', 'delivery', 'epoch', 'headers', 'key', 'value']
    const { out } = await consume(
      printing(...all.map((name) => `print.${name}=true`), 'key.separator=|', 'null.literal=-'),
    )
    expect(out.split('\n')).toEqual([
      'CreateTime:1600000000000|Partition:3|Offset:0|Delivery:NOT_PRESENT|Epoch:NOT_PRESENT|NO_HEADERS|k|a',
      'CreateTime:1600000000000|Partition:3|Offset:1|Delivery:NOT_PRESENT|Epoch:NOT_PRESENT|NO_HEADERS|-|-',
      'CreateTime:1600000000000|Partition:3|Offset:2|Delivery:NOT_PRESENT|Epoch:NOT_PRESENT|h:-|l|ccc',
      '',
    ])
    expect((await consume(printing('print.key=true', 'print.value=false', 'line.separator=;'))).out).toBe('k;null;l;')
    expect((await consume(printing('print.value=false'))).out).toBe('')
  })

  it('prints large values whole', async () => {
    const value = Buffer.alloc(3_000_000, 'x')
    const small = Buffer.alloc(700, 'y')
    const round = [fetched([{ value: small }]), fetched([{ value: small }])]
    const big = { ...fetched([{ value: 'x' }]), buffer: bigBatch(value) }
    const { out } = await consume(['--topic', 't', '--max-messages', '3'], [[round[0]!, big, round[1]!]])
    expect(out).toBe(`${small}\n${value}\n${small}\n`)
  })

  it('deserializes, and fails or skips what does not fit', async () => {
    const integers = [
      '--value-deserializer',
      'org.apache.kafka.common.serialization.IntegerDeserializer',
      '--topic',
      't',
    ]
    const round = (): FetchedPartition[] => [fetched([{ value: 'abcd' }, { value: 'abc' }, { value: 'zzzz' }])]
    const failing = await consume(integers, [round()])
    expect([failing.code, failing.out]).toEqual([1, '1633837924\n'])
    expect(failing.err).toBe('Size of data received by IntegerDeserializer is not 4\nProcessed a total of 2 messages\n')
    const skipping = await consume([...integers, '--skip-message-on-error', '--max-messages', '3'], [round()])
    expect([skipping.code, skipping.out]).toEqual([0, '1633837924\n2054847098\n'])
    const unknown = await consume(['--value-deserializer', 'no.Such', '--topic', 't', '--max-messages', '1'])
    expect([unknown.code, unknown.out]).toEqual([0, 'a\n'])
    expect(unknown.err).toContain('Unable to instantiate a deserializer from no.Such')
  })

  it('prints committed offsets as JSON', async () => {
    const prefixed = (version: number, write: (writer: Writer) => void): Buffer => {
      const writer = new Writer()
      writer.int16(version)
      write(writer)
      return writer.toBuffer()
    }
    const key = prefixed(1, (w) => OffsetCommitKey.write(w, { group: 'g', topic: 't', partition: 2 }, 0))
    const value = prefixed(3, (w) =>
      OffsetCommitValue.write(w, { offset: 7n, leaderEpoch: 1, metadata: 'm', commitTimestamp: 5n }, 3),
    )
    const other = Buffer.from([0, 2, 0, 1, 97])
    const formatter = 'org.apache.kafka.tools.consumer.OffsetsMessageFormatter'
    const round = [
      fetched([
        { key, value },
        { key: other, value: null },
        { key, value: null },
      ]),
    ]
    const { out } = await consume(['--topic', 't', '--max-messages', '3', '--formatter', formatter], [round])
    const keyText = '"key":{"type":1,"data":{"group":"g","topic":"t","partition":2}}'
    expect(out).toBe(
      `{${keyText},"value":{"version":3,"data":{"offset":7,"leaderEpoch":1,"metadata":"m","commitTimestamp":5}}}` +
        `{${keyText},"value":null}`,
    )
  })
})

const coordinatorPrefix = 'org.apache.kafka.tools.consumer.'

describe("console-consumer on a coordinator's topic", () => {
  const prefixed = (version: number, write: (writer: Writer) => void): Buffer => {
    const writer = new Writer()
    writer.int16(version)
    write(writer)
    return writer.toBuffer()
  }
  const print = (name: string, record: Given) =>
    consume(['--topic', 't', '--max-messages', '1', '--formatter', coordinatorPrefix + name], [[fetched([record])]])

  it("prints the state of share groups and their members' records", async () => {
    const id = 'QUFBQUFBQUFBQUFBQUFBQQ'
    const state = await print('group.share.ShareGroupStateMessageFormatter', {
      key: prefixed(0, (w) => ShareSnapshotKey.write(w, { groupId: 'g', topicId: id, partition: 2 }, 0)),
      value: null,
    })
    expect(state.out).toBe(`{"key":{"type":0,"data":{"groupId":"g","topicId":"${id}","partition":2}},"value":null}`)
    const group = await print('ShareGroupMessageFormatter', {
      key: prefixed(11, (w) => ShareGroupMetadataKey.write(w, { groupId: 'g' }, 0)),
      value: null,
    })
    expect(group.out).toBe('{"key":{"type":11,"data":{"groupId":"g"}},"value":null}')
  })

  it('ends with an error at a record it cannot read', async () => {
    const short = await print('OffsetsMessageFormatter', { key: 'a' })
    expect([short.code, short.out]).toEqual([1, ''])
    expect(short.err).toContain("Could not read record at offset 0 due to: Could not read version from key's buffer.")
    const key = prefixed(1, (w) => OffsetCommitKey.write(w, { group: 'g', topic: 't', partition: 2 }, 0))
    const version = await print('OffsetsMessageFormatter', { key, value: Buffer.from([0, 99]) })
    expect(version.err).toContain('Found an unknown record version 99 for 1 type')
    expect((await print('OffsetsMessageFormatter', { key: null })).code).toBe(0)
  })
})

describe('console-consumer: nothing to subscribe to', () => {
  it.each([
    [['--include', ''], 'Topic pattern to subscribe to cannot be empty'],
    [['--topic', ''], 'Topic collection to subscribe to cannot contain null or empty topic'],
  ])('%s', async (args, message) => {
    const { code, err } = await consume([...args, '--timeout-ms', '0'])
    expect([code, err]).toEqual([1, `${message}\n`])
  })
})

describe('console-consumer: a formatter that cannot be made is a usage error', () => {
  it('names the class or the file, then prints the usage', async () => {
    const missing = await consume(['--topic', 't', '--formatter-config', '/no/such.properties'])
    expect([missing.code, missing.out]).toEqual([1, ''])
    expect(missing.err).toMatch(/^\/no\/such.properties\nOption +Description/)
    const unknown = await consume(['--topic', 't', '--formatter', 'no.such.Formatter'])
    expect(unknown.err).toMatch(/^no.such.Formatter\nOption/)
  })

  it('lists differing group ids in the order of a Java HashSet', async () => {
    const args = ['--topic', 't', '--group', 'b', '--command-property']
    expect((await consume([...args, 'group.id=a'])).err).toContain("Detected group ids: 'a', 'b'")
    expect((await consume([...args, 'group.id=r'])).err).toContain("Detected group ids: 'b', 'r'")
  })
})

const bigBatch = (value: Buffer): Buffer => {
  const builder = new BatchBuilder({ maxBytes: 16, compression: 'none' })
  builder.append({ key: null, value, timestamp: 1 })
  return builder.finish()
}

describe('console-consumer options', () => {
  it('reads as a group of its own unless told', async () => {
    const { properties } = await consume(printing())
    expect(properties.get('group.id')).toMatch(/^console-consumer-\d+$/)
    expect(properties.get('enable.auto.commit')).toBe('false')
    expect(properties.get('auto.offset.reset')).toBe('latest')
    expect(properties.get('isolation.level')).toBe('read_uncommitted')
    const given = await consume([
      ...printing(),
      '--group',
      'g',
      '--from-beginning',
      '--isolation-level',
      'read_committed',
    ])
    expect(given.properties.get('group.id')).toBe('g')
    expect(given.properties.has('enable.auto.commit')).toBe(false)
    expect(given.properties.get('auto.offset.reset')).toBe('earliest')
    expect(given.properties.get('isolation.level')).toBe('read_committed')
  })

  it('assigns a partition and seeks', async () => {
    const { source } = await consume([...printing(), '--partition', '3', '--offset', '42'])
    const partition = { topic: 't', partition: 3 }
    expect(source.calls).toEqual([
      ['assign', [partition]],
      ['seek', partition, { offset: 42 }],
    ])
    expect((await consume([...printing(), '--partition', '3', '--from-beginning'])).source.calls[1]).toEqual([
      'seek',
      partition,
      'earliest',
    ])
  })

  it('subscribes to whole names with --include', async () => {
    const { source } = await consume(['--include', 'a.*', '--timeout-ms', '0'])
    const [[, { pattern }]] = source.calls as [[string, { pattern: RegExp }]]
    expect([pattern.test('abc'), pattern.test('xabc')]).toEqual([true, false])
  })

  it.each([
    [['--topic', 't', '--include', 'a'], 'Exactly one of the following arguments is required: [topic], [include]', 1],
    [['--topic', 't', '--offset', '3'], 'The partition is required when offset is specified.', 1],
    [['--include', 't', '--partition', '0'], 'The topic is required when partition is specified.', 1],
    [['--topic', 't', '--partition', '0', '--offset', '-2'], "The provided offset value '-2' is incorrect.", 1],
    [
      ['--topic', 't', '--partition', '0', '--group', 'g'],
      'Options group and partition cannot be specified together.',
      1,
    ],
    [
      ['--topic', 't', '--group', 'g', '--command-property', 'group.id=h'],
      'The group ids provided in different places',
      1,
    ],
    [
      ['--topic', 't', '--from-beginning', '--command-property', 'auto.offset.reset=latest'],
      "Can't simultaneously specify",
      1,
    ],
    [['--topic', 't', '--formatter', 'no.Such'], 'no.Such', 1],
    [
      ['--topic', 't', '--property', 'a=b', '--formatter-property', 'a=b'],
      'Options --property and --formatter-property',
      1,
    ],
    [['--whitelist', 'a'], 'whitelist is not a recognized option', 1],
    [
      ['--topic', 't', '--max-messages', 'few'],
      "Cannot parse argument 'few' of option max-messages\nProcessed a total of 0",
      1,
    ],
  ])('%j', async (args, message, code) => {
    const outcome = await consume(args)
    expect(outcome.code).toBe(code)
    expect(outcome.err).toContain(message)
  })
})

describe('deserializers', () => {
  const read = (name: string, hex: string): string => {
    const found = findDeserializer(
      `org.apache.kafka.common.serialization.${name}Deserializer`,
      new Map(),
      'value.deserializer',
      false,
    )
    return found!(Buffer.from(hex, 'hex'))
  }

  it.each([
    ['String', 'c3a9', 'é'],
    ['Short', 'fffe', '-2'],
    ['Integer', '7fffffff', '2147483647'],
    ['Long', '8000000000000000', '-9223372036854775808'],
    ['Float', '3dcccccd', '0.1'],
    ['Float', '42c80000', '100.0'],
    ['Double', '3ff8000000000000', '1.5'],
    ['Boolean', '01', 'true'],
    ['Bytes', '61005c7e', 'a\\x00\\x5C~'],
    ['ByteBuffer', '6162', 'java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]'],
    [
      'UUID',
      Buffer.from('0A000000-0000-0000-0000-00000000000b').toString('hex'),
      '0a000000-0000-0000-0000-00000000000b',
    ],
  ])('%s of %s is %s', (name, hex, expected) => {
    expect(read(name, hex)).toBe(expected)
  })

  it.each([
    ['Long', '00', 'Size of data received by LongDeserializer is not 8'],
    ['Boolean', '02', 'Unexpected byte received by BooleanDeserializer: 2'],
    ['UUID', '61', 'Error parsing data into UUID'],
    ['Void', '61', 'Data should be null for a VoidDeserializer.'],
  ])('%s of %s fails', (name, hex, message) => {
    expect(() => read(name, hex)).toThrow(message)
  })
})
