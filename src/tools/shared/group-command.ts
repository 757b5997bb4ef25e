import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { debugStack, errorHints, errorMessage } from '../../cli/run-command.ts'
import { usageExit } from '../../cli/usage.ts'
import { printToolError } from '../consumer-groups/context.ts'
import { UsageArgumentError } from '../consumer-groups/topic-partitions.ts'

/**
 * Does the work of a command for groups; what goes wrong is said as the scripts do.
 * @param kind what the message calls the groups: `share group`
 * @returns whether all went well
 */
export const runGroupAction = async (
  spec: CommandSpec,
  kind: string,
  io: Io,
  work: () => Promise<void>,
): Promise<boolean> => {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof CommandExit) throw error
    if (error instanceof UsageArgumentError) usageExit(spec, error.message)
    printToolError(io, `Executing ${kind} command failed due to ${errorMessage(error)}`, undefined, error)
    for (const hint of errorHints(error)) println(io.err, hint)
    debugStack(io, error)
    return false
  }
}
