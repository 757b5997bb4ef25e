import { type CommandSpec, flag, helpOption, option, outputOption, versionOption } from '../../cli/option-spec.ts'

const stringDecoder = 'org.apache.kafka.tools.api.StringDecoder'
const decoders = ['DefaultDecoder', 'IntegerDecoder', 'LongDecoder', 'StringDecoder']

export const spec: CommandSpec = {
  name: 'dump-log',
  script: 'kafka-dump-log',
  summary: 'Show what is in log segments and indexes.',
  heading:
    'This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.',
  description:
    'Reads the files themselves, without a broker: .log and .checkpoint files batch by batch, and .index, .timeindex, .txnindex and ' +
    '.snapshot files entry by entry, comparing indexes with their log.',
  options: [
    option('files', 'String', 'file1, file2, ...', 'The files, with commas.', { required: true, completion: 'file' }),
    flag('print-data-log', 'Also keys and values of the records. Any decoder does that too.'),
    flag('deep-iteration', 'Also the single records, not only batches.'),
    flag('verify-index-only', 'Only compare indexes with their log.'),
    flag('index-sanity-check', 'Only check indexes as a broker does when it starts.'),
    option('max-message-size', 'Integer', 'size', 'Size of the largest batch an index may point to, in bytes.', {
      defaultValue: 5 * 1024 * 1024,
    }),
    option('max-bytes', 'Integer', 'size', 'Read only so much of each log, in bytes.', { defaultValue: 2147483647 }),
    option('value-decoder-class', 'String', '', `How values are read: ${decoders.join(', ')} of Kafka.`, {
      optional: true,
      defaultValue: stringDecoder,
    }),
    option('key-decoder-class', 'String', '', 'How keys are read, likewise.', {
      optional: true,
      defaultValue: stringDecoder,
    }),
    flag('offsets-decoder', 'Read records as those of __consumer_offsets.'),
    flag('transaction-log-decoder', 'Read records as those of __transaction_state.'),
    flag('cluster-metadata-decoder', 'Read records as those of __cluster_metadata.'),
    flag('remote-log-metadata-decoder', 'Read records as those of __remote_log_metadata.'),
    flag('share-group-state-decoder', 'Read records as those of __share_group_state.'),
    flag('skip-record-metadata', 'Only keys and values of the records, without control records.'),
    {
      ...outputOption,
      description:
        'Print a JSON object a line, or YAML documents, for what is found: files, batches, records, entries.',
      argument: { type: 'String', name: 'json|yaml', completion: ['json', 'yaml'] },
    },
    helpOption,
    versionOption,
  ],
  exits: [{ code: 0, when: 'Also when an index disagrees with its log.' }],
  examples: [
    { description: 'Batches of a segment', command: '--files orders-0/00000000000000000000.log' },
    {
      description: 'Its records',
      command: '--print-data-log --files orders-0/00000000000000000000.log',
    },
    {
      description: "The cluster's metadata",
      command: '--cluster-metadata-decoder --files __cluster_metadata-0/00000000000000000000.log',
    },
  ],
}
