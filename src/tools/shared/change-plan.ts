/** What a change would come to, shown before it happens: at a terminal, or instead of the change with `--dry-run`. */
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'

/** Makes the lines of a plan; may ask the cluster. */
type MakePlan = () => Promise<readonly string[]>

/**
 * Shows a plan where somebody reads it: on standard output with kt's own `--dry-run`, else on standard error when a person sits there.
 * In a pipe nothing is asked of the cluster and nothing printed, so that the output is Kafka's.
 * @returns true when that is all that is wanted
 */
export const showPlan = async (io: Io, options: Pick<OptionSet, 'has'>, make: MakePlan): Promise<boolean> => {
  if (options.has('dry-run')) {
    for (const line of await make()) println(io.out, line)
    return true
  }
  if (!io.isTTY || !io.stdinIsTTY || !io.stderrIsTTY) return false
  // Whoever may change something need not be allowed to read it: then there is no plan.
  for (const line of await make().catch(() => [])) println(io.err, line)
  return false
}

/** `1 record`, `2 records`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** `+5`, `-3`, `±0`. */
export const signed = (difference: number): string =>
  difference === 0 ? '±0' : difference > 0 ? `+${difference}` : String(difference)
