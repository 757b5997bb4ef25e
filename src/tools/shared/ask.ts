import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'

/**
 * Asks before something is destroyed, when a person is there to answer: standard input and output are terminals and `--yes` was
 * not given. Scripts are never asked.
 * @throws CommandExit when the answer is no
 */
export const confirmDestructive = async (io: Io, options: Pick<OptionSet, 'has'>, question: string): Promise<void> => {
  if (!io.isTTY || !io.stdinIsTTY || options.has('yes')) return
  await io.out.flush()
  const { default: inquirer } = await import('inquirer')
  let sure = false
  try {
    ;({ sure } = await inquirer.prompt([{ type: 'confirm', name: 'sure', message: question, default: false }]))
  } catch {
    // Ctrl-C at the question means no.
  }
  if (!sure) throw new CommandExit(1, 'Nothing was changed.\n')
}
