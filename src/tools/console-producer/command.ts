import { CommandExit, NotYetSupportedError } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { errorMessage, printError } from '../../cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../cli/session.ts'
import { helpOrVersion, parseOrUsage, requireOptions, usageExit } from '../../cli/usage.ts'
import { bootstrapComplaint } from '../shared/bootstrap.ts'
import { isModulePath } from '../shared/own-module.ts'
import { fewFailures, jsonOptions, wantsJson } from './json-input.ts'
import { LineReader, type RecordReader } from './line-reader.ts'
import { lineMessageReader, spec } from './options.ts'
import { type OpenProducer, openProducer, produceLines } from './produce.ts'
import { checkDeprecated, producerProperties, readerProperties } from './settings.ts'

export { spec }

const checkOptions = (options: OptionSet, isJson: boolean, io: Io): void => {
  if (!isJson) requireOptions(spec, options, 'topic')
  for (const warning of checkDeprecated(options)) println(io.out, warning)
  if (!options.has('bootstrap-server') && mayOmitBootstrap(io)) return
  const complaint = bootstrapComplaint(options.text('bootstrap-server'))
  if (complaint !== undefined) usageExit(spec, complaint)
}

const openReader = async (options: OptionSet): Promise<RecordReader> => {
  const name = options.text('line-reader')
  if (name !== undefined && isModulePath(name)) {
    return (await import('./own-module-reader.ts')).ownModuleReader(name, await readerProperties(options))
  }
  if (name !== lineMessageReader) {
    throw Object.assign(new Error(name), {
      nextStep: `kt runs no Java classes: leave out --line-reader, name ${lineMessageReader}, or the path of a JavaScript module.`,
    })
  }
  return new LineReader(await readerProperties(options))
}

const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** `kafka-console-producer.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, open: OpenProducer = openProducer): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  const isJson = wantsJson(spec, options)
  checkOptions(options, isJson, io)
  let producer: Awaited<ReturnType<OpenProducer>> | undefined
  let interrupted: number | undefined
  const stopReading = new AbortController()
  const restore = io.onInterrupt((signal) => {
    // What was read is still written; a second Ctrl-C ends it at once.
    interrupted = interruptCodes[signal]
    stopReading.abort()
    restore()
    void close().finally(() => process.exit(interrupted))
  })
  const close = async (): Promise<void> => producer?.close()
  try {
    const reader = isJson ? undefined : await openReader(options)
    const bootstrap = await resolveBootstrap(io, options.text('bootstrap-server'))
    const properties = await producerProperties(options, bootstrap, io)
    if (properties.has('transactional.id')) {
      throw new NotYetSupportedError(
        'transactional.id: kt console-producer writes no transactions, as the Java tool does not.',
      )
    }
    const { signal } = stopReading
    let code = 0
    if (reader === undefined) {
      const { produceJson } = await import('./produce-json.ts')
      producer = await open(properties, io, fewFailures(io))
      code = await produceJson(producer, jsonOptions(spec, options, properties, signal), io)
    } else {
      producer = await open(properties, io)
      await produceLines(producer, reader, { topic: options.text('topic')!, sync: options.has('sync'), signal }, io)
    }
    await close()
    return code
  } catch (error) {
    if (error instanceof CommandExit) throw error
    await close().catch((closing: unknown) => println(io.err, errorMessage(closing)))
    printError(io, error)
    return 1
  } finally {
    restore()
  }
}
