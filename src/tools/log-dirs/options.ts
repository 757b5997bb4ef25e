import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'log-dirs',
  script: 'kafka-log-dirs',
  summary: 'Show what partitions take up in log directories.',
  heading: 'This tool helps to query log directory usage on the specified brokers.',
  description:
    'Prints JSON: for every broker its log directories, and for every partition in them its size in bytes and how far it is behind. ' +
    'isFuture marks a copy that is being moved to this directory.',
  options: [
    ...adminOptions({
      server: 'The server(s) to use for bootstrapping',
      serverRequired: true,
      config: 'Admin client property file',
    }),
    flag('describe', 'Show the log directories.'),
    option('topic-list', 'String', 'Topic list', 'Only these topics, with commas between. All without it.', {
      defaultValue: '',
    }),
    option('broker-list', 'String', 'Broker list', 'Only these brokers: ids with commas between. All without it.', {
      defaultValue: '',
    }),
    outputOption,
  ],
  exits: [{ code: 0, when: 'Also when a directory is offline.' }],
  examples: [
    { description: 'Everything', command: '--describe' },
    { description: 'One topic on two brokers', command: '--describe --topic-list orders --broker-list 1,2' },
    { description: 'As a table', command: '--describe --output table' },
  ],
}
