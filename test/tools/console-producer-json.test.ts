import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { run, spec } from '../../src/tools/console-producer/command.ts'
import type { JsonHeader } from '../../src/tools/console-producer/json-record.ts'
import { LineSplitter } from '../../src/tools/console-producer/line-splitter.ts'
import type { OnFailure, OpenProducer } from '../../src/tools/console-producer/produce.ts'
import type { RecordProducer, RecordWriter } from '../../src/tools/console-producer/produce-json.ts'
import { type MemoryIo, memoryIo } from '../cli/memory-io.ts'

interface Sent {
  topic: string
  key: string | null
  value: string | null
  headers: (string | null)[][] | null
  timestamp: number | 'now'
  partition: number | undefined
}

const text = (bytes: Buffer | null): string | null => bytes?.toString('latin1') ?? null
const startedAtMs = Date.now()

/** Keeps records until they are flushed; refuses values that are "refuse", and lets those that are "fail" fail when they are flushed. */
class FakeProducer implements RecordProducer {
  readonly counts = { acknowledged: 0, failed: 0 }
  readonly sent: Sent[] = []
  readonly calls: string[] = []
  onFailure: OnFailure = () => undefined
  closed = false
  #waiting: Sent[] = []
  readonly #room: number
  readonly #partitions: Record<string, number>

  constructor(partitions: Record<string, number>, room = Number.POSITIVE_INFINITY) {
    this.#partitions = partitions
    this.#room = room
  }

  get hasRoom(): boolean {
    return this.#waiting.length < this.#room
  }

  topic(name: string): Promise<RecordWriter> {
    this.calls.push(`topic ${name}`)
    const partitionCount = this.#partitions[name]
    if (partitionCount === undefined) {
      return Promise.reject(Object.assign(new Error(`no ${name}`), { nextStep: 'Create it.' }))
    }
    const append = (
      key: Buffer | null,
      value: Buffer | null,
      headers: readonly JsonHeader[] | null,
      timestamp: number,
      partition?: number,
    ): unknown => {
      if (text(value) === 'refuse') return this.#fail(name, value)
      this.#waiting.push({
        topic: name,
        key: text(key),
        value: text(value),
        headers: headers?.map((header) => [text(header.key), text(header.value)]) ?? null,
        timestamp: timestamp >= startedAtMs ? 'now' : timestamp,
        partition,
      })
      return {}
    }
    return Promise.resolve({ partitionCount, append })
  }

  #fail(topic: string, value: Buffer | null): null {
    this.counts.failed++
    this.onFailure(new Error('too bad'), { topic, partition: -1, key: null, value })
    return null
  }

  drained(): Promise<void> {
    this.calls.push('drained')
    return this.flush()
  }

  flush(): Promise<void> {
    for (const record of this.#waiting.splice(0)) {
      if (record.value === 'fail') this.#fail(record.topic, Buffer.from('fail'))
      else {
        this.sent.push(record)
        this.counts.acknowledged++
      }
    }
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.closed = true
    return this.flush()
  }
}

interface Outcome {
  code: number
  io: MemoryIo
  producer: FakeProducer
}

const produce = async (
  args: readonly string[],
  stdin: readonly (string | Buffer)[],
  producer = new FakeProducer({ t: 3, u: 1 }),
): Promise<Outcome> => {
  const io = memoryIo(stdin)
  const open: OpenProducer = (_properties, _io, onFailure) => {
    producer.onFailure = onFailure!
    return Promise.resolve(producer as unknown as Awaited<ReturnType<OpenProducer>>)
  }
  const module = { spec, run: (all: readonly string[], to: Io) => run(all, to, open) }
  const code = await runCommand(module, ['--bootstrap-server', 'h:1', '--input', 'json', ...args], io)
  return { code, io, producer }
}

const values = ({ producer }: Outcome): (string | null)[] => producer.sent.map(({ value }) => value)
const line = (value: string): string => `${JSON.stringify({ value })}\n`
const placed =
  '{"topic":"u","partition":2,"timestamp":5,"key":"k","value":null,"headers":[{"key":"h","value":""},{"key":"h","value":null}]}\n'

describe('console-producer --input json', () => {
  it('sends what the lines say, whatever chunks they come in', async () => {
    const input = `${placed}\n  \r\n{"value":"é","offset":9}\r\n{"value":{"base64":"/wA="},"timestamp":-1}`
    for (const size of [1, 7, 1000]) {
      const bytes = Buffer.from(input)
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const { code, io, producer } = await produce(['--topic', 't'], chunks)
      expect([code, io.err.text, io.out.text, producer.closed]).toEqual([0, '', '', true])
      const headers = [
        ['h', ''],
        ['h', null],
      ]
      expect(producer.sent).toEqual([
        { topic: 't', key: 'k', value: null, headers, timestamp: 5, partition: 2 },
        { topic: 't', key: null, value: 'Ã©', headers: null, timestamp: 'now', partition: undefined },
        { topic: 't', key: null, value: 'ÿ\0', headers: null, timestamp: -1, partition: undefined },
      ])
    }
  })

  it.each([
    ['partition,timestamp', 2, 5],
    ['partition', 2, 'now'],
    ['timestamp', undefined, 5],
    ['none', undefined, 'now'],
  ])('keeps %s', async (keep, partition, timestamp) => {
    const { producer } = await produce(['--topic', 't', '--keep', keep], [placed])
    expect(producer.sent).toMatchObject([{ partition, timestamp }])
  })

  it('sends each record to its own topic without --topic', async () => {
    const { code, producer } = await produce(
      [],
      ['{"topic":"t","value":"1"}\n{"topic":"u","value":"2"}\n{"topic":"t","value":"3"}\n'],
    )
    expect(code).toBe(0)
    expect(producer.sent.map(({ topic, value }) => [topic, value])).toEqual([
      ['t', '1'],
      ['u', '2'],
      ['t', '3'],
    ])
    expect(producer.calls).toEqual(['topic t', 'topic u'])
  })

  it.each([
    ['is none', 'nonsense', 'it is not JSON'],
    [
      'names a partition there is not',
      '{"value":"x","partition":3}',
      'topic t has only partitions 0 to 2; create the topic',
    ],
    ['is refused', line('refuse'), 'it was refused'],
  ])('stops at a line that %s, with all before it sent', async (_what, bad, message) => {
    const outcome = await produce(['--topic', 't'], [`${line('a')}${line('b')}${bad.trim()}\n${line('after')}`])
    expect([outcome.code, values(outcome), outcome.producer.closed]).toEqual([1, ['a', 'b'], true])
    expect(outcome.io.err.text).toContain(
      `line 3: ${message.startsWith('topic') ? 'it belongs to partition 3, but ' : ''}${message}`,
    )
    expect(outcome.io.err.text).toMatch(/^Stopped: 2 records sent(, 1 not written)?\.$/m)
  })

  it('stops at a last line that was cut off', async () => {
    const outcome = await produce(['--topic', 't'], [`${line('a')}{"value":"b`])
    expect([outcome.code, values(outcome)]).toEqual([1, ['a']])
    expect(outcome.io.err.text).toContain('line 2: it is not JSON')
  })

  it('names the line without a topic, or with one that is not there', async () => {
    const none = await produce([], ['{"topic":"t","value":"1"}\n{"value":"2"}\n'])
    expect([none.code, none.io.err.text]).toEqual([
      1,
      'line 2: it names no topic; add "topic", or say where all records go with --topic\nStopped: 1 record sent.\n',
    ])
    const missing = await produce([], ['{"topic":"x","value":"1"}\n{"topic":"t","value":"2"}\n'])
    expect([missing.code, missing.io.err.text]).toEqual([
      1,
      'line 1: topic x: no x\nCreate it.\nStopped: 0 records sent.\n',
    ])
  })

  it('waits when the producer is full, and for each record with --sync', async () => {
    const input = [line('1') + line('2') + line('3') + line('4') + line('5')]
    const full = await produce(['--topic', 't'], input, new FakeProducer({ t: 1 }, 2))
    expect([values(full), full.producer.calls]).toEqual([
      ['1', '2', '3', '4', '5'],
      ['topic t', 'drained', 'drained'],
    ])
    const sync = await produce(['--topic', 't', '--sync'], [line('1') + line('fail') + line('3')])
    expect([sync.code, values(sync)]).toEqual([1, ['1']])
    expect(sync.io.err.text).toContain('Stopped: 1 record sent, 1 not written.')
  })

  it('takes no more once a record could not be written, and says why once', async () => {
    const input = line('fail') + line('fail') + line('fail') + line('4')
    const outcome = await produce(['--topic', 't'], [input], new FakeProducer({ t: 1 }, 2))
    expect([outcome.code, values(outcome)]).toEqual([1, []])
    expect(outcome.io.err.text.match(/too bad/g)).toHaveLength(1)
    expect(outcome.io.err.text).toContain('Stopped: 0 records sent, 2 not written.')
  })

  it('has a limit to what a line may take', () => {
    const splitter = new LineSplitter(() => undefined, 10)
    const chunk = Buffer.from('123456')
    splitter.push(chunk, 0, () => true)
    expect(() => splitter.push(chunk, 0, () => true)).toThrow('it is longer than 10 bytes')
  })

  it.each([
    [['--input', 'xml'], "--input is json or lines, not 'xml'."],
    [
      ['--input', 'json', '--reader-property', 'parse.key=true'],
      'Options --input json and --reader-property cannot be specified together.',
    ],
    [
      ['--input', 'json', '--keep', 'offset'],
      "--keep is partition, timestamp, both with a comma between them, or none; not 'offset'.",
    ],
    [['--topic', 't', '--keep', 'none'], 'Option --keep needs --input json'],
    [['--input', 'lines'], 'Missing required argument "[topic]"'],
  ])('%j is refused', async (args, message) => {
    const io = memoryIo()
    const code = await runCommand({ spec, run }, ['--bootstrap-server', 'h:1', ...args], io)
    expect([code, io.err.text.startsWith(message)]).toEqual([1, true])
  })
})
