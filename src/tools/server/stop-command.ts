import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { parseOptions } from '../../cli/joptsimple.ts'
import { type CommandSpec, helpOption, option } from '../../cli/option-spec.ts'
import { plainly } from '../../cli/run-command.ts'
import { optionTable } from '../../cli/usage.ts'
import { runningBrokers } from '../../embedded/running.ts'

export const spec: CommandSpec = {
  name: 'server-stop',
  script: 'kafka-server-stop',
  summary: 'Stop the brokers of this user on this machine.',
  description:
    'Sends SIGTERM (or the signal SIGNAL names) to brokers started by `kt server-start` and `kt broker start`, and returns at once. ' +
    'Without options all of them are stopped.',
  options: [
    option('process-role', 'String', 'role', 'Only processes with this role: broker or controller.', {
      completion: ['broker', 'controller'],
    }),
    option('node-id', 'Integer', 'id', 'Only the process with this node id.'),
    helpOption,
  ],
  examples: [
    { description: 'Stop every broker', command: '' },
    { description: 'Stop one', command: '--node-id 1' },
  ],
}

const stop = async (args: readonly string[], io: Io): Promise<number> => {
  const options = parseOptions(spec, args)
  if (options.has('help') || options.words.length > 0) throw new CommandExit(1, `${spec.summary}\n${optionTable(spec)}`)
  const role = options.text('process-role')
  const nodeId = options.int('node-id')
  if (role !== undefined && role !== 'broker' && role !== 'controller') {
    throw new CommandExit(1, `Invalid process-role ${role}: it must be broker or controller.\n`)
  }
  const brokers = (await runningBrokers()).filter(
    (broker) =>
      (nodeId === undefined || broker.nodeId === nodeId) && (role === undefined || broker.roles.includes(role)),
  )
  if (brokers.length === 0) {
    println(io.out, 'No kafka server to stop')
    return 1
  }
  const signal = `SIG${(io.env.SIGNAL || 'TERM').replace(/^SIG/, '')}` as NodeJS.Signals
  for (const { pid } of new Map(brokers.map((broker) => [broker.pid, broker])).values()) process.kill(pid, signal)
  return 0
}

/** `kafka-server-stop.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io): Promise<number> => plainly(io, () => stop(args, io))
