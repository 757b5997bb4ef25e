import type { CommandSpec } from '../../cli/option-spec.ts'
import type { ArgparseOption, ArgparseProgram } from '../shared/argparse/model.ts'
import { connectionOptions, outputOption } from '../shared/argparse/options.ts'
import { optionSpecs } from '../shared/argparse/spec.ts'

const dryRun: ArgparseOption = { name: 'dry-run', help: 'Have it checked, but change nothing.' }
const unsafe: ArgparseOption = { name: 'unsafe', help: 'Even if metadata may be lost by it.' }
const feature = (help: string, required = false): ArgparseOption => ({
  name: 'feature',
  metavar: 'FEATURE',
  repeats: true,
  required,
  help,
})
const levels: readonly ArgparseOption[] = [
  { name: 'metadata', metavar: 'METADATA', help: 'DEPRECATED: the metadata.version, for example 3.3-IV3.' },
  {
    name: 'release-version',
    metavar: 'RELEASE_VERSION',
    help: 'Take all features to their levels of this release, for example 4.0-IV3; version-mapping shows them.',
  },
  feature('A feature and its level, as feature=level, for example `share.version=1`.'),
]

export const program: ArgparseProgram = {
  name: 'kafka-features',
  description: 'This tool manages feature flags in Kafka.',
  options: [
    ...connectionOptions(false),
    { name: 'command-config', metavar: 'COMMAND_CONFIG', help: 'Properties file with settings for the client.' },
  ],
  commands: [
    {
      name: 'describe',
      help: 'Show the features and their levels.',
      options: [
        { name: 'node-id', metavar: 'NODE_ID', type: 'int', help: 'The node to ask; any one without it.' },
        outputOption,
      ],
    },
    { name: 'upgrade', help: 'Raise the level of features.', options: [...levels, dryRun] },
    { name: 'downgrade', help: 'Lower the level of features.', options: [...levels, unsafe, dryRun] },
    {
      name: 'disable',
      help: 'Turn features off, which is their level 0.',
      options: [feature('A feature to turn off.'), unsafe, dryRun],
    },
    {
      name: 'version-mapping',
      help: 'Show the feature levels of a release; of the latest stable one without --release-version.',
      options: [
        {
          name: 'release-version',
          metavar: 'RELEASE_VERSION',
          help: 'The release. The minimum is 3.3-IV3; the default is 4.3-IV0',
        },
      ],
    },
    {
      name: 'feature-dependencies',
      help: 'Show what a feature level depends on. Several features can be given.',
      options: [feature('A feature and its level, as feature=version, for example `metadata.version=5`.', true)],
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
  options: optionSpecs(program),
  examples: [
    { description: 'Features and their levels', command: 'describe' },
    { description: 'What an upgrade would do', command: 'upgrade --release-version 4.3 --dry-run' },
    { description: 'Share groups off', command: 'downgrade --feature share.version=0' },
    { description: 'The levels of a release', command: 'version-mapping --release-version 4.0' },
  ],
}
