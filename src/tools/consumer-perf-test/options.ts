import {
  bootstrapOption,
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  type OptionSpec,
  option,
  outputOption,
  versionOption,
} from '../../cli/option-spec.ts'

/** What the measurements of consumers and of share consumers have in common. */
export const commonOptions: readonly OptionSpec[] = [
  outputOption,
  bootstrapOption('server to connect to', { required: true }),
  option('topic', 'String', 'topic', 'Topic to read.'),
  option('command-property', 'String', 'prop1=val1', 'key=value for the consumer. May be repeated.'),
  option('socket-buffer-size', 'Integer', 'size', 'Size of the receive buffer of connections, in bytes.', {
    defaultValue: 2 * 1024 * 1024,
  }),
  option('consumer.config', 'String', 'config file', 'As --command-config.', { deprecated: true, completion: 'file' }),
  commandConfigOption('config file'),
  flag('print-metrics', 'Print metrics of the consumer at the end.'),
  flag('show-detailed-stats', 'Tell at every --reporting-interval how it goes.'),
  option('timeout', 'Long', 'milliseconds', 'How long to wait for the next record, in ms.', {
    optional: true,
    defaultValue: 10_000,
  }),
  option('messages', 'Long', 'count', 'As --num-records.', { deprecated: true }),
  option('num-records', 'Long', 'count', 'How many records to read.', { required: true }),
  option('reporting-interval', 'Long', 'interval_ms', 'How often to tell how it goes, in ms.', { defaultValue: 5000 }),
  option('date-format', 'String', 'date format', 'How times are written: a pattern of java.text.SimpleDateFormat.', {
    defaultValue: 'yyyy-MM-dd HH:mm:ss:SSS',
  }),
  flag('hide-header', 'Leave out the line with the names of the columns.'),
  helpOption,
  versionOption,
]

export const spec: CommandSpec = {
  name: 'consumer-perf-test',
  script: 'kafka-consumer-perf-test',
  summary: 'Measure how fast records can be consumed.',
  heading: 'This tool is used to verify the consumer performance.',
  description:
    'Reads as a group of its own and prints one line of figures; with --show-detailed-stats one per interval.',
  options: [
    ...commonOptions,
    option('include', 'String', 'Java regex (String)', 'Topics to read, as a regular expression.'),
    option('group', 'String', 'gid', 'Group to read in; a new one without it.'),
    option('fetch-size', 'Integer', 'size', 'The most to fetch of a partition at a time, in bytes.', {
      defaultValue: 1024 * 1024,
    }),
    flag('from-latest', 'Start at the end of the log where the group has no offset, instead of at its start.'),
  ],
  examples: [
    { description: 'A million records', command: '--topic perf --num-records 1000000' },
    {
      description: 'With figures every second',
      command: '--topic perf --num-records 1000000 --show-detailed-stats --reporting-interval 1000',
    },
  ],
}
