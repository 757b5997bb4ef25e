import { cacheDirectory } from '../../base/cache-directory.ts'
import type { Io } from '../../cli/io.ts'
import type { ClusterSource } from '../names/ask.ts'
import { NameCache } from '../names/cache.ts'
import { candidates } from '../names/candidates.ts'
import { readCommandLine, shellWords } from '../names/command-line.ts'
import { isNameKind } from '../names/kinds.ts'
import { BACKGROUND_MS, liveNames } from '../names/live-names.ts'

/** More than this nobody looks through. */
const MAX_CANDIDATES = 2000

/** `--option=value` cut; anything else is a value of the option before it. */
const typedValue = (words: readonly string[]): { option: string; value: string } => {
  const last = words.at(-1) ?? ''
  const [, option, value] = /^--?([^=]+)=(.*)$/s.exec(last) ?? []
  if (option !== undefined) return { option, value: value! }
  return { option: (words.at(-2) ?? '').replace(/^--?/, ''), value: last }
}

/**
 * What the scripts of the shells call: prints what the last word may become, one a line, and nothing else, whatever happens.
 *
 * @param args KIND, and then either `--line LINE CURRENT` (bash: the line up to the cursor, and the piece of the last word that will be
 *   replaced) or the words after `kt` up to the cursor, the last of which may be empty
 */
export const printWords = async ([kind, ...rest]: readonly string[], io: Io): Promise<number> => {
  try {
    if (!isNameKind(kind)) return 0
    const isLine = rest[0] === '--line'
    const words = isLine ? shellWords(rest[1] ?? '', io.env).slice(1) : rest
    const { option, value } = typedValue(words)
    const line = readCommandLine(words.slice(0, -1))
    const found = await candidates(kind, value, line, liveNames(line, io), option)
    const current = isLine ? (shellWords(rest[2] ?? '', io.env).at(-1) ?? '') : value
    const kept = isLine && value.endsWith(current) ? value.length - current.length : 0
    io.out.write(
      found
        .slice(0, MAX_CANDIDATES)
        .map((text) => `${text.slice(kept)}\n`)
        .join(''),
    )
  } catch {
    // At the Tab key there is no place for errors.
  }
  return 0
}

/** The process in the background: asks once and writes the cache, or is gone without a word. */
export const refreshNames = async (args: readonly string[], io: Io): Promise<number> => {
  const [source, id, servers, profile, configFile] = args as [ClusterSource, string, string, string, string]
  // process.exit() would wait for a name server that doesn't answer.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), BACKGROUND_MS).unref()
  const cache = new NameCache(cacheDirectory(io.env), id, source)
  try {
    const { askNames } = await import('../names/ask.ts')
    const target = { servers, profile: profile || undefined, configFile: configFile || undefined, id }
    const names = await askNames(target, source, BACKGROUND_MS, io).catch(() => undefined)
    if (names === undefined) cache.fail()
    else cache.write(names)
  } catch {
    // A folder that can't be written, or is gone: nobody is there to be told.
  }
  return 0
}
