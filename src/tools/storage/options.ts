import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { outputArgument } from '../shared/argparse-command.ts'

const config: ArgparseArgument = {
  name: 'config',
  short: 'c',
  completion: 'file',
  required: true,
  help: 'The Kafka configuration file to use.',
}

const release = (help: string): ArgparseArgument => ({
  name: 'release-version',
  short: 'r',
  help: `${help} The minimum is 3.3-IV3; the default is 4.3-IV0`,
})

const QUORUM = 'quorum'

/** The sub-commands, as the usage text shows them. */
const commands: readonly ArgparseParser[] = [
  {
    name: 'info',
    help: 'Get information about the Kafka log directories on this node.',
    arguments: [helpArgument, config, outputArgument],
  },
  {
    name: 'format',
    help: 'Format the Kafka log directories on this node.',
    arguments: [
      helpArgument,
      config,
      { name: 'cluster-id', short: 't', required: true, help: 'The cluster ID to use.' },
      {
        name: 'add-scram',
        short: 'S',
        repeats: true,
        help: "A SCRAM_CREDENTIAL to add to the __cluster_metadata log e.g. 'SCRAM-SHA-256=[name=alice,password=alice-secret]'.",
      },
      {
        name: 'ignore-formatted',
        short: 'g',
        action: 'flag',
        help: 'Skip directories that are formatted already instead of failing.',
      },
      release('The release version to use for the initial feature settings.'),
      {
        name: 'feature',
        short: 'f',
        repeats: true,
        help: 'A feature and its level, as feature=level, e.g. `kraft.version=1`.',
      },
      outputArgument,
      {
        name: 'standalone',
        short: 's',
        action: 'flag',
        group: QUORUM,
        help: 'This controller is a dynamic quorum of one. controller.quorum.voters must not be set; set controller.quorum.bootstrap.servers.',
      },
      {
        name: 'no-initial-controllers',
        short: 'N',
        action: 'flag',
        group: QUORUM,
        help: 'This node joins a dynamic quorum that exists. controller.quorum.voters must not be set; set controller.quorum.bootstrap.servers.',
      },
      {
        name: 'initial-controllers',
        short: 'I',
        group: QUORUM,
        help: 'The controllers a dynamic quorum starts with, id@hostname:port:directory with commas between; the same on all nodes. E.g. 0@example.com:8082:JEXY6aqzQY-32P5TStzaFg,1@example.com:8083:MvDxzVmcRsaTz33bUuRU6A',
      },
    ],
    groups: [{ title: QUORUM, oneOf: 'optional', hidden: true }],
  },
  {
    name: 'version-mapping',
    help: 'Show the feature levels of a release; of the latest stable one without --release-version.',
    arguments: [
      helpArgument,
      release('The release version to use for the corresponding feature mapping.'),
      outputArgument,
    ],
  },
  {
    name: 'feature-dependencies',
    help: 'Show what a feature level depends on. Several features can be given.',
    arguments: [
      helpArgument,
      {
        name: 'feature',
        short: 'f',
        required: true,
        repeats: true,
        help: 'A feature and its level, as feature=version, e.g. `metadata.version=5`.',
      },
      outputArgument,
    ],
  },
  { name: 'random-uuid', help: 'Print a random UUID.', arguments: [helpArgument, outputArgument] },
]

export const parser: ArgparseParser = {
  name: 'kafka-storage',
  description: 'The Kafka storage tool.',
  helpCode: 0,
  arguments: [helpArgument],
  commands,
}

/** The command as `kt help` and the man page show it. */
export const spec: CommandSpec = {
  name: 'storage',
  script: 'kafka-storage',
  summary: 'Format log directories; show how they were.',
  description:
    'Sub-commands: info, format, version-mapping, feature-dependencies and random-uuid. A directory formatted here opens in ' +
    'Apache Kafka 4.3, and the other way round. The embedded broker formats its own directory.',
  words: commands.map(({ name }) => name),
  options: optionsOf(parser),
  exits: [{ code: 1, when: 'Also when `info` finds a problem.' }],
  examples: [
    { description: 'A new cluster id', command: 'random-uuid' },
    {
      description: 'Format the directories of a single node',
      command: 'format --standalone -t MkU3OEVBNTcwNTJENDM2Qg -c server.properties',
    },
    { description: 'What a node was formatted for', command: 'info -c server.properties' },
  ],
}
