import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { OptionError, type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { printError } from '../../cli/run-command.ts'
import { KAFKA_VERSION, ownHelp } from '../../cli/usage.ts'
import type { Admin } from '../../client/types.ts'
import { type Connect, commandProperties, connectWith } from '../shared/connect.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { parseDuration } from './duration.ts'
import { Chooser } from './glob.ts'
import { FAILED, judge, type Limits } from './limits.ts'
import { LagMeter, type MeasureOptions } from './measure.ts'
import { groupTypes, isolationLevels, spec } from './options.ts'
import { rowsOf } from './rows.ts'
import { processTerminal, Screen, type Terminal } from './screen.ts'
import { structuredColumns, structuredRow, tableLines } from './text.ts'
import { Watch } from './watch.ts'

export { spec }

const usageLine = 'Usage: kt lag [GROUP…] [options]'
const defaultIntervalSeconds = 2

/** What a run needs of the world besides Io; tests give their own. */
export interface Surroundings {
  connect: Connect
  now: () => number
  terminal: () => Terminal
}

const surroundings: Surroundings = { connect: connectWith, now: Date.now, terminal: processTerminal }

const usage = (message: string): never => {
  throw new CommandExit(FAILED, `${message}\n${usageLine}\n\`kt lag --help\` shows the options.\n`)
}

const durationMs = (options: OptionSet, name: string): number | undefined => {
  const text = options.text(name)
  if (text === undefined) return undefined
  return parseDuration(text) ?? usage(`'${text}' of --${name} is no duration: write it as 500ms, 30s, 5m or 1h.`)
}

const listOf = (options: OptionSet, name: string): string[] =>
  options
    .texts(name)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')

interface Wanted {
  measuring: Omit<MeasureOptions, 'now'>
  topics: Chooser
  byPartition: boolean
  limits: Limits
  watch: { intervalMs: number; forMs: number | undefined; untilZero: boolean } | undefined
}

/** -w is what `watch` has; with the number behind it or after a blank. */
const withShort = (args: readonly string[]): string[] =>
  args.flatMap((arg) => {
    const short = /^-w(\d*)$/.exec(arg)
    return short ? ['--watch', ...(short[1] ? [short[1]] : [])] : [arg]
  })

const watchOf = (options: OptionSet): Wanted['watch'] => {
  const forMs = durationMs(options, 'for')
  const untilZero = options.has('until-zero')
  if (!options.has('watch') && forMs === undefined && !untilZero) return undefined
  const seconds = options.int('watch') ?? defaultIntervalSeconds
  if (seconds < 1) return usage('--watch takes seconds, one at least.')
  return { intervalMs: seconds * 1000, forMs, untilZero }
}

const wantedOf = (options: OptionSet): Wanted => {
  const types = listOf(options, 'type').map((type) => type.toLowerCase())
  const wrong = types.find((type) => !groupTypes.includes(type))
  if (wrong !== undefined) return usage(`There is no type of group '${wrong}'; there are ${groupTypes.join(', ')}.`)
  const isolation = options.text('isolation-level') ?? ''
  if (!isolationLevels.includes(isolation)) {
    return usage(`'${isolation}' is no isolation level; there are ${isolationLevels.join(' and ')}.`)
  }
  const maxLag = options.long('max-lag')
  if (maxLag !== undefined && maxLag < 0n) return usage('--max-lag takes a number of records, 0 or more.')
  const topics = new Chooser(listOf(options, 'topic'))
  const choice = { groups: new Chooser(options.words), types }
  return {
    measuring: { choice, topics, readCommitted: isolation === 'read_committed' },
    topics,
    byPartition: options.has('partitions'),
    limits: {
      maxLag: maxLag === undefined ? undefined : Number(maxLag),
      maxTimeBehindMs: durationMs(options, 'max-time-behind'),
    },
    watch: watchOf(options),
  }
}

/** Prints one measurement; resolves with the exit code. */
const once = async (meter: LagMeter, wanted: Wanted, options: OptionSet, io: Io): Promise<number> => {
  const { byPartition, limits, topics } = wanted
  const snapshot = await meter.measure()
  const rows = rowsOf(snapshot, byPartition)
  const format = outputFormat(options, io)
  if (format) await printStructured(io, format, rows.map(structuredRow), structuredColumns(byPartition))
  else if (rows.length > 0) for (const line of tableLines(rows, byPartition)) println(io.out, line)
  const { code, reasons } = judge(snapshot, rows, limits)
  for (const reason of reasons) println(io.err, reason)
  const missing = topics.unmatched(rows.flatMap(({ topic }) => (topic === null ? [] : [topic])))
  if (missing.length > 0) {
    println(io.err, `No chosen group has offsets in ${missing.join(', ')}.`)
    return Math.max(code, FAILED)
  }
  if (rows.length === 0 && code === 0 && !format) println(io.err, 'There are no groups.')
  return code
}

const watch = (admin: Admin, meter: LagMeter, wanted: Wanted, options: OptionSet, io: Io, terminal: Terminal) => {
  const format = outputFormat(options, io)
  if (format !== undefined && format !== 'json') return usage(`--watch prints JSON or draws; it has no ${format}.`)
  const isLive = io.isTTY && format === undefined
  return new Watch(meter, io, {
    ...wanted.watch!,
    byPartition: wanted.byPartition,
    limits: wanted.limits,
    abort: () => void admin.close().catch(() => {}),
    live: isLive ? { screen: new Screen(io.out, terminal), terminal } : undefined,
  }).run()
}

const parse = (args: readonly string[]): OptionSet => {
  try {
    return parseOptions(spec, withShort(args))
  } catch (error) {
    if (error instanceof OptionError) return usage(error.message)
    throw error
  }
}

/** `kt lag` with these arguments; resolves with the exit code: 0 within the limits, 1 an error, 2 beyond a limit. */
export const run = async (args: readonly string[], io: Io, around: Surroundings = surroundings): Promise<number> => {
  const options = parse(args)
  if (options.has('help') || options.has('version')) {
    io.out.write(options.has('help') ? ownHelp(spec, `${spec.summary}\n${usageLine}`, io) : `${KAFKA_VERSION}\n`)
    return 0
  }
  let admin: Admin | undefined
  try {
    const wanted = wantedOf(options)
    admin = await around.connect(await commandProperties(options, io), io)
    const meter = new LagMeter(admin, { ...wanted.measuring, now: around.now })
    if (wanted.watch) return await watch(admin, meter, wanted, options, io, around.terminal())
    return await once(meter, wanted, options, io)
  } catch (error) {
    if (error instanceof CommandExit) throw error
    if (error instanceof OptionError) return usage(error.message)
    printError(io, error)
    return FAILED
  } finally {
    await admin?.close()
  }
}
