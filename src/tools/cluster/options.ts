import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import {
  commandConfigArgument,
  connectionArguments,
  connectionGroup,
  outputArgument,
} from '../shared/argparse-command.ts'

const common: readonly ArgparseArgument[] = [
  helpArgument,
  ...connectionArguments({ server: 'b', controller: 'C' }),
  { name: 'config', completion: 'file', help: '(DEPRECATED) The old name of --command-config.' },
  { ...commandConfigArgument, short: 'c' },
]
const groups = [connectionGroup('required')]

export const parser: ArgparseParser = {
  name: 'kafka-cluster',
  description: 'The Kafka cluster tool.',
  arguments: [helpArgument],
  commands: [
    { name: 'cluster-id', help: 'Show the id of the cluster.', arguments: [...common, outputArgument], groups },
    {
      name: 'unregister',
      help: 'Forget a broker that will not come back.',
      groups,
      arguments: [
        ...common,
        { name: 'id', short: 'i', type: 'Integer', required: true, help: 'The id of the broker to forget.' },
        outputArgument,
      ],
    },
    {
      name: 'list-endpoints',
      help: 'Show where the brokers or controllers listen.',
      groups,
      arguments: [
        ...common,
        {
          name: 'include-fenced-brokers',
          action: 'flag',
          help: 'Also brokers that registered but do not serve (yet).',
        },
        outputArgument,
      ],
    },
  ],
}

export const spec: CommandSpec = {
  name: 'cluster',
  script: 'kafka-cluster',
  summary: 'Show cluster id, endpoints; unregister a broker.',
  description:
    'Sub-commands: cluster-id, unregister and list-endpoints. With --bootstrap-controller the controllers are asked, and list-endpoints ' +
    'shows them instead of the brokers.',
  words: ['cluster-id', 'unregister', 'list-endpoints'],
  options: optionsOf(parser),
  exits: [{ code: 0, when: 'Also when the cluster cannot unregister brokers.' }],
  examples: [
    { description: 'The id of the cluster', command: 'cluster-id' },
    { description: 'Where the brokers listen', command: 'list-endpoints --include-fenced-brokers' },
    { description: 'Broker 3 is gone for good', command: 'unregister --id 3' },
  ],
}
