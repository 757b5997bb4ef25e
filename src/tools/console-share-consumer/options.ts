import {
  bootstrapOption,
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  option,
  versionOption,
} from '../../cli/option-spec.ts'
import { defaultFormatter, formatters } from '../console-consumer/options.ts'
import { formatOptions } from '../console-consumer/own-format.ts'

export const spec: CommandSpec = {
  name: 'console-share-consumer',
  script: 'kafka-console-share-consumer',
  summary: 'Print the records of a topic in a share group.',
  heading: 'This tool helps to read data from Kafka topics using share groups and outputs it to standard output.',
  description:
    'Prints values, one a line, until it is interrupted, --max-messages are read or nothing comes for --timeout-ms. Each record is ' +
    'accepted once it is printed, or rejected or released when that is asked for.',
  options: [
    option('topic', 'String', 'topic', 'Topic to read.'),
    option('consumer-property', 'String', 'consumer_prop', 'As --command-property.', { deprecated: true }),
    option('command-property', 'String', 'consumer_prop', 'key=value for the consumer. May be repeated.'),
    option('consumer-config', 'String', 'config file', 'As --command-config.', {
      deprecated: true,
      completion: 'file',
    }),
    commandConfigOption('config file'),
    option('formatter', 'String', 'class', 'Formatter: one of those of Kafka, or the path of a JavaScript module.', {
      defaultValue: defaultFormatter,
      completion: formatters,
    }),
    option('property', 'String', 'prop', 'As --formatter-property.', { deprecated: true }),
    option(
      'formatter-property',
      'String',
      'prop',
      'key=value for the formatter: print.timestamp, print.key, print.offset, print.delivery, print.epoch, print.partition, ' +
        'print.headers, print.value, key.separator, line.separator, headers.separator, null.literal. May be repeated.',
    ),
    option('formatter-config', 'String', 'config file', 'Properties file for the formatter.', { completion: 'file' }),
    option('max-messages', 'Integer', 'num_messages', 'Stop after so many records.'),
    option('timeout-ms', 'Integer', 'timeout_ms', 'Stop when nothing comes for so long.'),
    flag(
      'exit',
      'End once all that was there at the start has been handed out, to this consumer or others of the group, or nothing more can be had.',
      { own: true },
    ),
    flag('reject', 'Reject each record: nobody gets it any more.'),
    flag('release', 'Release each record: somebody gets it again.'),
    flag('reject-message-on-error', 'Reject records that cannot be printed instead of stopping.'),
    bootstrapOption('server to connect to', { required: true }),
    option('key-deserializer', 'String', 'deserializer for keys', 'Deserializer for keys.'),
    option('value-deserializer', 'String', 'deserializer for values', 'Deserializer for values.'),
    option('group', 'String', 'share group id', 'Share group to read in; console-share-consumer without it.'),
    flag('enable-systest-events', 'Also print a line when the consumer has shut down.'),
    ...formatOptions,
    helpOption,
    versionOption,
  ],
  examples: [
    { description: 'Read in a share group', command: '--topic jobs --group workers' },
    { description: 'What is left to do, then end', command: '--topic jobs --group workers --exit' },
    {
      description: 'One record, and how often it was handed out',
      command: '--topic jobs --max-messages 1 --formatter-property print.delivery=true',
    },
    {
      description: 'Look at ten records without taking them',
      command: '--topic jobs --group workers --release --max-messages 10',
    },
  ],
}
