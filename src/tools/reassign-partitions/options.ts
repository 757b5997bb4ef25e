import {
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  option,
  outputOption,
  versionOption,
  yesOption,
} from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'reassign-partitions',
  script: 'kafka-reassign-partitions',
  summary: 'Move partitions to other brokers or directories.',
  heading: 'This tool helps to move topic partitions between replicas.',
  description:
    '--generate proposes an assignment, --execute starts one, --verify tells how far it has come and lifts its throttles, --cancel ' +
    'stops it, --list shows what is under way. An assignment is a JSON file: {"version":1,"partitions":[{"topic":"foo",' +
    '"partition":0,"replicas":[1,2],"log_dirs":["any","/data"]}]}, where log_dirs may be left out.',
  options: [
    flag('verify', 'Tell whether the assignment of --reassignment-json-file is done, and lift throttles once it is.'),
    flag('generate', 'Propose an assignment for the topics of --topics-to-move-json-file; nothing is moved.'),
    flag('execute', 'Start the assignment of --reassignment-json-file.'),
    flag('cancel', 'Stop the assignment of --reassignment-json-file where it is under way.'),
    flag('list', 'Show all partitions that are being moved.'),
    option(
      'bootstrap-server',
      'String',
      'Server(s) to use for bootstrapping',
      'Where the cluster is: host:port, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else the chosen profile, else its embedded broker.',
      { optional: true },
    ),
    commandConfigOption('Admin client property file'),
    option('reassignment-json-file', 'String', 'manual assignment json file path', 'JSON file with an assignment.', {
      completion: 'file',
    }),
    option(
      'topics-to-move-json-file',
      'String',
      'topics to reassign json file path',
      'JSON file with topics: {"version":1,"topics":[{"topic":"foo"}]}.',
      { completion: 'file' },
    ),
    option('broker-list', 'String', 'brokerlist', 'Brokers to use: ids with commas between, for --generate.'),
    option(
      'bootstrap-controller',
      'String',
      'bootstrap controller to connect to',
      'Controller to ask instead of a broker; for --cancel and --list.',
      { optional: true },
    ),
    flag('disable-rack-aware', 'Do not spread replicas over racks.'),
    option('throttle', 'Long', 'throttle', 'Limit for moves between brokers in bytes a second, at least 1 KB.', {
      defaultValue: -1,
    }),
    option(
      'replica-alter-log-dirs-throttle',
      'Long',
      'replicaAlterLogDirsThrottle',
      'Limit for moves between directories of a broker in bytes a second, at least 1 KB.',
      { defaultValue: -1 },
    ),
    option('timeout', 'Long', 'timeout', 'How long to wait for moves between directories to start, in ms.', {
      defaultValue: 10_000,
    }),
    flag('additional', 'Start this assignment beside others that are under way, or change the throttle of one.'),
    flag('preserve-throttles', 'Leave throttles as they are.'),
    flag('disallow-replication-factor-change', 'Refuse assignments that change the number of replicas.'),
    outputOption,
    yesOption,
    helpOption,
    versionOption,
  ],
  exits: [{ code: 0, when: 'Also when --verify finds that a reassignment goes on or never began.' }],
  examples: [
    {
      description: 'Propose an assignment',
      command: '--generate --topics-to-move-json-file topics.json --broker-list 1,2,3',
    },
    { description: 'Start it', command: '--execute --reassignment-json-file plan.json --throttle 50000000' },
    { description: 'See how far it is, and lift the throttle', command: '--verify --reassignment-json-file plan.json' },
    { description: 'What is under way', command: '--list' },
  ],
}
