import { resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { requireOptions } from '../../cli/usage.ts'
import { runPlainly } from '../shared/admin-command.ts'
import { NoSuchFileError } from '../shared/connect.ts'
import { javaSplit } from '../shared/java.ts'
import type { Row } from '../shared/structured.ts'
import { dumpOffsetIndex, dumpProducerSnapshot, dumpTimeIndex, dumpTxnIndex, type IndexProblems } from './index-dump.ts'
import { dumpLog, type Gaps } from './log-dump.ts'
import { spec } from './options.ts'
import { type DumpIo, dumpIo } from './rows.ts'

export { spec }

const decoderOptions = [
  'print-data-log',
  'offsets-decoder',
  'transaction-log-decoder',
  'cluster-metadata-decoder',
  'remote-log-metadata-decoder',
  'value-decoder-class',
  'key-decoder-class',
  'share-group-state-decoder',
]

/** Those that write JSON. */
const jsonDecoders = [
  'offsets-decoder',
  'transaction-log-decoder',
  'cluster-metadata-decoder',
  'share-group-state-decoder',
]

/** For programs an index that disagrees with its log is a failure; offsets that are missing are not, compaction leaves such. */
const problemRows = (found: IndexProblems, gaps: Gaps, io: Io, row: (row: Row) => void): void => {
  const report = (problem: string, file: string, fields: Row): void => {
    row({ kind: 'problem', problem, file, ...fields })
    if (problem !== 'gap') io.failed?.(new Error(`${problem} in ${file}`), { file, problem })
  }
  for (const [file, entries] of found.offsets) {
    for (const [indexOffset, logOffset] of entries) report('offsetMismatch', file, { indexOffset, logOffset })
  }
  for (const [file, entries] of found.timestamps) {
    for (const [indexTimestampMs, logTimestampMs] of entries) {
      report('timestampMismatch', file, { indexTimestampMs, logTimestampMs })
    }
  }
  for (const [file, entries] of found.order) {
    for (const [indexTimestampMs, previousTimestampMs] of entries) {
      report('timestampOutOfOrder', file, { indexTimestampMs, previousTimestampMs })
    }
  }
  for (const [file, entries] of found.missing) {
    for (const [indexOffset, logOffset] of entries) report('offsetNotFound', file, { indexOffset, logOffset })
  }
  for (const [file, entries] of gaps) {
    for (const [offset, nextOffset] of entries) report('gap', file, { offset, nextOffset })
  }
}

const printProblems = (found: IndexProblems, gaps: Gaps, io: DumpIo): void => {
  if (io.row) {
    problemRows(found, gaps, io, io.row)
    return
  }
  const pairs = (
    title: string,
    entries: Iterable<[string, [number, number][]]>,
    line: (a: number, b: number) => string,
  ) => {
    for (const [path, list] of entries) {
      println(io.err, title + path)
      for (const [a, b] of list) println(io.err, line(a, b))
    }
  }
  const offsets = [...found.offsets].map(([path, entries]): [string, [number, number][]] => [
    path,
    [...entries].sort(([a], [b]) => b - a),
  ])
  pairs('Mismatches in :', offsets, (a, b) => `  Index offset: ${a}, log offset: ${b}`)
  pairs('Found timestamp mismatch in :', found.timestamps, (a, b) => `  Index timestamp: ${a}, log timestamp: ${b}`)
  pairs(
    'Found out of order timestamp in :',
    found.order,
    (a, b) => `  Index timestamp: ${a}, Previously indexed timestamp: ${b}`,
  )
  pairs(
    'The following indexed offsets are not found in :',
    found.missing,
    (a, b) => `Indexed offset: ${a}, found log offset: ${b}`,
  )
  pairs('Non-consecutive offsets in ', gaps, (a, b) => `  ${a} is followed by ${b}`)
}

const suffixOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

const dumpFile = async (
  path: string,
  options: OptionSet,
  io: DumpIo,
  found: IndexProblems,
  gaps: Gaps,
): Promise<void> => {
  const absolute = resolve(path)
  const indexOptions = {
    sanityOnly: options.has('index-sanity-check'),
    verifyOnly: options.has('verify-index-only'),
    maxMessageBytes: options.int('max-message-size') ?? 0,
  }
  switch (suffixOf(path)) {
    case '.log':
    case '.checkpoint': {
      const contents = decoderOptions.some((name) => options.has(name))
      const { parserOf } = await import('./decoders.ts')
      const logOptions = {
        deep: contents || options.has('deep-iteration'),
        contents,
        skipRecordMetadata: options.has('skip-record-metadata'),
        maxBytes: options.int('max-bytes') ?? 0,
        parser: await parserOf(options),
        isJson: jsonDecoders.some((name) => options.has(name)),
      }
      return dumpLog(path, absolute, logOptions, io, gaps)
    }
    case '.index':
      return dumpOffsetIndex(path, absolute, indexOptions, io, found)
    case '.timeindex':
      return dumpTimeIndex(path, absolute, indexOptions, io, found)
    case '.snapshot':
      return dumpProducerSnapshot(path, io)
    case '.txnindex':
      return dumpTxnIndex(path, io)
    default:
      println(io.err, `Ignoring unknown file ${path}`)
  }
}

const dump = async (options: OptionSet, given: Io): Promise<void> => {
  const io = await dumpIo(options, given)
  const found: IndexProblems = { offsets: new Map(), timestamps: new Map(), order: new Map(), missing: new Map() }
  const gaps: Gaps = new Map()
  for (const text of javaSplit(options.text('files') ?? '', ',')) {
    const path = text.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
    if (!io.row) println(io.out, `Dumping ${path}`)
    try {
      await dumpFile(path, options, io, found, gaps)
    } catch (error) {
      if (error instanceof CommandExit) throw error
      await io.out.flush()
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NoSuchFileError(path, { cause: error })
      throw error
    }
    if (io.out.closed) return
  }
  await io.out.flush()
  printProblems(found, gaps, io)
}

/** `kafka-dump-log.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io): Promise<number> =>
  runPlainly(
    spec,
    args,
    io,
    () => parseOptions(spec, args),
    async (options) => {
      requireOptions(spec, options, 'files')
      await dump(options, io)
    },
  )
