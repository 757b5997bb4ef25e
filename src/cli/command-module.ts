import type { Io } from './io.ts'
import type { CommandSpec } from './option-spec.ts'

/**
 * What src/tools/<command>/command.ts exports: the description and the action. Neither needs oclif, which is why the hot path
 * of a command stays free of it.
 */
export interface CommandModule {
  spec: CommandSpec
  /** Runs with the arguments after the command's name; resolves with the exit code. */
  run(args: readonly string[], io: Io): Promise<number>
}
