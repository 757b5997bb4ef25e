import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidCombination, forbidTogether, requireOptions, usageExit } from '../../cli/usage.ts'
import { spec } from './options.ts'

const actions = ['alter', 'create', 'describe', 'list', 'delete']
const partitionReports = [
  'under-replicated-partitions',
  'under-min-isr-partitions',
  'at-min-isr-partitions',
  'unavailable-partitions',
]

const onlyWith = (
  options: OptionSet,
  name: string,
  allowed: readonly string[],
  alsoForbidden: readonly string[] = [],
): void =>
  forbidTogether(
    spec,
    options,
    name,
    [...actions, ...alsoForbidden].filter((other) => !allowed.includes(other)),
  )

const checkRequired = (options: OptionSet, io: Io): void => {
  if (!options.has('bootstrap-server') && !mayOmitBootstrap(io)) throw new Error('--bootstrap-server must be specified')
  if (options.has('describe') && options.has('if-exists')) {
    if (!options.has('topic') && !options.has('topic-id')) {
      usageExit(spec, '--topic or --topic-id is required to describe a topic')
    }
    if (options.has('topic') && options.has('topic-id')) {
      println(
        io.out,
        'Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID',
      )
    }
  }
  if (!options.has('list') && !options.has('describe')) requireOptions(spec, options, 'topic')
  if (options.has('alter')) {
    if (options.has('config')) {
      const hint = ' (To alter topic configurations, the kafka-configs tool can be used.)'
      const used = options.has('bootstrap-server') ? ['bootstrap-server', 'config'] : ['config']
      forbidCombination(spec, options, used, ['alter'], hint)
    }
    requireOptions(spec, options, 'partitions')
  }
}

const checkConflicts = (options: OptionSet): void => {
  onlyWith(options, 'config', ['alter', 'create'])
  onlyWith(options, 'dry-run', ['delete'])
  onlyWith(options, 'partitions', ['alter', 'create'])
  onlyWith(options, 'replication-factor', ['create'])
  onlyWith(options, 'replica-assignment', ['alter', 'create'])
  if (options.has('create')) forbidTogether(spec, options, 'replica-assignment', ['partitions', 'replication-factor'])
  for (const report of partitionReports) onlyWith(options, report, ['describe', report], ['topics-with-overrides'])
  onlyWith(options, 'topics-with-overrides', ['describe'], partitionReports)
  onlyWith(options, 'if-exists', ['alter', 'delete', 'describe'])
  onlyWith(options, 'if-not-exists', ['create'])
  onlyWith(options, 'exclude-internal', ['list', 'describe'])
}

/** The checks of TopicCommandOptions, in Kafka's order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  if (actions.filter((name) => options.has(name)).length !== 1) {
    usageExit(spec, 'Command must include exactly one action: --list, --describe, --create, --alter or --delete')
  }
  if (options.has('delete-config')) {
    println(
      io.err,
      'delete-config option is no longer supported and deprecated since version 4.0. ' +
        'The config will be fully removed in future releases.',
    )
  }
  checkRequired(options, io)
  checkConflicts(options)
}
