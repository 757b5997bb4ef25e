import {
  type ArgparseArgument,
  type ArgparseGroup,
  type ArgparseParser,
  ArgparseValues,
  parseArgparse,
} from '../../cli/argparse.ts'
import type { Io } from '../../cli/io.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'

/** kt's `--output` for commands that are parsed as argparse4j does. */
export const outputArgument: ArgparseArgument = {
  name: 'output',
  metavar: 'json|yaml|table',
  choices: ['json', 'yaml', 'table'],
  completion: ['json', 'yaml', 'table'],
  own: true,
  help: 'Print the result as JSON, YAML or a drawn table instead of the format of the Kafka script.',
}

const CONNECTION = 'connection'

/** The group of the arguments below. */
export const connectionGroup = (oneOf: 'optional' | 'required'): ArgparseGroup => ({
  title: CONNECTION,
  oneOf,
  hidden: true,
})

/** `--bootstrap-server` or `--bootstrap-controller`. */
export const connectionArguments = (shorts: { server?: string; controller?: string } = {}): ArgparseArgument[] => [
  {
    name: 'bootstrap-server',
    ...(shorts.server ? { short: shorts.server } : {}),
    group: CONNECTION,
    help: 'Where the cluster is: host:port, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else the chosen profile, else its embedded broker.',
  },
  {
    name: 'bootstrap-controller',
    ...(shorts.controller ? { short: shorts.controller } : {}),
    group: CONNECTION,
    help: 'Where the controllers of the quorum are, instead of brokers: host:port, several with commas.',
  },
]

/** `--command-config`. */
export const commandConfigArgument: ArgparseArgument = {
  name: 'command-config',
  completion: 'file',
  help: 'Properties file with settings for the client.',
}

/** The parser where kt finds a cluster by itself: `--bootstrap-server` may be left out. */
const relaxed = (parser: ArgparseParser): ArgparseParser => ({
  ...parser,
  arguments: parser.arguments.map((one) => (one.name === 'bootstrap-server' ? { ...one, required: false } : one)),
  ...(parser.groups && {
    groups: parser.groups.map((one) => (one.title === CONNECTION ? connectionGroup('optional') : one)),
  }),
  ...(parser.commands && { commands: parser.commands.map(relaxed) }),
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
