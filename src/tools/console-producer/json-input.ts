import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { type CommandSpec, type OptionSpec, option } from '../../cli/option-spec.ts'
import { errorMessage } from '../../cli/run-command.ts'
import { usageExit } from '../../cli/usage.ts'
import type { Properties } from '../shared/connect.ts'
import { type OnFailure, reportFailure } from './produce.ts'
import type { JsonProduceOptions } from './produce-json.ts'

/** kt's own input: records as JSON lines. */
export const inputOptions: readonly OptionSpec[] = [
  option(
    'input',
    'String',
    'json|lines',
    'What standard input is. json: one JSON object a line, as console-consumer --output json writes them; only "value" has to be ' +
      'there, bytes that are no UTF-8 are {"base64":"…"}, and without --topic each goes to its "topic". lines: what --line-reader reads.',
    { own: true, completion: ['json', 'lines'] },
  ),
  option(
    'keep',
    'String',
    'partition,timestamp|none',
    'What of JSON records is kept when they have it: partition, timestamp, both (as without this option) or none. What is not kept is ' +
      'chosen as for any record.',
    { own: true, completion: ['partition,timestamp', 'partition', 'timestamp', 'none'] },
  ),
]

/** What only line readers look at. */
const readerOptions = ['line-reader', 'reader-property', 'reader-config', 'property']

/** Whether records come as JSON. @throws CommandExit for options that don't go together, or an input kt doesn't have */
export const wantsJson = (spec: CommandSpec, options: OptionSet): boolean => {
  const input = options.text('input') ?? 'lines'
  if (input !== 'json' && input !== 'lines') usageExit(spec, `--input is json or lines, not '${input}'.`)
  if (input === 'lines') {
    if (options.has('keep'))
      usageExit(spec, 'Option --keep needs --input json: lines have no partition and no timestamp.')
    return false
  }
  for (const other of readerOptions) {
    if (options.has(other)) usageExit(spec, `Options --input json and --${other} cannot be specified together.`)
  }
  keptFields(spec, options)
  return true
}

const keptFields = (spec: CommandSpec, options: OptionSet): JsonProduceOptions['keep'] => {
  const text = options.text('keep') ?? 'partition,timestamp'
  const fields = text === 'none' ? [] : text.split(',')
  const stranger = fields.find((field) => field !== 'partition' && field !== 'timestamp')
  if (stranger !== undefined) {
    usageExit(spec, `--keep is partition, timestamp, both with a comma between them, or none; not '${text}'.`)
  }
  return { partition: fields.includes('partition'), timestamp: fields.includes('timestamp') }
}

const minLineLimitBytes = 64 * 1024 * 1024
const defaultRequestBytes = 1024 * 1024
/** What JSON makes of a byte at most: \\u0000. */
const maxEscapedBytes = 6

/** How JSON lines are to be sent; `properties` are those of the producer. */
export const jsonOptions = (
  spec: CommandSpec,
  options: OptionSet,
  properties: Properties,
  signal: AbortSignal,
): JsonProduceOptions => {
  const requestBytes = Number(properties.get('max.request.size') ?? defaultRequestBytes)
  return {
    topic: options.text('topic'),
    keep: keptFields(spec, options),
    sync: options.has('sync'),
    maxLineBytes: Math.max(minLineLimitBytes, maxEscapedBytes * requestBytes),
    signal,
  }
}

const maxReports = 5

/** Prints each kind of failure once: nothing is sent after the first, and what was under way with it fails for the same few reasons. */
export const fewFailures = (io: Io): OnFailure => {
  const reported = new Set<string>()
  return (error, record) => {
    const message = errorMessage(error)
    if (reported.size < maxReports && !reported.has(message)) reportFailure(io, error, record)
    if (reported.size < maxReports) reported.add(message)
  }
}
