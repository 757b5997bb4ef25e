import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

const selectors = [
  'client_id',
  'client_instance_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]

export const spec: CommandSpec = {
  name: 'client-metrics',
  script: 'kafka-client-metrics',
  summary: 'Say which metrics clients send, and how often.',
  description:
    'Exactly one of --list, --describe, --alter and --delete says what to do. Clients push the metrics whose names begin as a ' +
    'resource says (KIP-714), if they match its selectors.',
  options: [
    ...adminOptions({ server: 'server to connect to', serverRequired: true }),
    flag('alter', 'Change a resource, or make it.'),
    flag('delete', 'Delete a resource.'),
    flag('describe', 'Show the settings of a resource, or of all.'),
    flag('list', 'Show the names of the resources.'),
    option('name', 'String', 'name', 'The resource.'),
    flag('generate-name', 'With --alter: make up a name.'),
    option('interval', 'String', 'push interval', 'How often to send, in milliseconds. Empty: back to the default.'),
    option('match', 'String', 'k1=v1,k2=v2', `Which clients send; regular expressions by ${selectors.join(', ')}.`, {
      separator: ',',
    }),
    option('metrics', 'String', 'm1,m2', 'What the names of the metrics begin with. Empty: back to none.', {
      separator: ',',
    }),
    outputOption,
  ],
  exits: [{ code: 0, when: 'Also when --describe names a subscription that is not there.' }],
  examples: [
    {
      description: 'All producer metrics every half minute',
      command: '--alter --name producers --metrics org.apache.kafka.producer. --interval 30000',
    },
    { description: 'What is set', command: '--describe' },
  ],
}
