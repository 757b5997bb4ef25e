import type { CommandSpec } from '../../cli/option-spec.ts'
import type { ArgparseOption, ArgparseProgram } from '../shared/argparse/model.ts'
import { connectionOptions, outputOption } from '../shared/argparse/options.ts'
import { optionSpecs } from '../shared/argparse/spec.ts'

const common: readonly ArgparseOption[] = [
  ...connectionOptions(true, { server: 'b', controller: 'C' }),
  { name: 'config', metavar: 'CONFIG', help: '(DEPRECATED) The old name of --command-config.' },
  {
    name: 'command-config',
    short: 'c',
    metavar: 'COMMAND_CONFIG',
    help: 'Properties file with settings for the client.',
  },
]

export const program: ArgparseProgram = {
  name: 'kafka-cluster',
  description: 'The Kafka cluster tool.',
  options: [],
  commands: [
    { name: 'cluster-id', help: 'Show the id of the cluster.', options: common },
    {
      name: 'unregister',
      help: 'Forget a broker that will not come back.',
      options: [
        ...common,
        { name: 'id', short: 'i', metavar: 'ID', type: 'int', required: true, help: 'The id of the broker to forget.' },
      ],
    },
    {
      name: 'list-endpoints',
      help: 'Show where the brokers or controllers listen.',
      options: [
        ...common,
        { name: 'include-fenced-brokers', help: 'Also brokers that registered but do not serve (yet).' },
        outputOption,
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
  options: optionSpecs(program),
  examples: [
    { description: 'The id of the cluster', command: 'cluster-id' },
    { description: 'Where the brokers listen', command: 'list-endpoints --include-fenced-brokers' },
    { description: 'Broker 3 is gone for good', command: 'unregister --id 3' },
  ],
}
