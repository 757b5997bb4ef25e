import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'

/** Prints one JSON object a line, with the time and the name of what happened first. */
export const printEvent = (io: Io, name: string, fields: Readonly<Record<string, unknown>> = {}): void =>
  println(io.out, JSON.stringify({ timestamp: Date.now(), name, ...fields }))
