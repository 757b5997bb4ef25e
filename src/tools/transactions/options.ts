import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { outputArgument } from '../shared/argparse-command.ts'

const topic: ArgparseArgument = { name: 'topic', required: true, help: 'topic name' }
const partition: ArgparseArgument = {
  name: 'partition',
  type: 'Integer',
  required: true,
  help: 'partition number',
}

const NEW_BROKERS = 'Brokers on versions 3.0 and above'
const OLD_BROKERS = 'Brokers on versions older than 3.0'

const commands: readonly ArgparseParser[] = [
  {
    name: 'list',
    help: 'list transactions',
    arguments: [
      helpArgument,
      {
        name: 'duration-filter',
        type: 'Long',
        help: 'only transactions that have been running for longer than this many ms; below 0, all',
      },
      { name: 'transactional-id-pattern', help: 'only transactional ids that match this regular expression' },
      outputArgument,
    ],
  },
  {
    name: 'describe',
    help: 'describe the state of an active transactional-id',
    description: 'Describe the state of an active transactional-id.',
    arguments: [helpArgument, { name: 'transactional-id', required: true, help: 'transactional id' }, outputArgument],
  },
  {
    name: 'describe-producers',
    help: 'describe the states of active producers for a topic partition',
    arguments: [
      helpArgument,
      { name: 'broker-id', type: 'Integer', help: 'ask this broker instead of the leader' },
      topic,
      partition,
      outputArgument,
    ],
  },
  {
    name: 'abort',
    help: 'abort a hanging transaction (requires administrative privileges)',
    arguments: [
      helpArgument,
      topic,
      partition,
      { name: 'start-offset', type: 'Long', help: 'start offset of the transaction to abort', group: NEW_BROKERS },
      { name: 'producer-id', type: 'Long', help: 'producer id', group: OLD_BROKERS },
      { name: 'producer-epoch', type: 'Short', help: 'producer epoch', group: OLD_BROKERS },
      { name: 'coordinator-epoch', type: 'Integer', help: 'coordinator epoch', group: OLD_BROKERS },
      outputArgument,
    ],
    groups: [
      { title: NEW_BROKERS, description: 'The start offset of the transaction is all they need' },
      { title: OLD_BROKERS, description: 'They need all of these' },
    ],
  },
  {
    name: 'find-hanging',
    help: 'find hanging transactions',
    arguments: [
      helpArgument,
      { name: 'broker-id', type: 'Integer', help: 'broker to search for hanging transactions' },
      {
        name: 'max-transaction-timeout',
        type: 'Integer',
        defaultValue: '15',
        help: 'transactions open for longer than this many minutes are suspects (15 by default)',
      },
      { ...topic, required: false, help: 'only search this topic (required with --partition)' },
      { ...partition, required: false },
      outputArgument,
    ],
  },
  {
    name: 'forceTerminateTransaction',
    help: 'Force abort an ongoing transaction on transactionalId (requires administrative privileges)',
    description: 'Force abort an ongoing transaction on transactionalId',
    arguments: [helpArgument, { name: 'transactionalId', required: true, help: 'transactional id' }, outputArgument],
  },
]

/** The command line, with its sub-commands. */
export const parser: ArgparseParser = {
  name: 'kafka-transactions.sh',
  description:
    'Shows the transactions of a cluster and the producers behind them. It finds transactions that hang, and ends them.',
  arguments: [
    helpArgument,
    { name: 'version', short: 'v', action: 'version', help: 'show the version of this Kafka distribution and exit' },
    { name: 'command-config', metavar: 'FILE', help: 'properties file with settings for the client' },
    {
      name: 'bootstrap-server',
      metavar: 'host:port',
      required: true,
      help: 'the cluster: `host:port`, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else the chosen profile, else its embedded broker',
    },
  ],
  commands,
  commandList: { title: 'commands', metavar: 'COMMAND' },
}

export const spec: CommandSpec = {
  name: 'transactions',
  script: 'kafka-transactions',
  summary: 'Show transactions; find hanging ones, abort them.',
  description:
    'Options of the cluster come before the sub-command, its own after it. Sub-commands: list, describe, describe-producers, abort, ' +
    'find-hanging and forceTerminateTransaction.',
  options: optionsOf(parser),
  words: commands.map(({ name }) => name),
  examples: [
    { description: 'All transactions', command: 'list' },
    { description: 'One of them', command: 'describe --transactional-id orders-1' },
    { description: 'Who writes to a partition', command: 'describe-producers --topic orders --partition 0' },
    { description: 'Transactions that hang on a broker', command: 'find-hanging --broker-id 1' },
    { description: 'End one', command: 'abort --topic orders --partition 0 --start-offset 1234' },
  ],
}
