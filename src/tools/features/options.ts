import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import {
  commandConfigArgument,
  connectionArguments,
  connectionGroup,
  outputArgument,
} from '../shared/argparse-command.ts'

const dryRun: ArgparseArgument = { name: 'dry-run', action: 'flag', help: 'Have it checked, but change nothing.' }
const unsafe: ArgparseArgument = { name: 'unsafe', action: 'flag', help: 'Even if metadata may be lost by it.' }
const feature = (help: string, required = false): ArgparseArgument => ({
  name: 'feature',
  repeats: true,
  required,
  help,
})
const levels: readonly ArgparseArgument[] = [
  { name: 'metadata', help: 'DEPRECATED: the metadata.version, for example 3.3-IV3.' },
  {
    name: 'release-version',
    help: 'Take all features to their levels of this release, for example 4.0-IV3; version-mapping shows them.',
  },
  feature('A feature and its level, as feature=level, for example `share.version=1`.'),
]

export const parser: ArgparseParser = {
  name: 'kafka-features',
  description: 'This tool manages feature flags in Kafka.',
  helpCode: 0,
  arguments: [helpArgument, ...connectionArguments(), commandConfigArgument],
  groups: [connectionGroup('optional')],
  commands: [
    {
      name: 'describe',
      help: 'Show the features and their levels.',
      arguments: [
        helpArgument,
        { name: 'node-id', type: 'Integer', help: 'The node to ask; any one without it.' },
        outputArgument,
      ],
    },
    {
      name: 'upgrade',
      help: 'Raise the level of features.',
      arguments: [helpArgument, ...levels, dryRun, outputArgument],
    },
    {
      name: 'downgrade',
      help: 'Lower the level of features.',
      arguments: [helpArgument, ...levels, unsafe, dryRun, outputArgument],
    },
    {
      name: 'disable',
      help: 'Turn features off, which is their level 0.',
      arguments: [helpArgument, feature('A feature to turn off.'), unsafe, dryRun, outputArgument],
    },
    {
      name: 'version-mapping',
      help: 'Show the feature levels of a release; of the latest stable one without --release-version.',
      arguments: [
        helpArgument,
        {
          name: 'release-version',
          help: 'The release. The minimum is 3.3-IV3; the default is 4.3-IV0',
        },
        outputArgument,
      ],
    },
    {
      name: 'feature-dependencies',
      help: 'Show what a feature level depends on. Several features can be given.',
      arguments: [
        helpArgument,
        feature('A feature and its level, as feature=version, for example `metadata.version=5`.', true),
        outputArgument,
      ],
    },
  ],
}

export const spec: CommandSpec = {
  name: 'features',
  script: 'kafka-features',
  summary: 'Show and change the features of a cluster.',
  description:
    'Options of the connection come before the sub-command: describe, upgrade, downgrade, disable, version-mapping or ' +
    'feature-dependencies. The last two need no cluster.',
  words: ['describe', 'upgrade', 'downgrade', 'disable', 'version-mapping', 'feature-dependencies'],
  options: optionsOf(parser),
  examples: [
    { description: 'Features and their levels', command: 'describe' },
    { description: 'What an upgrade would do', command: 'upgrade --release-version 4.3 --dry-run' },
    { description: 'Share groups off', command: 'downgrade --feature share.version=0' },
    { description: 'The levels of a release', command: 'version-mapping --release-version 4.0' },
  ],
}
