import type { ArgparseValues } from '../../cli/argparse.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { errorHints, errorMessage } from '../../cli/run-command.ts'
import type { Admin } from '../../client/types.ts'

/** What a sub-command works with. */
export interface TransactionsContext {
  admin: Admin
  values: ArgparseValues
  io: Io
}

/** Ends the command with a complaint of its own. */
export const fail = (message: string, cause?: unknown): never => {
  throw new CommandExit(1, `${message}\n`, `${message}\n`, { cause })
}

/** Ends the command because of its arguments. */
export const misuse = (message: string): never => {
  throw new CommandExit(1, `${message}\n`, `${message}\n`, { isUsage: true })
}

/** Ends the command because of an error, in the words of Kafka's tool. */
export const failBecause = (message: string, error: unknown): never => {
  const text = `${message}: ${errorMessage(error)}. Enable debug logging for additional detail.`
  // At a terminal with what kt knows beyond Kafka's words.
  throw new CommandExit(1, `${text}\n`, `${[text, ...errorHints(error)].join('\n')}\n`, { cause: error })
}
