import { type CommandSpec, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

/** How long a whole walk may take unless told otherwise. */
export const defaultTimeoutMs = 20_000

export const spec: CommandSpec = {
  name: 'doctor',
  script: 'kt-doctor',
  summary: 'Find out why a connection to a cluster fails.',
  description:
    'Walks the way a client takes, and tells of each hop how it went and how long it took: settings, DNS, TCP, TLS, Kafka (does a broker answer?), SASL, ' +
    'cluster, the advertised address of each broker, and what this client may do. Of a hop that fails: what was found, the likely cause and what ' +
    'mends it. Nothing is written to the cluster, and nothing secret is printed. Without a server it looks at the embedded broker of the data ' +
    'directory, and does not start it. Exit code 0: no hop failed; 1: one did. Clocks are not compared: brokers do not tell the time.',
  options: [
    ...adminOptions(),
    option('timeout-ms', 'Integer', 'ms', 'How long all of it may take; a hop takes 5 seconds at most.', {
      own: true,
      defaultValue: defaultTimeoutMs,
    }),
    outputOption,
  ],
  examples: [
    { description: 'The embedded broker', command: '' },
    {
      description: 'A cluster',
      command: '--bootstrap-server kafka.example.org:9093 --command-config client.properties',
    },
    { description: 'The hops as data', command: '--bootstrap-server localhost:9092 --output json' },
  ],
}
