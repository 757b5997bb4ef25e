import { type CommandSpec, helpOption, option, versionOption } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'replica-verification',
  script: 'kafka-replica-verification',
  summary: 'Compare what the replicas of partitions hold.',
  heading: 'Validate that all replicas for a set of topics have the same data.',
  description:
    'Reads all replicas of the chosen topics until it is interrupted, compares offsets and checksums of their batches, and tells at ' +
    'intervals how far the replicas lie behind. Kafka calls this script deprecated.',
  options: [
    option(
      'broker-list',
      'String',
      'hostname:port,...,hostname:port',
      'Where the cluster is: host:port, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else the chosen profile, else its embedded broker.',
      { required: true },
    ),
    option('fetch-size', 'Integer', 'bytes', 'The most to fetch of a partition at a time, in bytes.', {
      defaultValue: 1024 * 1024,
    }),
    option('max-wait-ms', 'Integer', 'ms', 'How long a fetch may wait for data, in ms.', { defaultValue: 1000 }),
    option('topics-include', 'String', 'Java regex (String)', 'Topics to compare, as a regular expression.', {
      defaultValue: '.*',
    }),
    option(
      'time',
      'Long',
      'timestamp/-1(latest)/-2(earliest)',
      'Where to start: at a time in ms, the end or the start.',
      {
        defaultValue: -1,
      },
    ),
    option('report-interval-ms', 'Long', 'ms', 'How often to report, in ms.', { defaultValue: 30_000 }),
    helpOption,
    versionOption,
  ],
  examples: [{ description: 'Two topics, from their start', command: "--topics-include 'orders|payments' --time -2" }],
}
