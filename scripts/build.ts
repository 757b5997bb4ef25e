/**
 * Builds what is shipped: esbuild bundles in dist/, the declaration of the public export, and oclif.manifest.json.
 * `npm run build`; takes seconds. An entry whose source is missing is skipped with a line saying so.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type BuildResult, build, type Metafile } from 'esbuild'
import { importsOfCommon } from './build-common.ts'
import { toCommonJs } from './build-commonjs.ts'
import { filesBelow, fileUrls, importsOf, placeFileUrls, sourceFiles } from './build-file-urls.ts'
import { writeDeclarations } from './build-types.ts'
import { writeManifest } from './manifest.ts'
import { dist, root } from './paths.ts'

/** Source → bundle, both without extension. Commands and workers are found by their place and name. */
const ENTRIES: Record<string, string> = { 'src/cli/main': 'cli/main' }

/**
 * Ways to a broker, bundled apart from the commands: sharing modules with forty entries would cut them into dozens of small files, and a
 * broker's start would be spent on finding and opening those.
 */
const BROKER_ENTRIES: Record<string, string> = {
  'src/embedded/index': 'embedded',
  'src/embedded/foreground': 'broker/foreground',
  'src/broker/daemon': 'broker/daemon',
}

/** Entries that start a process: they run by way of the code cache of src/start. The cache's name for what they do. */
const PROGRAMS: Record<string, string> = { 'cli/main': 'process.argv[2]', 'broker/daemon': '"broker-daemon"' }

/** What nearly every command loads, with all it imports: one file (see build-common.ts). */
const COMMON = [
  'src/cli/main.ts',
  'src/tools/topics/command.ts',
  'src/client/admin/connect.ts',
  'src/client/admin/topics.ts',
  'src/config/client-config.ts',
  'src/config/bootstrap-servers.ts',
]

/**
 * What stays in node_modules: native and WebAssembly packages, those that find files or workers of their own, and compilers
 * that oclif would load in a development tree.
 */
const EXTERNAL = [
  '@bokuweb/zstd-wasm',
  '@napi-rs/keyring',
  'inquirer',
  'kafkajs',
  'lz4-napi',
  'prom-client',
  'snappy',
  'ts-node',
  'typescript',
]

function existing(entries: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [source, target] of Object.entries(entries)) {
    const path = join(root, `${source}.ts`)
    if (existsSync(path)) out[target] = path
    else console.error(`build: skipped ${target}.js: ${source}.ts doesn't exist`)
  }
  return out
}

function entryPoints(): Record<string, string> {
  const out = existing(ENTRIES)
  const commands = sourceFiles(join(root, 'commands'))
  if (commands.length === 0) console.error('build: skipped commands: commands/ is empty')
  for (const path of commands) out[relative(root, path).replace(/\.ts$/, '')] = path
  for (const path of sourceFiles(join(root, 'src'))) {
    if (path.endsWith('-worker.ts')) out[relative(join(root, 'src'), path).replace(/\.ts$/, '')] = path
  }
  return out
}

async function bundle(
  entries: Record<string, string>,
  others: Record<string, string>,
  appended: ReadonlyMap<string, string> = new Map(),
): Promise<BuildResult<{ metafile: true; write: false }>> {
  return build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    external: EXTERNAL,
    metafile: true,
    write: false,
    logLevel: 'warning',
    plugins: [fileUrls({ ...entries, ...others }, appended), importsOf(others)],
  })
}

/** What becomes of one file of the bundle: path and text of the files to write. */
async function shipped({ path, text }: { path: string; text: string }): Promise<[string, string][]> {
  const code = await toCommonJs(placeFileUrls(text, path))
  const program = relative(dist, path).replace(/\.js$/, '')
  const use = PROGRAMS[program]
  if (use === undefined) return [[path, code]]
  const start = relative(dirname(path), join(dist, 'start.js'))
  const stub = `module.exports=require("${start}").load("${program}-code.js",${use},require)\n`
  return [
    [path.replace(/\.js$/, '-code.js'), code],
    [path, stub],
  ]
}

async function bundleAll(entries: Record<string, string>, brokerEntries: Record<string, string>): Promise<Metafile> {
  const { metafile: apart } = await bundle(entries, brokerEntries)
  // Not the program itself: `kt --version` needs none of it.
  const starts = Object.values(entries).filter((path) => path.startsWith(join(root, 'commands')))
  const common = importsOfCommon(starts, COMMON, apart)
  const results = [await bundle(entries, brokerEntries, common), await bundle(brokerEntries, entries)]
  const starter = await bundle({ start: join(root, 'src/start/load.ts') }, {})
  const outputFiles = [...results, starter].flatMap((result) => result.outputFiles)
  const files = await Promise.all(outputFiles.map(shipped))
  const written = new Set(files.flat().map(([path]) => path))
  for (const [path, text] of files.flat()) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  // Only now: a kt that is running meanwhile may still load a chunk.
  for (const path of filesBelow(dist)) if (path.endsWith('.js') && !written.has(path)) rmSync(path)
  const [commands, broker] = results.map(({ metafile }) => metafile)
  return {
    inputs: { ...commands!.inputs, ...broker!.inputs },
    outputs: { ...commands!.outputs, ...broker!.outputs },
  }
}

async function main(): Promise<void> {
  const start = performance.now()
  const entries = entryPoints()
  const brokerEntries = existing(BROKER_ENTRIES)
  if (Object.keys(entries).length === 0)
    throw new Error('nothing to build: src/cli, src/embedded and commands are empty')
  const metafile = await bundleAll(entries, brokerEntries)
  writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n')
  if (existsSync(join(root, 'src/embedded/index.ts'))) writeDeclarations('src/embedded/index.ts')
  if (readdirSync(join(root, 'commands')).length > 0) await writeManifest()
  // Last: its time says when everything was built (scripts/fresh.mjs).
  writeFileSync(join(dist, 'meta.json'), JSON.stringify(metafile))
  const sizeBytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0)
  const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.error(
    `build: kt ${version}, ${Object.keys(entries).length} entries, ${Math.round(sizeBytes / 1024)} KiB in ${seconds} s`,
  )
}

try {
  await main()
} catch (error) {
  // esbuild and tsc have printed theirs.
  if (!(error instanceof Error && 'errors' in error)) console.error(error)
  console.error('build: failed')
  process.exitCode = 1
}
