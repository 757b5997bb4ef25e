import { type CommandSpec, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'broker-api-versions',
  script: 'kafka-broker-api-versions',
  summary: 'Show which requests each broker understands.',
  description:
    'A line per request: the versions the broker has, and the newest that kt can use with it. UNSUPPORTED is what the broker lacks.',
  options: [...adminOptions({ server: 'server(s) to use for bootstrapping', serverRequired: true }), outputOption],
  exits: [{ code: 0, when: 'Also when some of the nodes did not answer.' }],
  examples: [
    { description: 'What all brokers offer', command: '--bootstrap-server localhost:9092' },
    { description: 'As JSON', command: '--output json' },
  ],
}
