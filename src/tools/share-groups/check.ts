import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, requireOptions, usageExit } from '../../cli/usage.ts'
import { spec } from './options.ts'

const actions = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets']
const scenarios = ['to-datetime', 'to-earliest', 'to-latest']
const others = (all: readonly string[], name: string): string[] => all.filter((one) => one !== name)

const fail = (message: string): never => usageExit(spec, message)

const checkDescribe = (options: OptionSet): void => {
  if (!options.has('group') && !options.has('all-groups')) {
    fail('Option [describe] takes one of these options: [all-groups], [group]')
  }
  if (['members', 'offsets', 'state'].filter((name) => options.has(name)).length > 1) {
    fail('Option [describe] takes at most one of these options: [members], [offsets], [state]')
  }
  if (options.has('state') && options.value('state') !== undefined) {
    fail('Option [describe] does not take a value for [state]')
  }
}

const checkDelete = (options: OptionSet): void => {
  const [group, all] = [options.has('group'), options.has('all-groups')]
  if (!group && !all) fail('Option [delete] takes the options [group] or [all-groups]')
  if (group && all) fail('Option [delete] takes either [group] or [all-groups], not both.')
  if (options.has('topic')) fail('Option [delete] does not take the option: [topic]')
}

const checkReset = (options: OptionSet): void => {
  const [dryRun, execute] = [options.has('dry-run'), options.has('execute')]
  if (dryRun && execute) fail('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  if (!dryRun && !execute) fail('Option [reset-offsets] takes the option: [execute] or [dry-run]')
  if (!options.has('group')) fail('Option [reset-offsets] takes the option: [group]')
  if (!options.has('topic') && !options.has('all-topics')) {
    fail('Option [reset-offsets] takes one of these options: [all-topics], [topic]')
  }
  if (!options.has('to') && !scenarios.some((name) => options.has(name))) {
    fail('Option [reset-offsets] takes one of these options: [to-datetime], [to-earliest], [to-latest]')
  }
  for (const name of scenarios) forbidTogether(spec, options, name, others(scenarios, name))
  forbidTogether(spec, options, 'to', scenarios)
}

/** The checks of ShareGroupCommandOptions and of the command itself, in Kafka's order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  if (options.has('describe')) checkDescribe(options)
  if (options.has('delete')) checkDelete(options)
  if (options.has('delete-offsets') && !(options.has('group') && options.has('topic'))) {
    fail('Option [delete-offsets] takes the following options: [group], [topic]')
  }
  if (options.has('reset-offsets')) checkReset(options)
  forbidTogether(spec, options, 'group', ['all-groups'])
  forbidTogether(spec, options, 'group', ['list'])
  forbidTogether(spec, options, 'topic', ['list', 'describe'])
  if (actions.filter((name) => options.has(name)).length !== 1) {
    fail('Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets.')
  }
}
