import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where kt keeps what it can do without: KT_CACHE_DIR, else `kt` in the platform's folder for such files. */
export const cacheDirectory = (env: Environment, platform = process.platform, home = homedir()): string => {
  if (env.KT_CACHE_DIR) return resolve(env.KT_CACHE_DIR)
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'kt')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'kt')
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'kt', 'cache')
  return join(home, '.cache', 'kt')
}
