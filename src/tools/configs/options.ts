import { type CommandSpec, dryRunOption, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'configs',
  script: 'kafka-configs',
  summary: 'Show and change configs of topics, brokers, users.',
  description:
    'Exactly one of --describe and --alter says what to do, and either --entity-type with --entity-name or one of --topic, ' +
    '--broker, --broker-logger, --group, --client-metrics, --user, --client and --ip says with what.',
  options: [
    ...adminOptions({ controller: true }),
    flag('alter', 'Change configs.'),
    flag('describe', 'Show the configs that were set, or with --all every one.'),
    flag('all', 'With --describe: also the configs that keep their default or come from the server.properties file.'),
    option(
      'entity-type',
      'String',
      '',
      'Kind of thing: topics, brokers, broker-loggers, groups, client-metrics, users, clients or ips.',
      { completion: ['topics', 'brokers', 'broker-loggers', 'groups', 'client-metrics', 'users', 'clients', 'ips'] },
    ),
    option('entity-name', 'String', '', 'Its name: topic, broker id, group id, user, client id or address.'),
    flag('entity-default', 'The default for all users, clients, brokers or ips instead of one of them.'),
    option(
      'add-config',
      'String',
      '',
      'Configs to set: k1=v1,k2=v2. Values with commas in them go into square brackets: k1=[a,b],k2=c.',
    ),
    option('add-config-file', 'String', '', 'Properties file with configs to set.', { completion: 'file' }),
    option('delete-config', 'String', '', 'Configs to set back to their default, with commas.', { separator: ',' }),
    option('topic', 'String', '', 'A topic.'),
    option('client', 'String', '', 'A client id.'),
    flag('client-defaults', 'All clients without an entry of their own.'),
    option('user', 'String', '', 'A user.'),
    flag('user-defaults', 'All users without an entry of their own.'),
    option('broker', 'String', '', 'A broker, by its id.'),
    flag('broker-defaults', 'All brokers.'),
    option('broker-logger', 'String', '', 'The loggers of a broker, by its id.'),
    flag('ip-defaults', 'All addresses without an entry of their own.'),
    option('ip', 'String', '', 'An address clients connect from.'),
    option('group', 'String', '', 'A group.'),
    option('client-metrics', 'String', '', 'A client metrics subscription.'),
    dryRunOption('With --alter: only show old and new values, and ask the brokers whether they would take them.'),
    outputOption,
  ],
  exits: [{ code: 0, when: 'Also when --describe names something that is not there.' }],
  examples: [
    { description: 'What was set on a topic', command: '--describe --topic orders' },
    {
      description: 'Every config of a topic with where its value comes from',
      command: '--describe --topic orders --all',
    },
    { description: 'Keep records for a day', command: '--alter --topic orders --add-config retention.ms=86400000' },
    { description: 'Back to the default', command: '--alter --topic orders --delete-config retention.ms' },
    {
      description: 'A value with a comma',
      command: "--alter --topic prices --add-config 'cleanup.policy=[compact,delete]'",
    },
    {
      description: 'What a user may produce and consume, in bytes a second',
      command: "--alter --user alice --add-config 'producer_byte_rate=1048576,consumer_byte_rate=2097152'",
    },
    {
      description: 'A password for SCRAM',
      command: "--alter --user alice --add-config 'SCRAM-SHA-512=[iterations=8192,password=secret]'",
    },
    { description: 'A setting of one broker', command: '--alter --broker 1 --add-config log.cleaner.threads=2' },
  ],
}
