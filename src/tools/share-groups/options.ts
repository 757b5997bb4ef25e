import { type CommandSpec, flag, option } from '../../cli/option-spec.ts'
import { typedGroupOptions } from '../shared/typed-group-options.ts'

/** The states of share groups. */
export const states = ['Stable', 'Dead', 'Empty']

export const spec: CommandSpec = {
  name: 'share-groups',
  script: 'kafka-share-groups',
  summary: 'Show share groups and their lag; move their start.',
  heading: 'This tool helps to list, describe, reset and delete share groups.',
  description:
    'Exactly one of --list, --describe, --delete, --reset-offsets and --delete-offsets says what to do. --reset-offsets needs --dry-run, ' +
    'which shows the plan, or --execute, and works on groups without members.',
  options: [
    ...typedGroupOptions(states),
    option('group', 'String', 'share group', 'Share group to work on. May be repeated.'),
    option(
      'topic',
      'String',
      'topic',
      'Topic whose offsets are deleted or moved. May be repeated; for moving, partitions may follow: orders:0,1.',
    ),
    flag('all-topics', 'All topics of the group, with --reset-offsets.'),
    flag('list', 'List the share groups.'),
    flag(
      'describe',
      'Describe share groups: where they start and how far behind they are, or what --members and --state show.',
    ),
    flag('all-groups', 'All share groups, with --describe and --delete.'),
    flag('delete', 'Delete share groups.'),
    flag('reset-offsets', 'Move where a group starts: --to-earliest, --to-latest, --to-datetime or --to.'),
    flag('delete-offsets', 'Forget what a group has consumed of topics.'),
    flag('offsets', 'Show where partitions start, with --describe; so it is without this too.', {
      availableIf: ['describe'],
    }),
  ],
  exits: [{ code: 0, when: "Also when the action failed, as Kafka's script has it; 1 only for wrong options." }],
  examples: [
    { description: 'All share groups', command: '--list' },
    { description: 'How far behind one is', command: '--describe --group workers' },
    { description: 'Who is in it', command: '--describe --group workers --members' },
    {
      description: 'Start from the beginning again',
      command: '--reset-offsets --group workers --topic jobs --to-earliest --execute',
    },
  ],
}
