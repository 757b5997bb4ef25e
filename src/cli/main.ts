import { readFileSync } from 'node:fs'
import { commandLoaders } from './commands.ts'
import { processIo } from './io.ts'
import { runCommand } from './run-command.ts'

/** What oclif prints for `--version`, without loading oclif. */
const printVersion = (root: string): void => {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', root), 'utf8')) as Record<string, string>
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
}

/** At a terminal a command is run with an eye on names that don't exist. */
const guessing = async (): Promise<typeof runCommand> => (await import('./guess-names.ts')).runGuessing

/**
 * The program: known commands go straight to their module, everything else (help, unknown names) to help.ts. oclif is loaded only
 * to explain a command.
 * @param args arguments after `kt`
 * @param root URL of the file the program was started as; oclif finds package.json and the manifest from it
 */
export const main = async (args: readonly string[], root: string): Promise<void> => {
  const [name, ...rest] = args
  if (name === '--version') return printVersion(root)
  const io = processIo()
  const load = name === undefined ? undefined : Object.hasOwn(commandLoaders, name) ? commandLoaders[name] : undefined
  if (load !== undefined) {
    const [command, run] = await Promise.all([load(), io.stderrIsTTY ? guessing() : runCommand])
    process.exit(await run(command, rest, io))
  }
  const { help } = await import('./help.ts')
  const code = await help(args, io, async (command) => (await import('./oclif.ts')).explainCommand(command, root))
  await io.out.flush()
  process.exit(code)
}
