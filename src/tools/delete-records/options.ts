import { type CommandSpec, option, outputOption, yesOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'delete-records',
  script: 'kafka-delete-records',
  summary: 'Delete records up to an offset.',
  description:
    'What is to be deleted is said by a JSON file such as {"partitions": [{"topic": "orders", "partition": 0, "offset": 1000}], ' +
    '"version": 1}: everything before the offset goes. Offset -1 means all there is.',
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
    outputOption,
    yesOption,
  ],
  exits: [{ code: 0, when: 'Also when records of some partitions could not be deleted.' }],
  examples: [{ description: 'Delete what a file says', command: '--offset-json-file delete.json' }],
}
