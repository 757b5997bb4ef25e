import {
  bootstrapOption,
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  option,
  versionOption,
} from '../../cli/option-spec.ts'
import { inputOptions } from './json-input.ts'

export const lineMessageReader = 'org.apache.kafka.tools.LineMessageReader'

export const spec: CommandSpec = {
  name: 'console-producer',
  script: 'kafka-console-producer',
  summary: 'Write the lines of standard input to a topic.',
  description:
    'Every line becomes a record. With --reader-property parse.key=true what stands before the key.separator (a tab) is the ' +
    'key; with parse.headers=true what stands before the headers.delimiter (a tab) are headers, key:value with commas. ' +
    'null.marker is a text that stands for null, and ignore.error=true takes lines without a separator as values.',
  options: [
    option('topic', 'String', 'topic', 'Where the records go.', { required: true }),
    bootstrapOption('server to connect to', { required: true }),
    flag('sync', 'Wait for each record to be written before the next one; stop at the first that is not.'),
    option(
      'compression-codec',
      'String',
      'compression-codec',
      'How batches are compressed: none, gzip, snappy, lz4 or zstd; without a value gzip.',
      { optional: true, completion: ['none', 'gzip', 'snappy', 'lz4', 'zstd'] },
    ),
    option('batch-size', 'Integer', 'size', 'How many bytes of records are sent together at most.', {
      defaultValue: 16384,
    }),
    option('message-send-max-retries', 'Integer', '', 'How often a failed request is tried again.', {
      defaultValue: 3,
    }),
    option('retry-backoff-ms', 'Long', '', 'How long to wait before trying again, in ms.', { defaultValue: 100n }),
    option('timeout', 'Long', 'timeout_ms', 'How long records wait for others to be sent together with, in ms.', {
      defaultValue: 1000n,
    }),
    option(
      'request-required-acks',
      'String',
      'request required acks',
      'Who must have a record before it counts as written: all (or -1), 1 for the leader, 0 for nobody.',
      { defaultValue: '-1', completion: ['all', '-1', '0', '1'] },
    ),
    option('request-timeout-ms', 'Integer', 'request timeout ms', 'How long the broker may take to answer, in ms.', {
      defaultValue: 1500,
    }),
    option('metadata-expiry-ms', 'Long', 'metadata expiration interval', 'How often to look for new leaders, in ms.', {
      defaultValue: 300000n,
    }),
    option('max-block-ms', 'Long', 'max block on send', 'How long to wait for the topic to be there, in ms.', {
      defaultValue: 60000n,
    }),
    option('max-memory-bytes', 'Long', 'total memory in bytes', 'How many bytes may wait to be sent.', {
      defaultValue: 33554432n,
    }),
    option('max-partition-memory-bytes', 'Integer', 'memory in bytes per partition', 'As --batch-size.', {
      deprecated: true,
      defaultValue: 16384,
    }),
    option(
      'line-reader',
      'String',
      'reader_class',
      'How lines become records: the class that is the default, or the path of a JavaScript module with (line) => record as its default export.',
      {
        defaultValue: lineMessageReader,
      },
    ),
    option('socket-buffer-size', 'Integer', 'size', 'Size of the TCP send buffer in bytes.', { defaultValue: 102400 }),
    option('property', 'String', 'prop', 'As --reader-property.', { deprecated: true }),
    option(
      'reader-property',
      'String',
      'prop',
      'key=value for the line reader: parse.key, key.separator, parse.headers, headers.delimiter, headers.separator, ' +
        'headers.key.separator, null.marker, ignore.error. May be repeated.',
    ),
    option('reader-config', 'String', 'config file', 'Properties file for the line reader.', { completion: 'file' }),
    option('producer-property', 'String', 'producer_prop', 'As --command-property.', { deprecated: true }),
    option('command-property', 'String', 'producer_prop', 'key=value for the producer. May be repeated.'),
    option('producer.config', 'String', 'config file', 'As --command-config.', { deprecated: true }),
    commandConfigOption('config file'),
    ...inputOptions,
    helpOption,
    versionOption,
  ],
  examples: [
    { description: 'Type records, one a line', command: '--topic greetings' },
    { description: 'A file of lines', command: '--topic log < access.log' },
    {
      description: 'Keys before a colon',
      command: '--topic prices --reader-property parse.key=true --reader-property key.separator=:',
    },
    {
      description: 'A copy of a topic: records as console-consumer --output json wrote them',
      command: '--topic copy --input json < records.jsonl',
    },
    {
      description: 'Compressed, acknowledged by the leader alone',
      command: '--topic log --compression-codec lz4 --request-required-acks 1',
    },
  ],
}
