import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The environment variables that matter here. */
export type Environment = Readonly<Record<string, string | undefined>>

/** `text` unless it is missing, empty, or (as the XDG specification has it) not absolute. */
const absolute = (text: string | undefined): string | undefined => (text?.startsWith('/') ? text : undefined)

/**
 * Where the embedded broker keeps its data: KT_DATA_DIR, else `kt` in the platform's folder for a user's data.
 * @returns an absolute path, which need not exist
 */
export function resolveDataDir(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  if (env.KT_DATA_DIR) return resolve(env.KT_DATA_DIR)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'kt')
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'kt')
  return join(absolute(env.XDG_DATA_HOME) ?? join(home, '.local', 'share'), 'kt')
}
