import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

/** Types of groups, as the brokers write them. */
export const groupTypes = ['classic', 'consumer', 'share', 'streams']

export const isolationLevels = ['read_uncommitted', 'read_committed']

export const spec: CommandSpec = {
  name: 'lag',
  script: 'kt-lag',
  summary: 'How far groups are behind, in records and in time.',
  description:
    'Groups are named, or patterns as *, ? and [a-z] have it; without any it is all groups. A row is a group and topic, the sum of ' +
    'its partitions; with --partitions it is one partition. LAG is the offsets between what is committed and the end, 0 where reading on shows ' +
    'that none of them holds a record (transaction markers, aborted or compacted records). TIME-BEHIND is the age of the next ' +
    'record to be read. "-" is: nothing behind, or not known. With --watch the numbers go on, with rates and the time until lag is 0; ' +
    'where output is no terminal they are JSON, an object a line. Exit code 0: within the limits, or none given; 1: an error, a group ' +
    'that is not there, or a lag that is not known though a limit is given; 2: beyond a limit.',
  options: [
    ...adminOptions(),
    option('topic', 'String', 'topics', 'Only these topics: names or patterns, several with commas.', { own: true }),
    option('type', 'String', 'types', `Only groups of these types, several with commas: ${groupTypes.join(', ')}.`, {
      own: true,
      completion: groupTypes,
    }),
    flag('partitions', 'A row for each partition.', { own: true }),
    option(
      'isolation-level',
      'String',
      'level',
      'What the end of a log is: with read_committed the last stable offset, before which no transaction is open.',
      { own: true, defaultValue: 'read_uncommitted', completion: isolationLevels },
    ),
    option('watch', 'Integer', 'seconds', 'Go on, every so many seconds (2 unless given), until Ctrl-C. Short: -w.', {
      own: true,
      optional: true,
    }),
    option('for', 'String', 'duration', 'Watch so long only, e.g. 90s, 5m, 1h.', { own: true }),
    flag('until-zero', 'Watch until no row has a lag. With --for, ends with 2 when there still is one.', { own: true }),
    option('max-lag', 'Long', 'records', 'End with 2 when a row has a larger lag.', { own: true }),
    option(
      'max-time-behind',
      'String',
      'duration',
      'End with 2 when the next record of a row is older, e.g. 500ms, 30s, 5m, 1h.',
      { own: true },
    ),
    outputOption,
  ],
  endless: ['-w', '--watch', '--until-zero'],
  examples: [
    { description: 'All groups', command: '' },
    { description: 'Live', command: "--watch 'billing-*'" },
    { description: 'A check for CI', command: 'billing --max-lag 1000 --max-time-behind 5m' },
    { description: 'Wait until all is read, ten minutes at most', command: 'billing --until-zero --for 10m' },
    { description: 'JSON lines, every 10 seconds', command: '--watch 10 --output json' },
  ],
}
