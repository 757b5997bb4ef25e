import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'

/**
 * Asks before something is destroyed, when a person is there to answer: standard input and output are terminals and `--yes` was
 * not given. Scripts are never asked, and a protected profile asks for its name instead.
 * @throws CommandExit when the answer is no
 */
export const confirmDestructive = async (io: Io, options: Pick<OptionSet, 'has'>, question: string): Promise<void> => {
  if (!io.isTTY || !io.stdinIsTTY || options.has('yes') || io.session?.guarded) return
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

/** One line typed at the terminal, without its end. */
export const readLine = async (io: Io): Promise<string> => {
  let text = ''
  for await (const chunk of io.stdin()) {
    text += chunk.toString('utf8')
    if (text.includes('\n')) break
  }
  return text.split('\n', 1)[0]!.replace(/\r$/, '')
}
