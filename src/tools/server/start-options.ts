import { type CommandSpec, flag, option, versionOption } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'server-start',
  script: 'kafka-server-start',
  summary: 'Run a broker from a server.properties file.',
  description:
    'Runs in the foreground, logs to standard output, and stops cleanly on SIGTERM and SIGINT. The log directories must be formatted ' +
    '(`kt storage format`); one that is in use is refused. KT_LOG_LEVEL and KT_LOG_FORMAT=json|text change the log.',
  words: 'file',
  options: [
    option(
      'override',
      'String',
      '',
      'Optional property that should override values set in server.properties file (e.g. Key=value)',
    ),
    versionOption,
    flag('daemon', 'Run in the background; the log goes to kt-broker.log in the first log directory.', { own: true }),
    flag('help', 'Print this text.'),
  ],
  examples: [
    { description: 'Run a broker', command: 'server.properties' },
    {
      description: 'On another port',
      command: 'server.properties --override listeners=PLAINTEXT://:9192,CONTROLLER://:9193',
    },
  ],
}
