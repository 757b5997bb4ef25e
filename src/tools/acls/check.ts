import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, usageExit } from '../../cli/usage.ts'
import { spec } from './options.ts'

const checkConvenience = (options: OptionSet): void => {
  const has = (name: string): boolean => options.has(name)
  for (const role of ['producer', 'consumer']) {
    forbidTogether(spec, options, role, ['operation', 'deny-principal', 'deny-host'])
  }
  if (has('principal') && !has('list')) {
    usageExit(spec, 'The --principal option is only available if --list is set')
  }
  if (has('producer') && !has('topic')) usageExit(spec, 'With --producer you must specify a --topic')
  if (has('idempotent') && !has('producer')) {
    usageExit(spec, 'The --idempotent option is only available if --producer is set')
  }
  const tooMuch = !has('producer') && (has('cluster') || has('transactional-id'))
  if (has('consumer') && (!has('topic') || !has('group') || tooMuch)) {
    usageExit(
      spec,
      'With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id option should be specified.',
    )
  }
}

/** The checks of AclCommandOptions, in Kafka's order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  const [server, controller] = [options.has('bootstrap-server'), options.has('bootstrap-controller')]
  if (server && controller) {
    usageExit(spec, 'Only one of --bootstrap-server or --bootstrap-controller must be specified')
  }
  if (!server && !controller && !mayOmitBootstrap(io)) {
    usageExit(spec, 'One of --bootstrap-server or --bootstrap-controller must be specified')
  }
  if (['add', 'remove', 'list'].filter((action) => options.has(action)).length !== 1) {
    usageExit(spec, 'Command must include exactly one action: --list, --add, --remove. ')
  }
  forbidTogether(spec, options, 'list', [
    'producer',
    'consumer',
    'allow-host',
    'allow-principal',
    'deny-host',
    'deny-principal',
  ])
  checkConvenience(options)
}
