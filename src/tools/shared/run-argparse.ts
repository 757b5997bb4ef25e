import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { ArgparseError, type ArgparseProgram, type ArgparseValues } from './argparse/model.ts'
import { parseArguments } from './argparse/parse.ts'

/**
 * Reads the arguments of a script with sub-commands; `--bootstrap-server` may be missing where kt finds a cluster by itself.
 * @returns the exit code when the help was asked for and printed
 * @throws CommandExit with argparse4j's words, or `describe` of the error
 */
export const readArguments = (
  program: ArgparseProgram,
  args: readonly string[],
  io: Io,
  { helpCode = 0, describe }: { helpCode?: number; describe?: (error: ArgparseError) => string } = {},
): ArgparseValues | number => {
  try {
    const parsed = parseArguments(program, args, mayOmitBootstrap(io) ? ['bootstrap-server'] : [])
    if (!('help' in parsed)) return parsed
    io.out.write(parsed.help)
    return helpCode
  } catch (error) {
    if (!(error instanceof ArgparseError)) throw error
    throw new CommandExit(1, describe ? describe(error) : error.text)
  }
}
