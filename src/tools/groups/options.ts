import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

/** Types of groups, as the brokers write them. */
export const groupTypes = ['classic', 'consumer', 'share', 'streams']

export const spec: CommandSpec = {
  name: 'groups',
  script: 'kafka-groups',
  summary: 'List groups of all types: consumer, share, streams.',
  description:
    'Shows name, type and protocol of each group. Classic groups have the protocol of their members: consumer for consumers, connect ' +
    'for Connect workers, and none where only offsets were committed. `kt consumer-groups` says more about consumer groups.',
  options: [
    ...adminOptions({ serverRequired: true }),
    flag('list', 'Show the groups.'),
    option('group-type', 'String', 'type', `Only groups of this type: ${groupTypes.join(', ')}.`, {
      completion: groupTypes,
    }),
    option('protocol', 'String', 'protocol', 'Only groups with this protocol.', {
      completion: ['consumer', 'connect', 'share', 'streams'],
    }),
    flag('consumer', 'Only groups of consumers, of whatever type, and those that only hold offsets.'),
    flag('share', 'Only share groups.'),
    flag('streams', 'Only streams groups.'),
    outputOption,
  ],
  examples: [
    { description: 'All groups', command: '--list' },
    { description: 'Those of consumers', command: '--list --consumer' },
    { description: 'Those of Connect workers', command: '--list --protocol connect' },
    { description: 'As JSON', command: '--list --output json' },
  ],
}
