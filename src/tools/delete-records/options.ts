import { type CommandSpec, flag, option, outputOption, yesOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'
import { timeWords } from '../shared/time-options.ts'

export const spec: CommandSpec = {
  name: 'delete-records',
  script: 'kafka-delete-records',
  summary: 'Delete records up to an offset.',
  description:
    'What is to be deleted is said by a JSON file such as {"partitions": [{"topic": "orders", "partition": 0, "offset": 1000}], ' +
    '"version": 1}: everything before the offset goes. Offset -1 means all there is. Without a file, --topic and --before say it.',
  options: [
    ...adminOptions({
      server: 'server(s) to use for bootstrapping',
      serverRequired: true,
      config: 'command config property file path',
    }),
    option('offset-json-file', 'String', 'Offset json file path', 'JSON file with an offset per partition.', {
      required: true,
      completion: 'file',
    }),
    option(
      'topic',
      'String',
      'topic',
      'Topic to delete records of, or topic:0,1 for some partitions. May be repeated.',
      {
        own: true,
      },
    ),
    option('before', 'String', 'time', `Delete what lies before: ${timeWords}.`, {
      own: true,
      completion: ['latest', '@today', '@yesterday', '-1d', '-7d'],
    }),
    flag('dry-run', 'With --before: only say what would be deleted.', { own: true }),
    outputOption,
    yesOption,
  ],
  exits: [{ code: 0, when: 'Also when records of some partitions could not be deleted.' }],
  examples: [
    { description: 'Delete what a file says', command: '--offset-json-file delete.json' },
    {
      description: 'All that is older than a week: first look, then do it',
      command: '--topic orders --before -7d --dry-run',
    },
    { description: 'All of one partition before today', command: '--topic orders:0 --before @today' },
  ],
}
