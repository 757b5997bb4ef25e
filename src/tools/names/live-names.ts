import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { cacheDirectory } from '../../base/cache-directory.ts'
import type { Io } from '../../cli/io.ts'
import { REFRESH_WORD } from '../completion/options.ts'
import type { ClusterSource } from './ask.ts'
import { type Known, NameCache } from './cache.ts'
import type { Names } from './candidates.ts'
import type { CommandLine } from './command-line.ts'
import { chooseTarget, type Target } from './target.ts'

/** How long the first Tab waits for names that aren't there yet. */
const WAIT_MS = 300
const LOOK_EVERY_MS = 10
/** How long a process in the background may take for them. */
export const BACKGROUND_MS = 4000

/** Asks in a process of its own, which outlives this one and holds none of its streams. */
const refreshInBackground = (target: Target, source: ClusterSource): void => {
  const { execPath, execArgv, argv } = process
  const { servers, profile = '', configFile = '' } = target
  const words = ['completion', REFRESH_WORD, source, target.id, servers, profile, configFile]
  const child = spawn(execPath, [...execArgv, argv[1]!, ...words], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  })
  child.on('error', () => undefined)
  child.unref()
}

/**
 * Names from the cache. Old ones are shown while new ones are asked for in the background; where there are none, the answer is waited for,
 * but not for long. This process never connects to anything: it can't hang.
 */
export const liveNames = (line: CommandLine, io: Pick<Io, 'env'>, refresh = refreshInBackground): Names => {
  return async (source): Promise<readonly Known[]> => {
    if (source === 'profiles') return (await import('./ask.ts')).profileNames(io)
    const target = await chooseTarget(line, io)
    if (target === undefined) return []
    const cache = new NameCache(cacheDirectory(io.env), target.id, source)
    const found = cache.read()
    if (found?.fresh) return found.names
    if (cache.claim()) refresh(target, source)
    else return found?.names ?? []
    if (found !== undefined) return found.names
    const end = performance.now() + WAIT_MS
    while (performance.now() < end) {
      await pause(LOOK_EVERY_MS)
      const names = cache.read()?.names
      if (names !== undefined || cache.failed) return names ?? []
    }
    return []
  }
}
