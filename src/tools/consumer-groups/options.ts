import { type CommandSpec, flag, option, outputOption, yesOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'
import { toOption } from '../shared/time-options.ts'

/** The states of consumer groups, as Kafka lists them. */
export const states = [
  'PreparingRebalance',
  'Empty',
  'Stable',
  'CompletingRebalance',
  'Dead',
  'Assigning',
  'Reconciling',
]

export const spec: CommandSpec = {
  name: 'consumer-groups',
  script: 'kafka-consumer-groups',
  summary: 'Show consumer groups and lag; change offsets.',
  description:
    'Exactly one of --list, --describe, --delete, --reset-offsets, --delete-offsets and --validate-regex says what to do. ' +
    '--reset-offsets only shows its plan unless --execute is given, and works on groups without active members.',
  options: [
    ...adminOptions({ serverRequired: true }),
    option('group', 'String', 'consumer group', 'Group to work on. May be repeated.'),
    option(
      'topic',
      'String',
      'topic',
      'Topic whose offsets are moved or deleted; topic:0,1 names partitions. May be repeated.',
    ),
    flag('all-topics', 'With --reset-offsets: every topic the group has offsets for.'),
    flag('list', 'Show the names of the groups.'),
    flag('describe', 'Show offsets and lag, or members or state.'),
    flag('delete', 'Remove groups with their offsets.'),
    option('timeout', 'Long', 'timeout (ms)', 'How long one request to the cluster may take, in ms.', {
      defaultValue: 5000n,
    }),
    flag(
      'reset-offsets',
      'Move the offsets of groups. Needs one of the --to- options, --shift-by, --by-duration or --from-file.',
    ),
    flag('all-groups', 'Every group instead of the ones named with --group.'),
    flag('dry-run', 'With --reset-offsets: only show what would be.'),
    flag('execute', 'With --reset-offsets: do it.'),
    flag('export', 'With --reset-offsets: show the plan as CSV, as --from-file reads it.'),
    option('to-offset', 'Long', 'offset', 'Move to this offset.'),
    option(
      'from-file',
      'String',
      'path to CSV file',
      'Move as a CSV file says: topic,partition,offset, or group first.',
      { completion: 'file' },
    ),
    option(
      'to-datetime',
      'String',
      'datetime',
      'Move to the first record since then: YYYY-MM-DDTHH:mm:SS.sss, UTC or with a zone; or as for --to, such as @yesterday.',
    ),
    option(
      'by-duration',
      'String',
      'duration',
      'Move to the first record of the last while: PnDTnHnMnS, for instance P1D or PT15M, or 1d, 2h30m.',
    ),
    flag('to-earliest', 'Move to the first record there is.'),
    flag('to-latest', 'Move to the end.'),
    option(
      'shift-by',
      'Long',
      'number-of-offsets',
      'Move forwards by so many records, or back with a negative number.',
    ),
    flag('to-current', 'Keep the offsets; with --export that saves them.'),
    toOption,
    flag('members', 'With --describe: the members of the group.', { availableIf: ['describe'] }),
    flag('offsets', 'With --describe: offsets and lag of every partition; what --describe does anyway.', {
      availableIf: ['describe'],
    }),
    option(
      'state',
      'String',
      '',
      'With --describe: the state of the group. With --list: the states of all, or only groups in these states.',
      { optional: true, completion: states, availableIf: ['describe', 'list'] },
    ),
    option(
      'type',
      'String',
      '',
      'With --list: the types of all groups, or only groups of these types: classic, consumer.',
      { optional: true, completion: ['classic', 'consumer'], availableIf: ['list'] },
    ),
    flag('verbose', 'With --describe: more columns.', { availableIf: ['describe'] }),
    flag('delete-offsets', 'Forget what a group has committed for topics. Needs --group and --topic.'),
    option(
      'validate-regex',
      'String',
      'regex',
      'Say whether the brokers accept this regular expression for subscriptions.',
    ),
    outputOption,
    yesOption,
  ],
  exits: [{ code: 0, when: "Also when the action failed, as Kafka's script has it; 1 only for wrong options." }],
  examples: [
    { description: 'All groups', command: '--list' },
    { description: 'How far a group is behind', command: '--describe --group billing' },
    { description: 'Who is in it', command: '--describe --group billing --members --verbose' },
    {
      description: 'Read a topic again from the start: first look, then do it',
      command: '--reset-offsets --group billing --topic orders --to-earliest --dry-run',
    },
    {
      description: 'Go back an hour',
      command: '--reset-offsets --group billing --all-topics --to -1h --execute',
    },
    { description: 'Remove a group', command: '--delete --group billing' },
    { description: 'Lag for a program to read', command: '--describe --all-groups --output json' },
  ],
}
