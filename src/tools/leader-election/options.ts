import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'leader-election',
  script: 'kafka-leader-election',
  summary: 'Elect preferred leaders, or any live ones.',
  description:
    'One of --topic with --partition, --path-to-json-file and --all-topic-partitions says for which partitions. A preferred ' +
    'election gives leadership back to the first replica; an unclean one makes a replica leader that may lack records.',
  options: [
    ...adminOptions({ server: 'host:port', config: 'Config file' }),
    option('admin.config', 'String', 'config file', 'The old name of --command-config.', {
      deprecated: true,
      completion: 'file',
    }),
    option(
      'path-to-json-file',
      'String',
      'Path to JSON file',
      'File with the partitions: {"partitions": [{"topic": "orders", "partition": 0}]}.',
      { completion: 'file' },
    ),
    option('topic', 'String', 'topic name', 'The topic; --partition says which of its partitions.'),
    option('partition', 'Integer', 'partition id', 'The partition of --topic.'),
    flag('all-topic-partitions', 'All partitions that may need an election.'),
    option('election-type', 'String', 'election type', 'preferred or unclean.', {
      completion: ['preferred', 'unclean'],
    }),
    outputOption,
  ],
  examples: [
    {
      description: 'Give leadership back to the preferred replicas',
      command: '--election-type preferred --all-topic-partitions',
    },
    {
      description: 'Accept losing records to get a partition going again',
      command: '--election-type unclean --topic orders --partition 0',
    },
  ],
}
