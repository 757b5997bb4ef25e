import {
  bootstrapOption,
  commandConfigOption,
  helpOption,
  type OptionSpec,
  option,
  versionOption,
} from '../../cli/option-spec.ts'

/** `--bootstrap-controller`, on commands that can ask the controllers directly (KIP-919). */
export const bootstrapControllerOption = (argumentName = 'controller to connect to'): OptionSpec =>
  option(
    'bootstrap-controller',
    'String',
    argumentName,
    'Where the controllers of the quorum are, instead of brokers: host:port, several with commas.',
  )

interface ConnectionNames {
  /** Placeholder of `--bootstrap-server`. */
  server?: string
  serverRequired?: boolean
  /** The command has `--bootstrap-controller` too. */
  controller?: boolean
  /** Placeholder of `--command-config`. */
  config?: string
}

/** The options of a command's connection, and those every script has. */
export const adminOptions = ({ server, serverRequired, controller, config }: ConnectionNames = {}): OptionSpec[] => [
  bootstrapOption(server, serverRequired ? { required: true } : {}),
  ...(controller ? [bootstrapControllerOption()] : []),
  commandConfigOption(config),
  helpOption,
  versionOption,
]
