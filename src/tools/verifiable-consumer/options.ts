import { type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { bootstrapArgument, connectionGroup } from '../verifiable-producer/options.ts'

export const parser: ArgparseParser = {
  name: 'verifiable-consumer',
  description:
    'Reads a topic as a member of a group, and prints a JSON object for everything that happens: partitions that come and go, ' +
    'records, commits.',
  showDefaults: true,
  arguments: [
    helpArgument,
    { name: 'topic', metavar: 'TOPIC', required: true, help: 'Topic to read.' },
    {
      name: 'group-protocol',
      metavar: 'GROUP-PROTOCOL',
      defaultValue: 'classic',
      help: 'Protocol of the group: CLASSIC or CONSUMER.',
    },
    { name: 'group-remote-assignor', metavar: 'GROUP-REMOTE-ASSIGNOR', help: 'Assignor of the broker, with CONSUMER.' },
    { name: 'group-id', metavar: 'GROUP-ID', required: true, help: 'Group to read in.' },
    { name: 'group-instance-id', metavar: 'GROUP-INSTANCE-ID', help: 'Name of this member, if it is a static one.' },
    {
      name: 'max-messages',
      metavar: 'MAX-MESSAGES',
      type: 'Integer',
      defaultValue: '-1',
      help: 'How many records to read; -1 for no end.',
    },
    { name: 'session-timeout', metavar: 'TIMEOUT-MS', type: 'Integer', help: 'Session timeout in ms, with CLASSIC.' },
    { name: 'verbose', action: 'flag', help: 'Print every record too.' },
    { name: 'enable-autocommit', action: 'flag', help: 'Let the consumer commit by itself.' },
    {
      name: 'reset-policy',
      metavar: 'RESET-POLICY',
      defaultValue: 'earliest',
      help: 'Where to start without a committed offset: earliest, latest or none.',
    },
    {
      name: 'assignment-strategy',
      metavar: 'ASSIGNMENT-STRATEGY',
      defaultValue: 'org.apache.kafka.clients.consumer.RangeAssignor',
      help: 'Class of the assignor, with CLASSIC.',
    },
    { name: 'consumer.config', metavar: 'CONFIG-FILE', help: '(DEPRECATED) As --command-config.' },
    {
      name: 'command-config',
      metavar: 'CONFIG-FILE',
      help: 'Properties file for the consumer; the options come before it.',
    },
    { ...bootstrapArgument, required: true },
  ],
  groups: [connectionGroup],
}

export const spec: CommandSpec = {
  name: 'verifiable-consumer',
  script: 'kafka-verifiable-consumer',
  summary: 'Read in a group and tell all that happens.',
  description: 'Every line of the output is a JSON object; it is meant for tests of systems.',
  options: optionsOf(parser),
  examples: [
    {
      description: 'A thousand records, each of them shown',
      command: '--topic verify --group-id checkers --max-messages 1000 --verbose',
    },
  ],
}
