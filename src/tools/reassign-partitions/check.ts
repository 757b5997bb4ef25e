import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { requireOptions, usageExit } from '../../cli/usage.ts'
import { spec } from './options.ts'

export const actions = ['generate', 'execute', 'verify', 'cancel', 'list'] as const
export type Action = (typeof actions)[number]

const required: Record<Action, readonly string[]> = {
  verify: ['reassignment-json-file'],
  generate: ['topics-to-move-json-file', 'broker-list'],
  execute: ['reassignment-json-file'],
  cancel: ['reassignment-json-file'],
  list: [],
}

const permitted: Record<Action, readonly string[]> = {
  verify: ['bootstrap-server', 'command-config', 'preserve-throttles'],
  generate: ['bootstrap-server', 'broker-list', 'command-config', 'disable-rack-aware'],
  execute: [
    'additional',
    'bootstrap-server',
    'command-config',
    'throttle',
    'replica-alter-log-dirs-throttle',
    'timeout',
    'disallow-replication-factor-change',
  ],
  cancel: ['bootstrap-server', 'bootstrap-controller', 'command-config', 'preserve-throttles', 'timeout'],
  list: ['bootstrap-server', 'bootstrap-controller', 'command-config'],
}

/** The checks of Kafka's tool, in its order; returns what is to be done. */
export const checkOptions = (options: OptionSet, io: Io): Action => {
  const given = actions.filter((name) => options.has(name))
  const [action] = given
  if (given.length !== 1 || action === undefined) {
    const names = actions.map((name) => `--${name}`).join(', ')
    return usageExit(spec, `Command must include exactly one action: ${names}`)
  }
  const [server, controller] = [options.has('bootstrap-server'), options.has('bootstrap-controller')]
  if (server && controller) usageExit(spec, "Please don't specify both --bootstrap-server and --bootstrap-controller")
  if (!server && !controller && !mayOmitBootstrap(io)) {
    usageExit(spec, 'Please specify either --bootstrap-server or --bootstrap-controller')
  }
  requireOptions(spec, options, ...required[action])
  const own = spec.options.filter((one) => one.own).map(({ name }) => name)
  for (const name of options.order) {
    if (name === action || [...required[action], ...permitted[action], ...own].includes(name)) continue
    usageExit(spec, `Option "[${name}]" can't be used with action "[${action}]"`)
  }
  return action
}
