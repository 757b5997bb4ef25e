import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'get-offsets',
  script: 'kafka-get-offsets',
  summary: 'Show end, start and other offsets of partitions.',
  description:
    'Prints topic:partition:offset, one line a partition, sorted. A partition without a record at or after the time asked ' +
    'for is left out.',
  options: [
    ...adminOptions({ server: 'HOST1:PORT1,...,HOST3:PORT3', serverRequired: true, config: 'config file' }),
    option(
      'topic-partitions',
      'String',
      'topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3',
      'Which partitions of which topics: a regular expression for the topic, then after a colon one partition or a range ' +
        'whose end is not included. Not together with --topic and --partitions.',
    ),
    option('topic', 'String', 'topic', 'Topics to ask for, as a regular expression; all when left out.'),
    option('partitions', 'String', 'partition ids', 'Partitions to ask for, with commas; all when left out.'),
    option(
      'time',
      'String',
      '<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload',
      'Which offset: one of the words, or the first record at or after a time in ms since 1970, or as -1h, -2d3h, @2026-01-31T10:00, @yesterday.',
      {
        defaultValue: 'latest',
        completion: [
          'earliest',
          'latest',
          'max-timestamp',
          'earliest-local',
          'latest-tiered',
          'earliest-pending-upload',
        ],
      },
    ),
    flag('exclude-internal-topics', 'Leave out topics Kafka itself uses.'),
    outputOption,
  ],
  exits: [{ code: 0, when: 'Also when partitions were skipped because their offset could not be had.' }],
  examples: [
    { description: 'How far every partition of a topic is', command: '--topic orders' },
    { description: 'Where its records begin', command: '--topic orders --time earliest' },
    { description: 'The first three partitions of some topics', command: "--topic-partitions 'orders.*:0-3'" },
    { description: 'The first records of the last hour', command: '--topic orders --time -1h' },
    { description: 'As JSON', command: '--topic orders --output json' },
  ],
}
