import { join, resolve } from 'node:path'
import { type ArgparseValues, argparseExit } from '../../cli/argparse.ts'
import { CommandExit, NotYetSupportedError } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { errorMessage } from '../../cli/run-command.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { loadProperties } from '../shared/connect.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { documentRows, kindOfPath, listText, type Row, rowsOfJar, rowsOfModule } from './list.ts'
import { parser, spec } from './options.ts'

export { spec }

const COMMAS = /\s*,\s*/

/** The folders of `plugin.path`s, and single places. */
interface Places {
  readonly paths: readonly string[]
  readonly locations: readonly string[]
}

const fail = (message: string): never => {
  throw new CommandExit(1, `${message}\n`)
}

const placesOf = async (values: ArgparseValues): Promise<Places> => {
  const [locations, paths, configs] = ['plugin-location', 'plugin-path', 'worker-config'].map((name) =>
    values.list(name),
  )
  if (locations!.length + paths!.length + configs!.length === 0) {
    argparseExit(parser, 'Must specify at least one --plugin-location, --plugin-path, or --worker-config')
  }
  for (const location of locations!) {
    if (kindOfPath(location) === null) fail(`Specified location ${location} does not exist`)
  }
  const fromConfigs: string[] = []
  for (const file of configs!) {
    const properties = await loadProperties(file).catch(() => fail(`Unable to read worker config at ${file}`))
    fromConfigs.push(properties.get('plugin.path') ?? '')
  }
  const all = [...paths!, ...fromConfigs].flatMap((text) => text.split(COMMAS)).filter((path) => path !== '')
  for (const path of all) {
    if (kindOfPath(path) !== 'folder') fail(`java.io.FileNotFoundException: ${resolve(path)}`)
  }
  return { paths: all, locations: locations! }
}

/** What is found is listed, what can't be read is told. */
const rowsOf = async ({ paths, locations }: Places, io: Io): Promise<Row[]> => {
  const { loadModule, readPluginFolder } = await import('../../connect/plugins/plugin-path.ts')
  const rows: Row[] = []
  const attempt = async (path: string, read: () => Row[] | Promise<Row[]>): Promise<void> => {
    try {
      rows.push(...(await read()))
    } catch (error) {
      println(io.err, `WARN ${path} is left out: ${errorMessage(error)}`)
    }
  }
  const modules: (readonly [path: string, shown: string])[] = []
  const jars: (readonly [path: string, shown: string])[] = []
  const takeFolder = (folder: string, shown: (path: string) => string): void => {
    const found = readPluginFolder(folder)
    modules.push(...found.modules.map((path) => [path, shown(path)] as const))
    jars.push(...found.jars.map((path) => [path, shown(path)] as const))
  }
  for (const path of paths) takeFolder(resolve(path), (found) => found)
  for (const location of locations) {
    if (/\.(?:jar|zip)$/.test(location)) jars.push([location, location])
    else if (kindOfPath(location) === 'file' || kindOfPath(join(location, 'package.json')) !== null)
      modules.push([resolve(location), location])
    else takeFolder(resolve(location), () => location)
  }
  for (const [path, shown] of modules) await attempt(path, async () => rowsOfModule(await loadModule(path), shown))
  for (const [path, shown] of jars) await attempt(path, () => rowsOfJar(path, shown))
  return rows
}

/** `connect-plugin-path.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  const places = await placesOf(values)
  if (values.command === 'sync-manifests') {
    throw Object.assign(new NotYetSupportedError('kt connect-plugin-path has no sync-manifests.'), {
      nextStep:
        "It would have to read Java classes. Run Kafka's connect-plugin-path.sh for jars; JavaScript plugins need no manifest.",
    })
  }
  const format = outputFormat(values, io)
  const rows = await rowsOf(places, io)
  if (format === undefined) io.out.write(listText(rows))
  else await printStructured(io, format, documentRows(rows), ['plugin', 'version', 'type', 'isLoadable', 'location'])
  return 0
}
