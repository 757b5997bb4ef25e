import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { run, spec } from '../../src/tools/console-producer/command.ts'
import { LineSplitter } from '../../src/tools/console-producer/line-splitter.ts'
import type { LineProducer, LineWriter, OpenProducer } from '../../src/tools/console-producer/produce.ts'
import type { Properties } from '../../src/tools/shared/connect.ts'
import { type MemoryIo, memoryIo } from '../cli/memory-io.ts'

interface Sent {
  key: string | null
  value: string | null
  headers?: string[]
}

const text = (bytes: Buffer | null): string | null => bytes?.toString('utf8') ?? null

/** Keeps records; has room for `room` of them between two calls of drained. */
class FakeProducer implements LineProducer {
  sent: Sent[] = []
  drains = 0
  closed = false
  failure: Error | undefined
  #used = 0
  readonly #room: number

  constructor(room = Number.POSITIVE_INFINITY) {
    this.#room = room
  }

  get hasRoom(): boolean {
    return this.#used < this.#room
  }

  topic(): Promise<LineWriter> {
    const add = (
      key: Buffer | null,
      value: Buffer | null,
      headers?: readonly { key: string; value: Buffer | null }[] | null,
    ) => {
      this.#used++
      const texts = headers?.map((header) => `${header.key}=${text(header.value)}`)
      this.sent.push({ key: text(key), value: text(value), ...(texts ? { headers: texts } : {}) })
    }
    return Promise.resolve({
      appendValue: (source, start, end) => add(null, source.subarray(start, end)),
      appendKeyValue: (source, key, value) => add(source.subarray(...key), source.subarray(...value)),
      append: (key, value, headers) => add(key, value, headers),
    })
  }

  send(record: { key: Buffer | null; value: Buffer | null }): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    this.sent.push({ key: text(record.key), value: text(record.value) })
    return Promise.resolve()
  }

  drained(): Promise<void> {
    this.drains++
    this.#used = 0
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

interface Outcome {
  code: number
  io: MemoryIo
  producer: FakeProducer
  properties: Properties
}

const produce = async (args: string[], stdin: string[], producer = new FakeProducer()): Promise<Outcome> => {
  const io = memoryIo(stdin)
  let properties: Properties = new Map()
  const open: OpenProducer = (given) => {
    properties = given
    return Promise.resolve(producer as unknown as Awaited<ReturnType<OpenProducer>>)
  }
  const module = { spec, run: (all: readonly string[], to: Io) => run(all, to, open) }
  const code = await runCommand(module, ['--bootstrap-server', 'h:1', '--topic', 't', ...args], io)
  return { code, io, producer, properties }
}
const readerArgs = (...pairs: string[]): string[] => pairs.flatMap((pair) => ['--reader-property', pair])

describe('LineSplitter', () => {
  it('cuts any chunks as Java reads lines', () => {
    const letters = fc.constantFrom('a', 'é', '\n', '\r', '')
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (parts, size) => {
        const input = Buffer.from(parts.join(''))
        const lines: string[] = []
        const splitter = new LineSplitter((source, start, end) => lines.push(source.toString('utf8', start, end)))
        for (let at = 0; at < input.length; at += size) {
          const chunk = input.subarray(at, at + size)
          for (let from = 0; from < chunk.length; ) from = splitter.push(chunk, from, () => false)
        }
        splitter.end()
        const expected = input.toString('utf8').split(/\r\n|\r|\n/)
        if (expected.at(-1) === '') expected.pop()
        expect(lines).toEqual(expected)
      }),
    )
  })
})

describe('console-producer', () => {
  it('sends lines as values, the last one without a line break too', async () => {
    const { code, producer } = await produce([], ['one\n\ntw', 'o\n  sp aced\t\nlast'])
    expect(code).toBe(0)
    expect(producer.sent.map((record) => record.value)).toEqual(['one', '', 'two', '  sp aced\t', 'last'])
    expect(producer.closed).toBe(true)
  })

  it('waits when the producer is full', async () => {
    const { producer } = await produce([], ['1\n2\n3\n4\n5\n'], new FakeProducer(2))
    expect(producer.sent).toHaveLength(5)
    expect(producer.drains).toBe(2)
  })

  it('parses keys, headers and nulls', async () => {
    const keyed = await produce(readerArgs('parse.key=true', 'key.separator=::'), ['a::b::c\n::v\nk::\n'])
    expect(keyed.producer.sent).toEqual([
      { key: 'a', value: 'b::c' },
      { key: '', value: 'v' },
      { key: 'k', value: '' },
    ])
    const all = readerArgs('parse.key=true', 'parse.headers=TRUE', 'null.marker=NIL')
    const full = await produce(all, ['h1:a,h2:NIL\tk\tv\nNIL\tNIL\tNIL\n'])
    expect(full.producer.sent).toEqual([
      { key: 'k', value: 'v', headers: ['h1=a', 'h2=null'] },
      { key: null, value: null },
    ])
  })

  it('stops at a line without a separator, with what came before sent', async () => {
    const { code, io, producer } = await produce(readerArgs('parse.key=true'), ['k\tv\nnokey\n'])
    expect(code).toBe(1)
    expect(io.err.text).toBe("No key separator found on line number 2: 'nokey'\n")
    expect([producer.sent.length, producer.closed]).toEqual([1, true])
    const ignoring = await produce(readerArgs('parse.key=true', 'ignore.error=true'), ['k\tv\nnokey\n'])
    expect(ignoring.producer.sent[1]).toEqual({ key: null, value: 'nokey' })
  })

  it.each([
    [['parse.headers=true'], 'x\tv', "No header key separator found in pair 'x' on line number 1"],
    [['parse.headers=true', 'null.marker=N'], 'N:x\tv', "Header keys should not be equal to the null marker 'N'"],
    [['headers.delimiter=,'], 'v', 'headers.delimiter and headers.separator may not be equal'],
    [['null.marker=\t'], 'v', 'null.marker and key.separator may not be equal'],
  ])('%j with %j fails', async (pairs, line, message) => {
    const { code, io } = await produce(readerArgs(...pairs), [`${line}\n`])
    expect(code).toBe(1)
    expect(io.err.text).toContain(message)
  })

  it('waits for each record with --sync and ends at the first error', async () => {
    const failing = new FakeProducer()
    failing.failure = Object.assign(new Error('too large'), { exceptionClass: 'x.RecordTooLargeException' })
    const { code, io, producer } = await produce(['--sync'], ['a\nb\n'], failing)
    expect(code).toBe(1)
    expect(io.err.text).toContain('java.util.concurrent.ExecutionException: x.RecordTooLargeException: too large')
    expect(producer.closed).toBe(true)
    expect((await produce(['--sync'], ['a\nb'])).producer.sent).toHaveLength(2)
  })

  it('configures the producer from options and properties as the Java tool does', async () => {
    const { properties } = await produce(['--command-property', 'acks=1', '--command-property', 'x'], [])
    expect(Object.fromEntries(properties)).toEqual({
      acks: '1',
      x: '',
      'bootstrap.servers': 'h:1',
      'compression.type': 'none',
      'client.id': 'console-producer',
      'linger.ms': '1000',
      'request.timeout.ms': '1500',
      retries: '3',
      'retry.backoff.ms': '100',
      'send.buffer.bytes': '102400',
      'buffer.memory': '33554432',
      'batch.size': '900000',
      'metadata.max.age.ms': '300000',
      'max.block.ms': '60000',
    })
    const given = await produce(
      ['--command-property', 'acks=1', '--request-required-acks', 'all', '--compression-codec'],
      [],
    )
    expect(given.properties.get('acks')).toBe('all')
    expect(given.properties.get('compression.type')).toBe('gzip')
  })

  it('warns about deprecated options on standard output', async () => {
    const { io } = await produce(['--property', 'parse.key=false'], [])
    expect(io.out.text).toBe(
      'Warning: --property is deprecated and will be removed in a future version. Use --reader-property instead.\n',
    )
  })

  it.each([
    [['--nope'], 'nope is not a recognized option\nOption '],
    [
      ['--property', 'a=b', '--reader-property', 'a=b'],
      'Options --reader-property and --property cannot be specified together.',
    ],
    [['--line-reader', 'my.Reader'], 'my.Reader\nkt runs no Java classes'],
    [['--batch-size', 'big'], "Cannot parse argument 'big' of option batch-size\n"],
  ])('%j is refused', async (args, message) => {
    const { code, io } = await produce(args, [])
    expect(code).toBe(1)
    expect(io.err.text.startsWith(message)).toBe(true)
  })
})
