import { commandLoaders } from './commands.ts'
import { suggestCommand } from './suggest.ts'

/** `kt help topics` means `kt topics --help`, shown by oclif. */
const withoutHelpWord = (args: string[]): string[] => (args[0] === 'help' ? [...args.slice(1), '--help'] : args)

/** Says that there is no such command, with a guess at what was meant. */
const unknownCommand = (name: string): never => {
  const guess = suggestCommand(name, Object.keys(commandLoaders))
  const hint = guess === undefined ? '`kt help` lists the commands' : `did you mean \`kt ${guess}\`?`
  process.stderr.write(`${name} is not a kt command; ${hint}\n`)
  process.exit(2)
}

/**
 * Hands over to oclif, which knows help, once it is clear that there is a command to be helped with.
 * @param root URL of the file the program was started as
 */
export const runOclif = async (args: string[], root: string): Promise<void> => {
  const asked = withoutHelpWord(args)
  const [name] = asked
  if (name !== undefined && !name.startsWith('-') && !Object.hasOwn(commandLoaders, name)) unknownCommand(name)
  // The package is CommonJS: everything it has is in its default export.
  const { default: oclif } = await import('@oclif/core')
  await oclif.execute({ args: asked, dir: root })
}
