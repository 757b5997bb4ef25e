import { resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { requireOptions } from '../../cli/usage.ts'
import { runPlainly } from '../shared/admin-command.ts'
import { NoSuchFileError } from '../shared/connect.ts'
import { javaSplit } from '../shared/java.ts'
import { dumpOffsetIndex, dumpProducerSnapshot, dumpTimeIndex, dumpTxnIndex, type IndexProblems } from './index-dump.ts'
import { dumpLog, type Gaps } from './log-dump.ts'
import { spec } from './options.ts'

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

const printProblems = (found: IndexProblems, gaps: Gaps, io: Io): void => {
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

const dumpFile = async (path: string, options: OptionSet, io: Io, found: IndexProblems, gaps: Gaps): Promise<void> => {
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

const dump = async (options: OptionSet, io: Io): Promise<void> => {
  const found: IndexProblems = { offsets: new Map(), timestamps: new Map(), order: new Map(), missing: new Map() }
  const gaps: Gaps = new Map()
  for (const text of javaSplit(options.text('files') ?? '', ',')) {
    const path = text.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
    println(io.out, `Dumping ${path}`)
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
