import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'

/**
 * Which of an option's two names to read, with the notice Kafka's scripts print for the old one.
 */
export const successorOf = (options: OptionSet, io: Io, deprecated: string, name: string): string => {
  if (!options.has(deprecated)) return name
  println(
    io.out,
    `Option --${deprecated} is deprecated and will be removed in a future version. Use --${name} instead.`,
  )
  return deprecated
}
