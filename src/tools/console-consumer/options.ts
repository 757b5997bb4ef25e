import {
  bootstrapOption,
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  option,
  versionOption,
} from '../../cli/option-spec.ts'
import { boundOptions } from './bounded/own-options.ts'
import { formatOptions } from './own-format.ts'

const packageName = 'org.apache.kafka.tools.consumer'
export const defaultFormatter = `${packageName}.DefaultMessageFormatter`

/** Formatters that are built in. */
export const formatters = ['Default', 'Logging', 'NoOp', 'Offsets', 'GroupMetadata', 'TransactionLog'].map(
  (name) => `${packageName}.${name}MessageFormatter`,
)

export const spec: CommandSpec = {
  name: 'console-consumer',
  script: 'kafka-console-consumer',
  summary: 'Print the records of topics.',
  description:
    'Prints values, one a line, until it is interrupted, --max-messages are read or nothing comes for --timeout-ms. ' +
    'Without --group it reads as a group of its own and commits nothing. ' +
    'With --exit, --to or --tail it ends where the partitions end as it starts (with 0; with 1 if it has to stop before), without a membership unless --group is given.',
  options: [
    option('topic', 'String', 'topic', 'Topic to read.'),
    option('include', 'String', 'Java regex (String)', 'Topics to read, as a regular expression over whole names.'),
    option('partition', 'Integer', 'partition', 'Read only this partition, from its end unless --offset says where.'),
    option(
      'offset',
      'String',
      'consume offset',
      'Where to start in --partition: an offset, earliest or latest; or a time as for --from.',
      {
        completion: ['earliest', 'latest'],
        defaultValue: 'latest',
      },
    ),
    option('consumer-property', 'String', 'consumer_prop', 'As --command-property.', { deprecated: true }),
    option('command-property', 'String', 'consumer_prop', 'key=value for the consumer. May be repeated.'),
    option('consumer.config', 'String', 'config file', 'As --command-config.', { deprecated: true }),
    commandConfigOption('config file'),
    option(
      'formatter',
      'String',
      'class',
      'How records are printed: DefaultMessageFormatter, LoggingMessageFormatter, NoOpMessageFormatter, ' +
        'OffsetsMessageFormatter, GroupMetadataMessageFormatter or TransactionLogMessageFormatter, with their package; or the path of a JavaScript ' +
        'module with (record) => text as its default export.',
      { defaultValue: defaultFormatter, completion: formatters },
    ),
    option(
      'formatter-property',
      'String',
      'prop',
      'key=value for the formatter: print.timestamp, print.key, print.offset, print.delivery, print.epoch, ' +
        'print.partition, print.headers, print.value (true or false); key.separator, line.separator, ' +
        'headers.separator, null.literal; key.deserializer, value.deserializer, headers.deserializer. May be repeated.',
    ),
    option('property', 'String', 'prop', 'As --formatter-property.', { deprecated: true }),
    option('formatter-config', 'String', 'config file', 'Properties file for the formatter.', { completion: 'file' }),
    flag('from-beginning', 'Without a committed offset start at the first record instead of at the end.'),
    option('max-messages', 'Integer', 'num_messages', 'Stop after so many records.'),
    option('timeout-ms', 'Long', 'timeout_ms', 'Stop when no record came for so long.'),
    flag('skip-message-on-error', 'Go on after a record that cannot be printed.'),
    bootstrapOption('server to connect to', { required: true }),
    option(
      'key-deserializer',
      'String',
      'deserializer for keys',
      'Deserializer for keys: a class of org.apache.kafka.common.serialization.',
    ),
    option('value-deserializer', 'String', 'deserializer for values', 'Deserializer for values, likewise.'),
    flag('enable-systest-events', 'Also print a line when the consumer has shut down.'),
    option('isolation-level', 'String', '', 'read_committed leaves out records of open and aborted transactions.', {
      defaultValue: 'read_uncommitted',
      completion: ['read_committed', 'read_uncommitted'],
    }),
    ...boundOptions,
    option('group', 'String', 'consumer group id', 'Group to read as; it remembers how far it came.'),
    ...formatOptions,
    helpOption,
    versionOption,
  ],
  exits: [{ code: 0, when: 'Also after --timeout-ms without a record.' }],
  examples: [
    { description: 'Everything there is, then what comes', command: '--topic orders --from-beginning' },
    {
      description: 'Keys, partitions and offsets too',
      command:
        '--topic orders --from-beginning --formatter-property print.key=true --formatter-property print.partition=true --formatter-property print.offset=true',
    },
    {
      description: 'Ten records from an offset on',
      command: '--topic orders --partition 0 --offset 1000 --max-messages 10',
    },
    { description: 'Everything there is now, then end', command: '--topic orders --exit' },
    { description: 'Yesterday', command: '--topic orders --from @yesterday --to @today' },
    { description: 'The last ten of each partition', command: '--topic orders --tail 10' },
    { description: 'The last hour, and what comes', command: '--topic orders --from -1h' },
    { description: 'As a member of a group', command: '--topic orders --group billing' },
    {
      description: "Fields by a template, in kcat's manner",
      command: "--topic orders --from-beginning --format '%{timestamp:iso} %p:%o %k=%s\\n'",
    },
    { description: 'All of each record as JSON', command: '--topic orders --from-beginning --output json' },
    { description: 'Every topic of a family', command: "--include 'orders-.*' --from-beginning" },
  ],
}
