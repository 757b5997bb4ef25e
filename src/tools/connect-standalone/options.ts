import { type CommandSpec, flag } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'connect-standalone',
  script: 'connect-standalone',
  summary: 'Run connectors in one Kafka Connect worker.',
  description:
    'The first file is the worker, each further one a connector: .properties, or .json as the REST API takes it. Runs until SIGINT or SIGTERM, ' +
    "then stores offsets and ends. Log lines go to standard error, since connectors may write to standard output. There are Kafka's file " +
    "connectors, converters and transformations; others are JavaScript modules below plugin.path. Java plugins can't be loaded. Without " +
    'bootstrap.servers in the file kt looks for the cluster as everywhere: KT_BOOTSTRAP_SERVER, the chosen profile, else the embedded broker.',
  words: 'file',
  options: [flag('help', 'Print the usage.')],
  examples: [
    { description: 'A worker with one connector', command: 'worker.properties source.properties' },
    { description: 'A worker whose connectors are made through REST', command: 'worker.properties' },
  ],
  exits: [
    { code: 2, when: 'The worker could not start: its file, the brokers, the port of the REST API.' },
    { code: 3, when: 'A connector could not be created; the worker has stopped.' },
    { code: 130, when: 'Stopped by SIGINT; 143 by SIGTERM.' },
  ],
}
