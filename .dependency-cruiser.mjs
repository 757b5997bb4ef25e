/**
 * The layers: what each folder of src may import, besides itself. A folder without a line may import nothing.
 * Broker code is reached from elsewhere only by dynamic import, so that commands start without it.
 */
const LAYERS = {
  base: [],
  start: ['base'],
  protocol: ['base'],
  net: ['protocol', 'base'],
  storage: ['protocol', 'base'],
  config: ['base'],
  broker: ['storage', 'net', 'protocol', 'config', 'base'],
  client: ['net', 'protocol', 'config', 'base'],
  embedded: ['client', 'config', 'base'],
  streams: ['client', 'protocol', 'config', 'base'],
  connect: ['client', 'protocol', 'config', 'base'],
  tools: ['storage', 'client', 'streams', 'connect', 'embedded', 'protocol', 'config', 'base'],
  cli: ['tools', 'embedded', 'client', 'config', 'base'],
}

/** What a command is made of (io, options, session …), as against the start-up path, which loads the commands. */
const CLI_TOOLKIT = '^src/cli/(?!main|commands|oclif)'

/** Folders that may load src/broker by dynamic import. */
const BROKER_LOADERS = ['cli', 'embedded']

const layerRules = Object.entries(LAYERS).map(([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `src/${name} may import: ${allowed.join(', ') || 'nothing of src'}`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: '^src/',
    pathNot: [
      ...[name, ...allowed, ...(BROKER_LOADERS.includes(name) ? ['broker'] : [])].map((folder) => `^src/${folder}/`),
      ...(name === 'tools' ? [CLI_TOOLKIT] : []),
    ],
  },
}))

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'broker-by-dynamic-import',
      comment: 'the client side loads the broker only when it starts one',
      severity: 'error',
      from: { path: `^src/(${BROKER_LOADERS.join('|')})/` },
      to: { path: '^src/broker/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'tools-by-dynamic-import',
      comment: 'the start-up path loads only the command that runs',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/tools/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'commands-reach-tools-and-cli',
      severity: 'error',
      from: { path: '^commands/' },
      to: { path: '^src/', pathNot: '^src/(cli|tools|embedded)/' },
    },
    {
      name: 'nobody-imports-commands-tests-or-scripts',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { path: '^(commands|test|scripts)/' },
    },
    {
      name: 'known-folders-only',
      comment: 'a new folder of src needs a line in LAYERS',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(LAYERS).join('|')})/` },
      to: {},
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|commands)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-type-cycles-between-folders',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { circular: true, via: { pathNot: '^src/$1/' }, pathNot: '^src/$1/' },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '/dist/' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'what is shipped uses only what is installed with it',
      severity: 'error',
      from: { path: '^(src|commands|bin)/', pathNot: '^bin/dev.js$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^dist/' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
}
