import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, requireOptions, usageExit } from '../../cli/usage.ts'
import { spec } from './options.ts'

const actions = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets', 'validate-regex']
/** The actions that Kafka checks --group and --topic against. */
const checkedActions = ['list', 'describe', 'delete', 'reset-offsets']

/** The ways to say where offsets go, in the order in which Kafka looks at them. */
export const scenarios = [
  'to-offset',
  'to-datetime',
  'by-duration',
  'to-earliest',
  'to-latest',
  'to-current',
  'shift-by',
  'from-file',
]

const fail = (message: string): never => usageExit(spec, message)

const requireGroups = (options: OptionSet, action: string): void => {
  if (!options.has('group') && !options.has('all-groups')) {
    fail(`Option [${action}] takes one of these options: [all-groups], [group]`)
  }
}

const checkDescribe = (options: OptionSet): void => {
  requireGroups(options, 'describe')
  if (['members', 'offsets', 'state'].filter((name) => options.has(name)).length > 1) {
    fail('Option [describe] takes at most one of these options: [members], [offsets], [state]')
  }
  if (options.has('state') && options.value('state') !== undefined) {
    fail('Option [describe] does not take a value for [state]')
  }
}

const checkReset = (options: OptionSet, io: Io): void => {
  if (options.has('dry-run') && options.has('execute')) {
    fail('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  }
  if (!options.has('dry-run') && !options.has('execute')) {
    println(
      io.err,
      'WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.',
    )
  }
  requireGroups(options, 'reset-offsets')
  for (const scenario of scenarios) {
    forbidTogether(
      spec,
      options,
      scenario,
      scenarios.filter((other) => other !== scenario),
    )
  }
  forbidTogether(spec, options, 'to', scenarios)
}

/** The checks of ConsumerGroupCommandOptions and of the command itself, in Kafka's order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  if (!options.has('validate-regex') && !options.has('bootstrap-server') && !mayOmitBootstrap(io)) {
    requireOptions(spec, options, 'bootstrap-server')
  }
  if (options.has('describe')) checkDescribe(options)
  if (options.has('delete')) {
    requireGroups(options, 'delete')
    if (options.has('topic')) {
      fail('The consumer does not support topic-specific offset deletion from a consumer group.')
    }
  }
  if (options.has('delete-offsets') && !(options.has('group') && options.has('topic'))) {
    fail('Option [delete-offsets] takes the following options: [group], [topic]')
  }
  if (options.has('reset-offsets')) checkReset(options, io)
  forbidTogether(spec, options, 'group', ['all-groups'])
  forbidTogether(spec, options, 'group', ['list'])
  forbidTogether(
    spec,
    options,
    'topic',
    checkedActions.filter((name) => name !== 'delete' && name !== 'reset-offsets'),
  )
  if (actions.filter((name) => options.has(name)).length !== 1) {
    fail(`Command must include exactly one action: ${actions.map((name) => `--${name}`).join(', ')}`)
  }
}
