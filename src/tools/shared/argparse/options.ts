import type { ArgparseOption } from './model.ts'

/** `--bootstrap-server` or `--bootstrap-controller`, of which one is needed. */
export const connectionOptions = (
  required: boolean,
  shorts: { server?: string; controller?: string } = {},
): ArgparseOption[] => [
  {
    name: 'bootstrap-server',
    ...(shorts.server ? { short: shorts.server } : {}),
    metavar: 'BOOTSTRAP_SERVER',
    help: 'Where the cluster is: host:port, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else its embedded broker.',
    group: { name: 'bootstrap', required },
  },
  {
    name: 'bootstrap-controller',
    ...(shorts.controller ? { short: shorts.controller } : {}),
    metavar: 'BOOTSTRAP_CONTROLLER',
    help: 'Where the controllers of the quorum are, instead of brokers: host:port, several with commas.',
    group: { name: 'bootstrap', required },
  },
]

/** `--output`, on sub-commands that list something. */
export const outputOption: ArgparseOption = {
  name: 'output',
  metavar: 'json|yaml|table',
  help: 'Print the result as JSON, YAML or a drawn table instead of the format of the Kafka script.',
  own: true,
}
