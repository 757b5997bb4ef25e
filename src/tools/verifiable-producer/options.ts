import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'

const CONNECTION = 'Connection Group'

/** `--bootstrap-server`, in a group of its own, of verifiable producers and consumers. */
export const bootstrapArgument: ArgparseArgument = {
  name: 'bootstrap-server',
  metavar: 'HOST1:PORT1[,HOST2:PORT2[...]]',
  group: CONNECTION,
  help: 'The cluster: host:port, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else the chosen profile, else its embedded broker.',
}
export const connectionGroup = { title: CONNECTION, description: 'Where the brokers are' }

export const parser: ArgparseParser = {
  name: 'verifiable-producer',
  description:
    'Writes numbers that count up, and prints a JSON object for every one of them that was acknowledged or failed, so that ' +
    'nothing can get lost unnoticed.',
  showDefaults: true,
  arguments: [
    helpArgument,
    { name: 'topic', metavar: 'TOPIC', required: true, help: 'Topic to write to.' },
    {
      name: 'max-messages',
      metavar: 'MAX-MESSAGES',
      type: 'Integer',
      defaultValue: '-1',
      help: 'How many records to write; -1 for no end.',
    },
    {
      name: 'throughput',
      metavar: 'THROUGHPUT',
      type: 'Integer',
      defaultValue: '-1',
      help: 'Write about so many records a second; below 0 for as many as possible.',
    },
    {
      name: 'acks',
      metavar: 'ACKS',
      type: 'Integer',
      choices: ['0', '1', '-1'],
      defaultValue: '-1',
      help: 'Acknowledgements to wait for.',
    },
    { name: 'producer.config', metavar: 'CONFIG-FILE', help: '(DEPRECATED) As --command-config.' },
    {
      name: 'message-create-time',
      metavar: 'CREATE-TIME',
      type: 'Long',
      defaultValue: '-1',
      help: 'Timestamp of the first record in ms since 1970; the others follow at their distance in time.',
    },
    {
      name: 'value-prefix',
      metavar: 'VALUE-PREFIX',
      type: 'Integer',
      help: 'Number that comes before each value, with a dot between.',
    },
    {
      name: 'repeating-keys',
      metavar: 'REPEATING-KEYS',
      type: 'Integer',
      help: 'Give records keys that count up from 0 and start over at this number.',
    },
    {
      name: 'command-config',
      metavar: 'CONFIG-FILE',
      help: 'Properties file for the producer; it comes before the options.',
    },
    { ...bootstrapArgument, required: false },
  ],
  groups: [{ ...connectionGroup, oneOf: 'required' }],
}

export const spec: CommandSpec = {
  name: 'verifiable-producer',
  script: 'kafka-verifiable-producer',
  summary: 'Write numbers and tell which are acknowledged.',
  description: 'Every line of the output is a JSON object; it is meant for tests of systems.',
  options: optionsOf(parser),
  examples: [
    {
      description: 'A thousand numbers, a hundred a second',
      command: '--topic verify --max-messages 1000 --throughput 100',
    },
  ],
}
