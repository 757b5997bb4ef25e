import { type CommandSpec, flag, helpOption, option, outputOption, yesOption } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'profile',
  script: 'kt-profile',
  summary: 'Clusters by name: addresses, logins, protection.',
  description:
    'Actions: add NAME, use NAME, list, show [NAME], remove NAME, and import kcat|kaf|kafkactl|rpk|properties [FILE]. Profiles are in ' +
    'profiles.yaml in KT_CONFIG_DIR, else in kt in XDG_CONFIG_HOME or ~/.config. Every command that talks to a cluster takes --profile NAME; else ' +
    'KT_PROFILE, else what `kt profile use` chose; --bootstrap-server and KT_BOOTSTRAP_SERVER go before these two. `embedded` is the ' +
    "embedded broker. A profile's properties are those of Java's clients, and sasl.username and sasl.password. Their values may say where a secret is: " +
    'keyring:SERVICE/ACCOUNT, exec:COMMAND (the first line it prints; no shell reads it), env:NAME or file:PATH. ' +
    'Changes to the cluster of a protected profile need its name, typed at the terminal or given with --confirm; a read-only one allows none.',
  words: ['add', 'use', 'list', 'show', 'remove', 'import'],
  hasNoSession: true,
  options: [
    option('bootstrap-server', 'String', 'host:port', 'add: where the cluster is; several with commas.', { own: true }),
    option('property', 'String', 'key=value', 'add: a property of the client. May be repeated.', { own: true }),
    option('from-file', 'String', 'file', "add: a properties file of Java's clients to take over.", {
      own: true,
      completion: 'file',
    }),
    option('name', 'String', 'name', 'import: the name of the profile, where the file has none.', { own: true }),
    option('description', 'String', 'text', 'add: what the cluster is for.', { own: true }),
    option('colour', 'String', 'colour', 'add: how `kt profile list` shows the name.', {
      own: true,
      completion: ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'],
    }),
    flag('protected', "add, import: changes need the profile's name, typed or with --confirm.", { own: true }),
    flag('read-only', 'add, import: changes are refused.', { own: true }),
    flag('keyring', "add, import: secrets go into the system's keyring instead of the file.", { own: true }),
    flag('force', 'add, import: replace what has that name.', { own: true }),
    yesOption,
    outputOption,
    helpOption,
  ],
  examples: [
    { description: 'A cluster without security', command: 'add dev --bootstrap-server dev:9092' },
    {
      description: 'One with a login; at a terminal the password is asked for',
      command:
        'add prod --bootstrap-server kafka:9093 --property security.protocol=SASL_SSL --property sasl.mechanism=SCRAM-SHA-512 --property sasl.username=me --protected',
    },
    { description: 'Use it from now on', command: 'use prod' },
    { description: 'Go back to the embedded broker', command: 'use embedded' },
    { description: "Take over kcat's settings", command: 'import kcat' },
  ],
}
