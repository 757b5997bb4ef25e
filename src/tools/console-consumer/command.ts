import { javaRegex } from '../../base/java-regex.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { errorMessage, printError } from '../../cli/run-command.ts'
import { resolveBootstrap } from '../../cli/session.ts'
import { helpOrVersion, parseOrUsage } from '../../cli/usage.ts'
import type { Properties } from '../shared/connect.ts'
import { constructConsumer } from '../shared/constructed.ts'
import type { OpenedConsumer } from './bounded/begin.ts'
import { type Bounds, readBounds } from './bounded/own-options.ts'
import { buildFormatter } from './build-formatter.ts'
import { Printer, type RecordSource } from './consume.ts'
import type { Formatter } from './formatter.ts'
import { spec } from './options.ts'
import { ownFormatter } from './own-format.ts'
import { type ConsumeSettings, consumeSettings } from './settings.ts'

export { spec }

/** Opens a consumer with Java properties; tests give their own. */
export type OpenConsumer = (properties: Properties, io: Io) => Promise<RecordSource>

const openConsumer: OpenConsumer = async (properties, io) => {
  const [{ Consumer }, config] = await Promise.all([
    import('../../client/consumer/consumer.ts'),
    constructConsumer(properties),
  ])
  return new Consumer({ ...config, warn: (message) => println(io.err, `WARN ${message}`) })
}

const start = (source: RecordSource, options: OptionSet, settings: ConsumeSettings): void => {
  const topic = options.text('topic')
  const isOwnGroup = settings.group === undefined
  if (topic === undefined) {
    if (options.text('include') === '') throw new Error('Topic pattern to subscribe to cannot be empty')
    source.subscribe({ pattern: javaRegex(options.text('include') ?? ''), isOwnGroup })
    return
  }
  if (settings.partition === undefined) {
    if (topic.trim() === '') throw new Error('Topic collection to subscribe to cannot contain null or empty topic')
    source.subscribe({ topics: [topic], isOwnGroup })
    return
  }
  const partition = { topic, partition: settings.partition }
  source.assign([partition])
  source.seek(partition, typeof settings.start === 'number' ? { offset: settings.start } : settings.start)
}

const begin = async (source: RecordSource, bounds: Bounds, options: OptionSet, settings: ConsumeSettings, io: Io) => {
  const { beginBounded } = await import('./bounded/begin.ts')
  const include = options.text('include')
  return beginBounded(source as OpenedConsumer, bounds, {
    topic: options.text('topic'),
    include: include === undefined ? undefined : javaRegex(include),
    partition: settings.partition,
    group: settings.group,
    readCommitted: settings.properties.get('isolation.level') === 'read_committed',
    excludeInternal: settings.properties.get('exclude.internal.topics') !== 'false',
    subscribe: () => start(source, options, settings),
    io,
  })
}

const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** Reads until it is over; the summary line comes last, whatever happens. */
const consume = async (
  source: RecordSource,
  formatter: Formatter,
  options: OptionSet,
  timeoutMs: number,
  io: Io,
): Promise<number> => {
  let code = 0
  let printer: Printer | undefined
  const restore = io.onInterrupt((signal) => {
    // A second Ctrl-C ends the process at once.
    code = interruptCodes[signal]
    restore()
    source.wakeup()
  })
  try {
    const maxMessages = options.has('max-messages') ? (options.int('max-messages') ?? -1) : -1
    const skipOnError = options.has('skip-message-on-error')
    printer = new Printer(source, formatter, { maxMessages, timeoutMs, skipOnError }, io)
    await printer.run()
    if (printer.isCutShort && code === 0) code = 1
  } catch (error) {
    printError(io, error)
    code = 1
  } finally {
    await source.close().catch((error: unknown) => println(io.err, `WARN ${errorMessage(error)}`))
    restore()
  }
  await io.out.flush()
  println(io.err, `Processed a total of ${printer?.count ?? 0} messages`)
  if (options.has('enable-systest-events')) println(io.out, 'shutdown_complete')
  return code
}

/** `kafka-console-consumer.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, open: OpenConsumer = openConsumer): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  const settings = await consumeSettings(options, io)
  const bounds = readBounds(spec, options, settings.group)
  // A topic that is deleted meanwhile is not to be made again by its reader.
  if (bounds !== undefined) settings.properties.set('allow.auto.create.topics', 'false')
  const formatter = (await ownFormatter(spec, options)) ?? (await buildFormatter(spec, options, io))
  settings.properties.set('bootstrap.servers', await resolveBootstrap(io, options.text('bootstrap-server')))
  let source: RecordSource | undefined
  try {
    source = await open(settings.properties, io)
    if (bounds === undefined) start(source, options, settings)
    else source = await begin(source, bounds, options, settings, io)
  } catch (error) {
    await source?.close()
    printError(io, error)
    return 1
  }
  return consume(source, formatter, options, settings.timeoutMs, io)
}
