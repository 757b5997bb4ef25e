import { execFileSync } from 'node:child_process'
import { script } from './node-process.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const GROUP = 'readers'
const SHARE_GROUP = 'sharers'
const SCRIPT_LIMIT_MS = 90_000

/** Runs one of Kafka's scripts against a broker and returns what it printed. */
export function kafka(name: string, bootstrap: string, args: string[], input = ''): string {
  return execFileSync(script(name), ['--bootstrap-server', bootstrap, ...args], {
    input,
    encoding: 'utf8',
    timeout: SCRIPT_LIMIT_MS,
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

const lines = (count: number, label: string): string =>
  Array.from({ length: count }, (_, index) => `key-${index % 7}\t${label} record number ${index}\n`).join('')

const KEYED = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=\t']

/** Puts something of everything into a fresh cluster: topics, configs, records of all codecs, a group's offsets, transactions. */
export function fill(bootstrap: string, without: ReadonlySet<string>): void {
  const create = (topic: string, partitions: number, configs: string[] = []): string =>
    kafka('kafka-topics', bootstrap, [
      ...['--create', '--topic', topic, '--partitions', String(partitions)],
      ...configs.flatMap((config) => ['--config', config]),
    ])
  create('plain', 3)
  create('codecs', 2, ['segment.bytes=1048576', 'retention.ms=-1'])
  create('compacted', 1, ['cleanup.policy=compact', 'min.cleanable.dirty.ratio=0.01'])
  create('doomed', 2)
  kafka('kafka-topics', bootstrap, ['--delete', '--topic', 'doomed'])
  kafka('kafka-topics', bootstrap, ['--alter', '--topic', 'plain', '--partitions', '4'])
  kafka('kafka-console-producer', bootstrap, ['--topic', 'plain', ...KEYED], lines(500, 'plain'))
  for (const codec of CODECS) {
    kafka(
      'kafka-console-producer',
      bootstrap,
      ['--topic', 'codecs', '--compression-codec', codec, ...KEYED],
      lines(200, codec),
    )
  }
  kafka('kafka-console-producer', bootstrap, ['--topic', 'compacted', ...KEYED], lines(300, 'compacted'))
  perfTest(bootstrap, ['--topic', 'codecs', '--num-records', '3000', '--record-size', '600'])
  if (!without.has('transactions')) transactions(bootstrap)
  consume(bootstrap, 'plain', ['--group', GROUP, '--from-beginning', '--max-messages', '250'])
  const alter = [
    '--alter',
    '--entity-type',
    'topics',
    '--entity-name',
    'plain',
    '--add-config',
    'max.message.bytes=65536',
  ]
  kafka('kafka-configs', bootstrap, alter)
  if (!without.has('quotas')) quotas(bootstrap)
  if (!without.has('share')) shareGroup(bootstrap)
}

/** A share group that has some records behind it, and some that were delivered and released. */
export function shareGroup(bootstrap: string): void {
  kafka('kafka-topics', bootstrap, ['--create', '--topic', 'shared', '--partitions', '1'])
  kafka('kafka-console-producer', bootstrap, ['--topic', 'shared', '--batch-size', '16'], lines(10, 'shared'))
  kafka('kafka-configs', bootstrap, [
    ...['--alter', '--group', SHARE_GROUP, '--add-config', 'share.auto.offset.reset=earliest'],
  ])
  const read = (count: string, ...more: string[]): string =>
    kafka('kafka-console-share-consumer', bootstrap, [
      ...['--topic', 'shared', '--group', SHARE_GROUP, '--max-messages', count, ...more],
    ])
  read('4')
  read('2', '--release')
}

/** Where the share group is, and how much it has before it. */
export function shareGroupView(bootstrap: string): string {
  const out = kafka('kafka-share-groups', bootstrap, ['--describe', '--group', SHARE_GROUP])
  return out.replace(/ +/g, ' ').trim()
}

function transactions(bootstrap: string): void {
  perfTest(bootstrap, [
    ...['--topic', 'plain', '--num-records', '200', '--record-size', '40'],
    ...['--transactional-id', 'tx-1', '--transaction-duration-ms', '20'],
  ])
}

function quotas(bootstrap: string): void {
  const quota = ['--entity-type', 'clients', '--entity-name', 'slow', '--add-config', 'producer_byte_rate=1024']
  kafka('kafka-configs', bootstrap, ['--alter', ...quota])
}

function perfTest(bootstrap: string, args: string[]): void {
  kafka('kafka-producer-perf-test', bootstrap, [...args, '--throughput', '-1'])
}

function consume(bootstrap: string, topic: string, args: string[]): string {
  return kafka('kafka-console-consumer', bootstrap, ['--topic', topic, ...args])
}

/** A few more records, from whichever broker now has the data. */
export function addMore(bootstrap: string): void {
  kafka('kafka-console-producer', bootstrap, ['--topic', 'plain', ...KEYED], lines(50, 'more'))
}

function endOffsets(bootstrap: string, topic: string): Map<number, number> {
  const out = kafka('kafka-get-offsets', bootstrap, ['--topic', topic, '--time', 'latest'])
  const rows = out
    .trim()
    .split('\n')
    .map((line) => line.split(':'))
  return new Map(rows.map(([, partition, offset]) => [Number(partition), Number(offset)]))
}

/**
 * All records of a partition up to its end, as offset, timestamp, headers, key and value. The script only ends by running out of
 * time; on a busy machine that can be before the first record, so nothing is believed only after a long wait.
 */
function records(bootstrap: string, topic: string, partition: number, isEmpty: boolean): string {
  const shown = ['timestamp', 'offset', 'headers', 'key'].flatMap((name) => [
    '--formatter-property',
    `print.${name}=true`,
  ])
  const where = ['--partition', String(partition), '--offset', 'earliest', '--isolation-level', 'read_committed']
  for (const limitMs of isEmpty ? [3000] : [4000, 30_000]) {
    const out = consume(bootstrap, topic, [...where, '--timeout-ms', String(limitMs), ...shown])
    if (out !== '') return out
  }
  return ''
}

/** Paragraphs that each begin with a `Dynamic configs` line, in alphabetical order; scripts print them in that of a hash map. */
function sortedConfigs(text: string): string {
  const parts = text.split(/^(?=Dynamic configs )/m)
  return parts
    .map((part) => part.trim().split('\n').sort().join('\n'))
    .sort()
    .join('\n')
}

/** What clients see of the cluster, piece by piece, in a form that can be compared between brokers. */
export function view(bootstrap: string, without: ReadonlySet<string>): Map<string, string> {
  const seen = new Map<string, string>()
  seen.set('topics', kafka('kafka-topics', bootstrap, ['--describe', '--exclude-internal']))
  seen.set('topic configs', sortedConfigs(kafka('kafka-configs', bootstrap, ['--describe', '--entity-type', 'topics'])))
  if (!without.has('quotas'))
    seen.set('quotas', kafka('kafka-configs', bootstrap, ['--describe', '--entity-type', 'clients']))
  for (const topic of ['plain', 'codecs', 'compacted']) {
    seen.set(
      `first offsets of ${topic}`,
      kafka('kafka-get-offsets', bootstrap, ['--topic', topic, '--time', 'earliest']),
    )
    for (const [partition, end] of endOffsets(bootstrap, topic)) {
      seen.set(`end of ${topic}-${partition}`, String(end))
      seen.set(`records of ${topic}-${partition}`, records(bootstrap, topic, partition, end === 0))
    }
  }
  const group = kafka('kafka-consumer-groups', bootstrap, ['--describe', '--group', GROUP])
  seen.set(
    'group offsets',
    group
      .split('\n')
      .map((line) => line.trim())
      .sort()
      .join('\n'),
  )
  if (!without.has('share')) seen.set('share group offsets', shareGroupView(bootstrap))
  return seen
}
