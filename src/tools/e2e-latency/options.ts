import {
  bootstrapOption,
  type CommandSpec,
  helpOption,
  option,
  outputOption,
  versionOption,
} from '../../cli/option-spec.ts'

const size = (name: string, description: string) =>
  option(name, 'Integer', 'bytes', description, { optional: true, defaultValue: 0 })

export const spec: CommandSpec = {
  name: 'e2e-latency',
  script: 'kafka-e2e-latency',
  summary: 'Measure the time from producing to consuming.',
  heading: 'This tool measures end-to-end latency in Kafka by sending messages and timing their reception.',
  description:
    'Sends records one at a time, each after the one before has come back, and prints the average and percentiles.',
  options: [
    bootstrapOption('bootstrap-server', { required: true }),
    option('topic', 'String', 'topic-name', 'Topic to use; it is created where it is missing.', { required: true }),
    option('num-records', 'Integer', 'count', 'How many records to send.', { required: true }),
    option('producer-acks', 'String', 'producer-acks', 'Acknowledgements to wait for: 1 or all.', {
      required: true,
      completion: ['1', 'all'],
    }),
    option('record-size', 'Integer', 'bytes', 'Size of the values.', { required: true }),
    option('command-config', 'String', 'config-file', 'Properties file with settings for the clients.', {
      optional: true,
      completion: 'file',
    }),
    size('record-key-size', 'Size of the keys; none without it.'),
    size('record-header-size', 'Size of the values of headers; -1 for null.'),
    size('record-header-key-size', 'Size of the keys of headers.'),
    option('num-headers', 'Integer', 'count', 'How many headers each record has.', { optional: true, defaultValue: 0 }),
    outputOption,
    helpOption,
    versionOption,
  ],
  examples: [
    {
      description: 'A thousand records of 100 bytes',
      command: '--topic latency --num-records 1000 --producer-acks 1 --record-size 100',
    },
  ],
}
