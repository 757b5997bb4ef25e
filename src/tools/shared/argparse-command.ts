import { type ArgparseArgument, type ArgparseParser, ArgparseValues, parseArgparse } from '../../cli/argparse.ts'
import type { Io } from '../../cli/io.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'

/** kt's `--output` for commands that are parsed as argparse4j does. */
export const outputArgument: ArgparseArgument = {
  name: 'output',
  metavar: 'json|yaml|table',
  choices: ['json', 'yaml', 'table'],
  help: 'Print the result as JSON, YAML or a drawn table instead of the format of the Kafka script.',
}

/** The parser where kt finds a cluster by itself: `--bootstrap-server` may be left out. */
const relaxed = (parser: ArgparseParser): ArgparseParser => ({
  ...parser,
  arguments: parser.arguments.map((one) => (one.name === 'bootstrap-server' ? { ...one, required: false } : one)),
})

/**
 * Reads the arguments of a command, answering `--help` and `--version`.
 * @returns the values, or the exit code when the question is answered
 * @throws CommandExit with the usage text for anything wrong
 */
export const parseCommand = (parser: ArgparseParser, args: readonly string[], io: Io): ArgparseValues | number => {
  const parsed = parseArgparse(mayOmitBootstrap(io) ? relaxed(parser) : parser, args)
  if (parsed instanceof ArgparseValues) return parsed
  io.out.write(parsed.text)
  return parsed.code
}
