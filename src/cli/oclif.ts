import { execute } from '@oclif/core'

/** `kt help topics` means `kt topics --help`, shown by oclif. */
const withoutHelpWord = (args: string[]): string[] => (args[0] === 'help' ? [...args.slice(1), '--help'] : args)

/**
 * Hands over to oclif: help, unknown commands.
 * @param root URL of the file the program was started as
 */
export const runOclif = async (args: string[], root: string): Promise<void> => {
  await execute({ args: withoutHelpWord(args), dir: root })
}
