import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { outputArgument } from '../shared/argparse-command.ts'

const PROVIDERS = 'plugin providers'

const providers: readonly ArgparseArgument[] = [
  {
    name: 'plugin-location',
    repeats: true,
    group: PROVIDERS,
    completion: 'file',
    help: 'One place with plugins: a jar, a JavaScript module, or a folder that is one plugin',
  },
  {
    name: 'plugin-path',
    repeats: true,
    group: PROVIDERS,
    completion: 'directory',
    help: 'Folders with plugins, with commas between them',
  },
  {
    name: 'worker-config',
    repeats: true,
    group: PROVIDERS,
    completion: 'file',
    help: 'A worker configuration file, whose plugin.path counts',
  },
]

const groups = [{ title: PROVIDERS }]

export const parser: ArgparseParser = {
  name: 'connect-plugin-path',
  description: 'Manage plugins on the Connect plugin.path',
  arguments: [helpArgument],
  commands: [
    {
      name: 'list',
      help: 'List the plugins in the given places',
      arguments: [helpArgument, ...providers, outputArgument],
      groups,
    },
    {
      name: 'sync-manifests',
      help: 'Not there: kt reads no classes, so it can not tell what a manifest lacks',
      arguments: [
        helpArgument,
        ...providers,
        { name: 'dry-run', action: 'flag', help: 'Change nothing' },
        { name: 'keep-not-found', action: 'flag', help: 'Keep manifests of plugins that are missing' },
      ],
      groups,
    },
  ],
}

export const spec: CommandSpec = {
  name: 'connect-plugin-path',
  script: 'connect-plugin-path',
  summary: 'List the plugins that lie in plugin paths.',
  description:
    'list names JavaScript plugins, and of jars the plugins their ServiceLoader manifests name: classes are not scanned, so that a plugin without ' +
    'manifest does not show. What is in a jar is not loadable by kt. sync-manifests is not there and fails: it would have to read classes.',
  words: ['list', 'sync-manifests'],
  options: optionsOf(parser),
  examples: [
    { description: 'What lies in a plugin path', command: 'list --plugin-path /opt/connect-plugins' },
    { description: 'What a worker would find', command: 'list --worker-config worker.properties' },
  ],
}
