import { type CommandSpec, dryRunOption, flag, option, outputOption, yesOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'topics',
  script: 'kafka-topics',
  summary: 'Create, list, describe, alter and delete topics.',
  description:
    'Exactly one of --list, --describe, --create, --alter and --delete says what to do. Except with --create, --topic is a ' +
    'regular expression that must match whole names; commas separate alternatives.',
  options: [
    ...adminOptions({ serverRequired: true }),
    flag('list', 'Show the names of the topics.'),
    flag('create', 'Make a topic.'),
    flag('delete', 'Remove topics with everything in them.'),
    flag('alter', 'Give a topic more partitions. Configs are changed with `kt configs`.'),
    flag('describe', 'Show partitions, leaders, replicas and configs that differ from the default.'),
    option('topic', 'String', 'topic', 'Topic to work on; a regular expression, except with --create.'),
    option('topic-id', 'String', 'topic-id', 'Describe the topic with this id instead of a name.'),
    option(
      'config',
      'String',
      'name=value',
      'With --create: a topic config to set. May be repeated. E.g. retention.ms=60000.',
    ),
    option('delete-config', 'String', 'name', 'Does nothing any more; use `kt configs --delete-config`.'),
    option('partitions', 'Integer', '# of partitions', 'How many partitions the topic gets, or grows to with --alter.'),
    option('replication-factor', 'Integer', 'replication factor', 'How many copies of each partition there are.'),
    option(
      'replica-assignment',
      'String',
      'broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...',
      'Which brokers hold which partition: commas between partitions, colons between the brokers of one.',
    ),
    flag('under-replicated-partitions', 'With --describe: only partitions with replicas out of sync.'),
    flag('unavailable-partitions', 'With --describe: only partitions without a live leader.'),
    flag('under-min-isr-partitions', 'With --describe: only partitions with fewer in-sync replicas than configured.'),
    flag('at-min-isr-partitions', 'With --describe: only partitions with just as many in-sync replicas as configured.'),
    flag('topics-with-overrides', 'With --describe: only topics that have configs of their own.'),
    flag('if-exists', 'With --alter, --delete and --describe: a missing topic is no error.'),
    flag('if-not-exists', 'With --create: an existing topic is no error.'),
    flag('exclude-internal', 'With --list and --describe: leave out topics Kafka itself uses.'),
    option(
      'partition-size-limit-per-response',
      'Integer',
      'maximum number of partitions per response',
      'How many partitions the broker may describe in one answer.',
    ),
    dryRunOption('With --delete: only show what would go away.'),
    outputOption,
    yesOption,
  ],
  examples: [
    { description: 'All topics', command: '--list' },
    { description: 'A topic with four partitions', command: '--create --topic orders --partitions 4' },
    {
      description: 'A compacted topic on a remote cluster',
      command: '--bootstrap-server kafka:9092 --create --topic prices --config cleanup.policy=compact',
    },
    { description: 'Where the partitions of some topics are', command: "--describe --topic 'orders|prices'" },
    { description: 'More partitions', command: '--alter --topic orders --partitions 8' },
    { description: 'Names for a program to read', command: '--list --output json' },
  ],
}
