import type { ArgparseValues } from '../../cli/argparse.ts'
import { type Io, println } from '../../cli/io.ts'
import { plainly } from '../../cli/run-command.ts'
import type { ClusterEndpoints } from '../../client/operations-types.ts'
import type { Admin } from '../../client/types.ts'
import { usingAdmin } from '../shared/admin-command.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { type Connect, connectionProperties, connectWith } from '../shared/connect.ts'
import { ExecutionError, execute } from '../shared/execution.ts'
import { left } from '../shared/java.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { parser, spec } from './options.ts'

export { spec }

const clusterId = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const { clusterId: id } = await execute(admin.describeCluster())
  const format = outputFormat(values, io)
  if (format !== undefined) return printStructured(io, format, [{ clusterId: id || null }], ['clusterId'])
  println(io.out, id === '' ? 'No cluster ID found. The Kafka version is probably too old.' : `Cluster ID: ${id}`)
}

const isUnsupported = (error: unknown): boolean =>
  (error as { reason?: string }).reason === 'unsupported-version' ||
  (error as { errorName?: string }).errorName === 'UNSUPPORTED_VERSION'

const unregister = async (admin: Admin, io: Io, id: number): Promise<void> => {
  try {
    await execute(admin.unregisterBroker(id))
    println(io.out, `Broker ${id} is no longer registered.`)
  } catch (error) {
    if (!(error instanceof ExecutionError) || !isUnsupported(error.failure)) throw error
    println(io.out, 'The target cluster does not support the broker unregistration API.')
    io.failed?.(error)
  }
}

const printTable = (io: Io, nodes: ClusterEndpoints['nodes'], controllers: boolean): void => {
  const hostWidth = Math.max(0, ...nodes.map(({ host }) => host.length))
  const line = (id: unknown, host: string, port: unknown, rack: unknown, ...rest: readonly string[]): void => {
    const last = rest.map((cell, i) => left(cell, i === rest.length - 1 ? 15 : 10))
    println(
      io.out,
      [left(String(id), 10), left(host, hostWidth), left(String(port), 10), left(String(rack), 10), ...last].join(' '),
    )
  }
  const state = (text: string): string[] => (controllers ? [] : [text])
  line('ID', 'HOST', 'PORT', 'RACK', ...state('STATE'), 'ENDPOINT_TYPE')
  for (const { id, host, port, rack, isFenced } of nodes) {
    line(id, host, port, rack, ...state(isFenced ? 'fenced' : 'unfenced'), controllers ? 'controller' : 'broker')
  }
}

const listEndpoints = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const includeFencedBrokers = values.has('include-fenced-brokers')
  const controllers = values.has('bootstrap-controller')
  if (controllers && includeFencedBrokers) {
    throw new Error('The option --include-fenced-brokers is only supported with --bootstrap-server option')
  }
  const { nodes } = await execute(admin.describeClusterEndpoints({ includeFencedBrokers }))
  const format = outputFormat(values, io)
  if (format === undefined) return printTable(io, nodes, controllers)
  const rows = nodes.map(({ id, host, port, rack, isFenced }) => ({
    nodeId: id,
    host,
    port,
    rack,
    isFenced: controllers ? null : isFenced,
    type: controllers ? 'controller' : 'broker',
  }))
  await printStructured(io, format, rows, ['nodeId', 'host', 'port', 'rack', 'isFenced', 'type'])
}

const act = async (values: ArgparseValues, io: Io, connect: Connect): Promise<void> => {
  if (values.has('config') && values.has('command-config')) {
    throw new Error('--config and --command-config cannot be specified together.')
  }
  if (values.has('config')) {
    println(
      io.out,
      'Option --config has been deprecated and will be removed in a future version. Use --command-config instead.',
    )
  }
  const properties = await connectionProperties(
    {
      server: values.text('bootstrap-server'),
      controller: values.text('bootstrap-controller'),
      configFile: values.text('command-config') ?? values.text('config'),
    },
    io,
  )
  await usingAdmin(connect(properties, io), async (admin) => {
    if (values.command === 'cluster-id') await clusterId(admin, values, io)
    else if (values.command === 'list-endpoints') await listEndpoints(admin, values, io)
    else {
      const id = Number(values.text('id'))
      await confirmDestructive(io, values, `Forget broker ${id}?`)
      await unregister(admin, io, id)
    }
  })
}

/** `kafka-cluster.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  return plainly(io, () => act(values, io, connect))
}
