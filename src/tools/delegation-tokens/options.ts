import { type CommandSpec, flag, option, outputOption } from '../../cli/option-spec.ts'
import { adminOptions } from '../shared/admin-options.ts'

export const spec: CommandSpec = {
  name: 'delegation-tokens',
  script: 'kafka-delegation-tokens',
  summary: 'Create, renew, expire, describe tokens.',
  description:
    'Exactly one of --create, --renew, --expire and --describe says what to do. A token lets others act as its owner over SASL/SCRAM ' +
    'for a while (KIP-48). Tokens can be asked for only over an authenticated connection, so --command-config is needed.',
  options: [
    ...adminOptions({ server: '', serverRequired: true, config: '' }).map((one) =>
      one.name === 'command-config' ? { ...one, required: true } : one,
    ),
    flag('create', 'Make a token.'),
    flag('renew', 'Make a token live longer.'),
    flag('expire', 'Make a token expire.'),
    flag('describe', 'Show the tokens of --owner-principal, or those you may see.'),
    option('owner-principal', 'String', '', 'Owner, as Type:name. May be repeated with --describe.', {
      optional: true,
    }),
    option('renewer-principal', 'String', '', 'With --create: who may renew it, as Type:name. May be repeated.', {
      optional: true,
    }),
    option('max-life-time-period', 'Long', '', 'How long a token may live at most, in ms; -1: as the brokers say.', {
      optional: true,
    }),
    option('renew-time-period', 'Long', '', 'How much longer it lives, in ms; -1: as the brokers say.', {
      optional: true,
    }),
    option('expiry-time-period', 'Long', '', 'When it expires, in ms from now; -1: at once.', { optional: true }),
    option('hmac', 'String', '', 'The HMAC of the token.', { optional: true }),
    outputOption,
  ],
  examples: [
    {
      description: 'A token that User:renewer may renew',
      command: '--create --max-life-time-period -1 --renewer-principal User:renewer --command-config client.properties',
    },
    {
      description: 'The tokens of a user',
      command: '--describe --owner-principal User:a --command-config c.properties',
    },
  ],
}
