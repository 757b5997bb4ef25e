import { flag, type OptionSpec, option, outputOption, yesOption } from '../../cli/option-spec.ts'
import { adminOptions } from './admin-options.ts'
import { toOption } from './time-options.ts'

/** The options that share and streams groups have in common. */
export const typedGroupOptions = (states: readonly string[]): OptionSpec[] => [
  ...adminOptions({ serverRequired: true }),
  option('timeout', 'Long', 'timeout (ms)', 'How long a call may take, in ms.', { defaultValue: 30_000 }),
  flag('dry-run', 'Only show where offsets would go.'),
  flag('execute', 'Move offsets.'),
  option(
    'to-datetime',
    'String',
    'datetime',
    "To the first record at or after a time: 'YYYY-MM-DDThh:mm:ss.sss', or as for --to.",
  ),
  flag('to-earliest', 'To the start of the log.'),
  flag('to-latest', 'To the end of the log.'),
  toOption,
  flag('members', 'Show the members of the group, with --describe.', { availableIf: ['describe'] }),
  option(
    'state',
    'String',
    '',
    'With --describe, the state of the group; with --list, states, or only groups in them.',
    {
      optional: true,
      availableIf: ['describe', 'list'],
      completion: states,
    },
  ),
  flag('verbose', 'More about groups, members or partitions, with --describe.', { availableIf: ['describe'] }),
  outputOption,
  yesOption,
]
