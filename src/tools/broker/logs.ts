import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { EmbeddedError } from '../../embedded/errors.ts'
import { LOG_FILE } from '../../embedded/find-or-start.ts'
import { followFile, lastLines } from '../../embedded/log-tail.ts'

const DEFAULT_LINES = 100

/** `kt broker logs`: the end of the broker's log, and with --follow what comes after. Throws EmbeddedError when there is none. */
export const logs = async (options: OptionSet, io: Io, dataDir: string): Promise<number> => {
  const path = join(dataDir, LOG_FILE)
  const count = options.int('lines') ?? DEFAULT_LINES
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) {
    throw new EmbeddedError(
      `There is no log in ${dataDir}.`,
      'No broker has run there yet, or it logged to its standard output: kt broker start',
    )
  }
  io.out.write(lastLines(path, Math.max(0, count)))
  if (!options.has('follow')) return 0
  await new Promise<void>((resolve) => {
    const stopFollowing = followFile(path, size, (data) => {
      io.out.write(data)
      if (io.out.closed) end()
    })
    const stopListening = io.onInterrupt(() => end())
    const end = (): void => {
      stopFollowing()
      stopListening()
      resolve()
    }
  })
  return 0
}
