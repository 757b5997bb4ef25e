import { type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { outputArgument } from '../shared/argparse-command.ts'

/** Its title is not shown. */
const PAYLOAD = ' '
const PROPERTY = 'PROP-NAME=PROP-VALUE'

export const parser: ArgparseParser = {
  name: 'kafka-producer-perf-test',
  description:
    'Measures how fast records can be produced. Transactions are used when a transactional id is given, by --transactional-id or ' +
    'as transactional.id in --command-property or --command-config, or a duration by --transaction-duration-ms.',
  showDefaults: true,
  arguments: [
    helpArgument,
    {
      name: 'bootstrap-server',
      metavar: 'BOOTSTRAP-SERVER',
      help: 'The cluster: host:port, several with commas. Comes before bootstrap.servers of --command-property and --command-config.',
    },
    { name: 'topic', metavar: 'TOPIC', required: true, help: 'Topic to write to.' },
    { name: 'num-records', metavar: 'NUM-RECORDS', type: 'Long', required: true, help: 'How many records to write.' },
    {
      name: 'payload-delimiter',
      metavar: 'PAYLOAD-DELIMITER',
      defaultValue: '\\n',
      help: 'What separates the payloads of --payload-file.',
    },
    {
      name: 'throughput',
      metavar: 'THROUGHPUT',
      type: 'Double',
      required: true,
      help: 'Write about so many records a second; -1 for as many as possible.',
    },
    { name: 'producer-props', metavar: PROPERTY, many: true, help: '(DEPRECATED) As --command-property.' },
    {
      name: 'command-property',
      metavar: PROPERTY,
      many: true,
      help: 'Properties for the producer, e.g. linger.ms=10 batch.size=32768. They come before those of --command-config.',
    },
    { name: 'producer.config', metavar: 'CONFIG-FILE', help: '(DEPRECATED) As --command-config.' },
    { name: 'command-config', metavar: 'CONFIG-FILE', help: 'Properties file for the producer.' },
    { name: 'print-metrics', action: 'flag', help: 'Print metrics of the producer at the end.' },
    { name: 'transactional-id', metavar: 'TRANSACTIONAL-ID', help: 'Transactional id; comes before the properties.' },
    {
      name: 'transaction-duration-ms',
      metavar: 'TRANSACTION-DURATION',
      type: 'Long',
      help: 'How long a transaction lasts before it is committed, above 0; 3000 when only an id is given.',
    },
    {
      name: 'warmup-records',
      metavar: 'WARMUP-RECORDS',
      type: 'Long',
      defaultValue: '0',
      help: 'So many records at the start count as warm-up; a second summary leaves them out.',
    },
    {
      name: 'reporting-interval',
      metavar: 'INTERVAL-MS',
      type: 'Long',
      defaultValue: '5000',
      help: 'How often to tell how it goes, in ms.',
    },
    {
      name: 'record-size',
      metavar: 'RECORD-SIZE',
      type: 'Integer',
      group: PAYLOAD,
      help: 'Random records of so many bytes.',
    },
    {
      name: 'payload-file',
      metavar: 'PAYLOAD-FILE',
      group: PAYLOAD,
      help: 'Records taken at random from a UTF-8 text file.',
    },
    { name: 'payload-monotonic', action: 'flag', group: PAYLOAD, help: 'Records that count up from 0.' },
    outputArgument,
  ],
  groups: [
    {
      title: PAYLOAD,
      description: 'Exactly one of --record-size, --payload-file and --payload-monotonic has to be given.',
      oneOf: 'required',
    },
  ],
}

export const spec: CommandSpec = {
  name: 'producer-perf-test',
  script: 'kafka-producer-perf-test',
  summary: 'Measure how fast records can be produced.',
  description: 'Prints throughput and latencies at intervals, and their percentiles at the end.',
  options: optionsOf(parser),
  examples: [
    {
      description: 'A million records of 100 bytes, as fast as possible',
      command: '--topic perf --num-records 1000000 --record-size 100 --throughput -1',
    },
    {
      description: 'Ten thousand a second, compressed',
      command:
        '--topic perf --num-records 100000 --record-size 1000 --throughput 10000 --command-property compression.type=lz4',
    },
  ],
}
