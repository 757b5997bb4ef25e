import { type CommandSpec, flag, option } from '../../cli/option-spec.ts'
import { typedGroupOptions } from '../shared/typed-group-options.ts'

/** The states of streams groups. */
export const states = ['Stable', 'Dead', 'Empty', 'Assigning', 'Reconciling', 'NotReady']

export const spec: CommandSpec = {
  name: 'streams-groups',
  script: 'kafka-streams-groups',
  summary: 'Show streams groups, members and lag; move offsets.',
  heading: 'This tool helps to list, or describe streams groups.',
  description:
    'Exactly one of --list, --describe, --delete, --reset-offsets and --delete-offsets says what to do. --reset-offsets needs --dry-run, ' +
    'which shows the plan, or --execute, and works on groups without members.',
  options: [
    ...typedGroupOptions(states),
    option('group', 'String', 'streams group', 'Streams group to work on. May be repeated.'),
    option(
      'input-topic',
      'String',
      'topic',
      'Input topic whose offsets are deleted or moved. May be repeated; for moving, partitions may follow: orders:0,1.',
    ),
    flag('all-input-topics', 'All source topics of the topology.'),
    flag('list', 'List the streams groups.'),
    flag('describe', 'Describe streams groups: their lag, or what --members and --state show.'),
    flag('all-groups', 'All streams groups.'),
    flag('delete', 'Delete streams groups with everything they committed.'),
    flag('reset-offsets', 'Move the offsets of groups.'),
    flag('delete-offsets', 'Delete offsets of a group for input topics.'),
    flag('offsets', 'Show the lag, with --describe; so it is without this too.', { availableIf: ['describe'] }),
    option('to-offset', 'Long', 'offset', 'To an offset.'),
    option('from-file', 'String', 'path to CSV file', 'To the offsets in a CSV file.', { completion: 'file' }),
    option('by-duration', 'String', 'duration', "To the first record so long ago: 'PnDTnHnMnS', or 1d, 2h30m."),
    flag('to-current', 'To where they are.'),
    option('shift-by', 'Long', 'number-of-offsets', 'On by so many records, or back with a negative number.'),
    option('delete-internal-topic', 'String', '', 'Internal topic to delete too, with --reset-offsets --execute.'),
    flag('delete-all-internal-topics', 'Delete all internal topics too, with --delete or --reset-offsets --execute.'),
    flag('export', 'Print the plan as CSV, for --from-file.'),
  ],
  exits: [{ code: 0, when: 'Also when some of the groups, or some of the offsets, could not be deleted.' }],
  examples: [
    { description: 'All streams groups', command: '--list' },
    { description: 'The lag of one', command: '--describe --group wordcount' },
    { description: 'Who is in it, with epochs and tasks', command: '--describe --group wordcount --members --verbose' },
    {
      description: 'Start from the beginning again',
      command: '--reset-offsets --group wordcount --all-input-topics --to-earliest --execute',
    },
  ],
}
