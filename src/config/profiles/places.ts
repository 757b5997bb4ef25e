/** Where kt keeps what a user tells it (profiles), and what it remembers by itself (undo files). */
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** The environment variables that matter here. */
export type Environment = Readonly<Record<string, string | undefined>>

/** `text` unless it is missing, empty, or (as the XDG specification has it) not absolute. */
const absolute = (text: string | undefined): string | undefined =>
  text !== undefined && isAbsolute(text) ? text : undefined

/** The directory of profiles: KT_CONFIG_DIR, else `kt` in XDG_CONFIG_HOME, else ~/.config/kt. It need not exist. */
export const configDir = (env: Environment, home = homedir()): string =>
  env.KT_CONFIG_DIR ? resolve(env.KT_CONFIG_DIR) : join(absolute(env.XDG_CONFIG_HOME) ?? join(home, '.config'), 'kt')

/** The directory of kt's own state: KT_STATE_DIR, else `kt` in XDG_STATE_HOME, else ~/.local/state/kt. It need not exist. */
export const stateDir = (env: Environment, home = homedir()): string =>
  env.KT_STATE_DIR
    ? resolve(env.KT_STATE_DIR)
    : join(absolute(env.XDG_STATE_HOME) ?? join(home, '.local', 'state'), 'kt')

/** The file with all profiles. */
export const profilesPath = (env: Environment): string => join(configDir(env), 'profiles.yaml')

/** The name `kt profile use` chose, in a file of its own: reading it must not cost a command the YAML parser. */
export const currentPath = (env: Environment): string => join(configDir(env), 'current-profile')
