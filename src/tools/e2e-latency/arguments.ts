import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { requireOptions, usageExit } from '../../cli/usage.ts'
import { spec } from './options.ts'

const names = ['bootstrap-server', 'topic', 'num-records', 'producer-acks', 'record-size', 'command-config']

/**
 * Arguments without names, as older scripts have them, with their names.
 * @throws CommandExit when there are too few or too many
 */
export const withNames = (args: readonly string[], io: Io): readonly string[] => {
  const required = names.slice(0, 5).map((name) => `--${name}`)
  const isAsking = args.some((arg) => ['--help', '--version'].includes(arg)) && mayOmitBootstrap(io)
  if (args.length === 0 || isAsking || args.some((arg) => required.includes(arg))) return args
  if (args.length !== 5 && args.length !== 6) {
    throw new CommandExit(
      1,
      `Invalid number of arguments. Expected 5 or 6 positional arguments, but got ${args.length}. Usage: bootstrap-server topic num-records producer-acks record-size [optional] command-config\n`,
    )
  }
  println(
    io.out,
    `WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. Please use named arguments instead: ${names.map((name) => `--${name}`).join(', ')}`,
  )
  return args.flatMap((arg, i) => [`--${names[i]}`, arg])
}

/** The checks of Kafka's tool, in its order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  requireOptions(spec, options, 'topic', 'num-records', 'producer-acks', 'record-size')
  const fail = (message: string): never => usageExit(spec, message)
  if (!['1', 'all'].includes(options.text('producer-acks') ?? '')) {
    fail(
      "Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. Please use '1' or 'all'.",
    )
  }
  if (options.int('num-records')! <= 0) fail('Value for --num-records must be a positive integer.')
  for (const name of ['record-size', 'record-key-size', 'record-header-key-size']) {
    if (options.int(name)! < 0) fail(`Value for --${name} must be a non-negative integer.`)
  }
  if (options.int('record-header-size')! < -1) {
    fail('Value for --record-header-size must be a non-negative integer or -1 for null header value.')
  }
  if (options.int('num-headers')! < 0) fail('Value for --num-headers must be a non-negative integer.')
}
