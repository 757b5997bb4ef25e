import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'
import { operationNames } from './operations.ts'

const principalHelp = 'as Type:name, for example User:alice; User:* is everybody.'

export const spec: CommandSpec = {
  name: 'acls',
  script: 'kafka-acls',
  summary: 'Allow and deny users what they may do.',
  description:
    'Exactly one of --list, --add and --remove says what to do. --topic, --group, --cluster, --transactional-id, --delegation-token and ' +
    '--user-principal say with what; --producer and --consumer stand for all that a producer or consumer needs. ' +
    'Denying wins over allowing. The brokers need authorizer.class.name.',
  options: [
    ...adminOptions({ controller: true, config: 'command-config' }).map((one) =>
      one.name === 'command-config' ? { ...one, argument: { ...one.argument!, optional: true } } : one,
    ),
    flag('add', 'Add ACLs.'),
    flag('remove', 'Remove ACLs: those described by the other options, or all of the resources.'),
    flag('list', 'Show the ACLs, all or those of the resources given.'),
    option('topic', 'String', 'topic', 'A topic; * is every topic. May be repeated.'),
    flag('cluster', 'The cluster itself.'),
    option('group', 'String', 'group', 'A group; * is every group. May be repeated.'),
    option('transactional-id', 'String', 'transactional-id', 'A transactional id; * is every one. May be repeated.'),
    option('delegation-token', 'String', 'delegation-token', 'A delegation token; * is every one. May be repeated.'),
    option('user-principal', 'String', 'user-principal', 'A user whose tokens others may create or see.'),
    option(
      'resource-pattern-type',
      'String',
      '',
      'literal: names are meant as they are. prefixed: all that start so. With --list and --remove also any: either, and ' +
        'match: whatever applies to the names.',
      { defaultValue: 'LITERAL', completion: ['literal', 'prefixed', 'any', 'match'] },
    ),
    option('operation', 'String', '', `What is allowed or denied; may be repeated: ${operationNames.join(', ')}.`, {
      defaultValue: 'All',
      completion: operationNames,
    }),
    option('allow-principal', 'String', 'allow-principal', `Who is allowed, ${principalHelp} May be repeated.`),
    option('deny-principal', 'String', 'deny-principal', `Who is denied, ${principalHelp} May be repeated.`),
    option('allow-host', 'String', 'allow-host', 'Address from which it is allowed; every one without it.'),
    option('deny-host', 'String', 'deny-host', 'Address from which it is denied; every one without it.'),
    option('principal', 'String', 'principal', `With --list: only ACLs of this user, ${principalHelp}`, {
      optional: true,
    }),
    flag('producer', 'What a producer needs: Write, Describe and Create on the topics.'),
    flag('idempotent', 'With --producer: also IdempotentWrite on the cluster, which brokers before 2.8 want.'),
    flag('consumer', 'What a consumer needs: Read and Describe on the topics, Read on the groups.'),
    flag('force', 'Do not ask before removing.'),
    outputOption,
  ],
  examples: [
    { description: 'All ACLs', command: '--list' },
    {
      description: 'Alice may write to a topic',
      command: '--add --allow-principal User:alice --producer --topic orders',
    },
    {
      description: 'Bob may read it as a member of a group',
      command: '--add --allow-principal User:bob --consumer --topic orders --group billing',
    },
    {
      description: 'Everything about topics that start with tmp- is forbidden to Mallory',
      command: '--add --deny-principal User:mallory --operation All --topic tmp- --resource-pattern-type prefixed',
    },
    { description: 'Remove all ACLs of a topic', command: '--remove --topic orders --force' },
  ],
}
