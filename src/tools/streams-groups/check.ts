import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, requireOptions, usageExit } from '../../cli/usage.ts'
import { javaList } from '../shared/java.ts'
import { spec } from './options.ts'

const actions = ['list', 'describe', 'reset-offsets', 'delete', 'delete-offsets']

/** The ways to say where offsets go. */
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
  if (options.has('group') || options.has('all-groups')) return
  fail(`Option [${action}] takes one of these options: [all-groups], [group]`)
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

const hasInput = (options: OptionSet): boolean => options.has('input-topic') || options.has('all-input-topics')

const checkDeleteOffsets = (options: OptionSet): void => {
  if (!hasInput(options) || !options.has('group')) {
    fail('Option [delete-offsets] takes the [group] and one of these options: [all-input-topics], [input-topic]')
  }
  const groups = options.texts('group')
  if (groups.length > 1) {
    fail(`Option [delete-offsets] supports only one [group] at a time, but found: ${javaList(groups)}`)
  }
}

const checkReset = (options: OptionSet): void => {
  const [dryRun, execute] = [options.has('dry-run'), options.has('execute')]
  if (dryRun && execute) fail('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  if (!dryRun && !execute) fail('Option [reset-offsets] takes the option: [execute] or [dry-run]')
  requireGroups(options, 'reset-offsets')
  for (const scenario of scenarios) {
    const others = scenarios.filter((other) => other !== scenario)
    forbidTogether(spec, options, scenario, others)
  }
  forbidTogether(spec, options, 'to', scenarios)
}

const checkInternalTopics = (options: OptionSet): void => {
  const [reset, execute] = [options.has('reset-offsets'), options.has('execute')]
  if (options.has('delete-all-internal-topics')) {
    if (!reset && !options.has('delete')) {
      fail('Option [delete-all-internal-topics] takes one of these options: [delete], [reset-offsets]')
    }
    if (reset && !execute) {
      fail('Option [delete-all-internal-topics] takes [execute] when [reset-offsets] is used.')
    }
  } else if (options.has('delete-internal-topic') && !(reset && execute)) {
    fail('Option [delete-internal-topic] takes [reset-offsets] when [execute] is used.')
  }
}

/** The checks of StreamsGroupCommandOptions and of the command itself, in Kafka's order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  if (options.has('describe')) checkDescribe(options)
  if (options.has('delete')) {
    requireGroups(options, 'delete')
    if (hasInput(options)) {
      fail('Kafka Streams does not support topic-specific offset deletion from a streams group.')
    }
  }
  if (options.has('delete-offsets')) checkDeleteOffsets(options)
  if (options.has('reset-offsets')) checkReset(options)
  checkInternalTopics(options)
  if ((options.has('dry-run') || options.has('execute')) && !options.has('reset-offsets')) {
    fail('Only Option [reset-offsets] accepts [execute] or [dry-run]')
  }
  forbidTogether(spec, options, 'list', ['members', 'offsets'])
  forbidTogether(spec, options, 'group', ['all-groups'])
  forbidTogether(spec, options, 'group', ['list'])
  forbidTogether(spec, options, 'input-topic', ['list', 'describe', 'delete'])
  if (actions.filter((name) => options.has(name)).length !== 1) {
    fail('Command must include exactly one action: --list, --describe, --delete, --reset-offsets, or --delete-offsets.')
  }
}
