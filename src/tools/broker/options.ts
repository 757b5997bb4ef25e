import { type CommandSpec, flag, helpOption, option, outputOption } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'broker',
  script: 'kt-broker',
  summary: 'Start, stop and look at the embedded broker.',
  description:
    'Actions: start, stop, status and logs. Commands start the embedded broker by themselves when they need it; this manages it. Its ' +
    'data is in KT_DATA_DIR, else in the folder of the platform for such data. A broker that a command started stops after four hours ' +
    'without a client (KT_IDLE_TIMEOUT, e.g. 30m; 0 for never); one started with `kt broker start` stays. ' +
    'status and stop: exit code 0 when a broker runs or was stopped, status 3 when none runs.',
  words: ['start', 'stop', 'status', 'logs'],
  endless: ['logs', '--foreground'],
  options: [
    option('port', 'Integer', 'port', 'start: port for clients. Without it 9092, or any free one when that is taken.', {
      own: true,
    }),
    option('data-dir', 'String', 'directory', 'Directory of the data, instead of KT_DATA_DIR.', {
      own: true,
      completion: 'directory',
    }),
    option('config', 'String', 'file', 'start: a server.properties to use instead of the defaults.', {
      own: true,
      completion: 'file',
    }),
    option('override', 'String', 'key=value', 'start: a broker config. May be repeated.', { own: true }),
    option(
      'fault',
      'String',
      'fault',
      "start: a fault on demand, to test clients against, e.g. 'delay=200,api=Produce', 'error=NOT_LEADER_OR_FOLLOWER,api=Fetch,topic=orders,times=3', " +
        "'close,api=Produce,when=response' or 'disk=ENOSPC,path=orders-0'. May be repeated; the first that matches a request strikes.",
      { own: true },
    ),
    flag('foreground', 'start: stay in the foreground, logging to standard output.', { own: true }),
    flag('follow', 'logs: go on printing as the broker logs, until Ctrl-C. Short: -f.', { own: true }),
    option('lines', 'Integer', 'n', 'logs: how many lines to print; 100 unless given. Short: -n.', { own: true }),
    outputOption,
    helpOption,
  ],
  exits: [{ code: 3, when: '`status`: no broker runs.' }],
  examples: [
    { description: 'Start a broker in the background', command: 'start' },
    {
      description: 'On another port, with three partitions for new topics',
      command: 'start --port 9192 --override num.partitions=3',
    },
    { description: 'Where is it?', command: 'status --output json' },
    { description: 'What does it say?', command: 'logs -n 20 -f' },
    { description: 'Stop it', command: 'stop' },
  ],
}
