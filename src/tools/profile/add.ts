import { dirname } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { parseKeyValues } from '../../cli/usage.ts'
import { COLOURS, checkName, type Profile, ProfileFile } from '../../config/profiles/profile-file.ts'
import { isLiteralSecret, keyringPlaceOf, storeInKeyring } from '../../config/profiles/secrets.ts'
import { loadProperties } from '../shared/connect.ts'
import { withAbsolutePaths } from './absolute-paths.ts'
import { askForPassword } from './ask-password.ts'
import type { Action } from './command.ts'

/** What of a properties file or of flags belongs to a profile's other fields. */
const BOOTSTRAP = 'bootstrap.servers'

const colourOf = (options: OptionSet): Profile['colour'] => {
  const text = options.text('colour')
  const colour = COLOURS.find((one) => one === text)
  if (text !== undefined && colour === undefined) {
    throw new CommandExit(1, `There is no colour '${text}'; it may be ${COLOURS.join(', ')}.\n`)
  }
  return colour
}

/** Says which secrets stand in the file as they are, and where they could be instead. */
export const warnOfSecrets = (profile: Profile, path: string, io: Io): void => {
  const secrets = [...profile.properties].filter(([name, value]) => isLiteralSecret(name, value))
  if (secrets.length === 0) return
  println(
    io.err,
    `WARN ${secrets.map(([name]) => name).join(', ')} of '${profile.name}' can be read in ${path} (which only you may read). ` +
      'Its value may be keyring:SERVICE/ACCOUNT, exec:COMMAND, env:NAME or file:PATH instead.',
  )
}

/**
 * A profile as it is kept: paths absolute, and with `--keyring` what it has of secrets in the system's keyring. Warns of files that are
 * not there.
 */
export const settle = async (
  profile: Profile,
  folders: readonly string[],
  options: OptionSet,
  io: Io,
): Promise<Profile> => {
  const { properties, missing } = withAbsolutePaths(profile.properties, folders)
  for (const path of missing) println(io.err, `WARN ${profile.name}: there is no file ${path} yet.`)
  if (options.has('keyring')) {
    for (const [name, value] of properties) {
      if (!isLiteralSecret(name, value)) continue
      const place = keyringPlaceOf(profile.name, name)
      await storeInKeyring(place, value)
      properties.set(name, `keyring:${place}`)
    }
  }
  return { ...profile, properties }
}

/** Fails unless the name is free, or `--force` was given. */
const requireFree = (file: ProfileFile, name: string, options: OptionSet): void => {
  if (!file.profiles.has(name) || options.has('force')) return
  throw new CommandExit(1, `There is a profile '${name}' already. --force replaces it.\n`)
}

/** A login without its password: asked for at a terminal, an error elsewhere. */
const completeLogin = async (profile: Profile, io: Io): Promise<Profile> => {
  const { properties, name } = profile
  if (properties.has('sasl.password') && !properties.has('sasl.username')) {
    throw new CommandExit(1, 'sasl.password without sasl.username: whose is it?\n')
  }
  const isComplete = properties.has('sasl.password') || properties.has('sasl.jaas.config')
  if (!properties.has('sasl.username') || isComplete) return profile
  if (!io.isTTY || !io.stdinIsTTY) {
    throw new CommandExit(
      1,
      'sasl.username without sasl.password.\nGive it as --property sasl.password=VALUE, where VALUE is keyring:SERVICE/ACCOUNT, exec:COMMAND, env:NAME or file:PATH.\n',
    )
  }
  const password = await askForPassword(io, name, properties.get('sasl.username')!)
  return { ...profile, properties: new Map([...properties, ['sasl.password', password]]) }
}

/** `kt profile add NAME`. */
export const add: Action = async ([name = ''], options, io) => {
  checkName(name)
  const file = new ProfileFile(io.env)
  requireFree(file, name, options)
  const path = options.text('from-file')
  const properties = path === undefined ? new Map<string, string>() : await loadProperties(path)
  const pairs = options.texts('property')
  if (!pairs.every((pair) => /^[^=]+=/.test(pair))) {
    throw new CommandExit(1, '--property takes key=value, for example security.protocol=SASL_SSL.\n')
  }
  for (const [key, value] of parseKeyValues(pairs)) properties.set(key, value)
  const bootstrap = options.text('bootstrap-server') ?? properties.get(BOOTSTRAP)
  properties.delete(BOOTSTRAP)
  if (bootstrap === undefined) {
    throw new CommandExit(
      1,
      `Where is the cluster? Add --bootstrap-server HOST:PORT${path ? '; the file has no bootstrap.servers' : ''}.\n`,
    )
  }
  const profile = await completeLogin(
    {
      name,
      bootstrap,
      properties,
      protected: options.has('protected'),
      readOnly: options.has('read-only'),
      description: options.text('description'),
      colour: colourOf(options),
    },
    io,
  )
  const folders = [process.cwd(), ...(path === undefined ? [] : [dirname(path)])]
  const kept = await settle(profile, folders, options, io)
  file.put([kept])
  println(io.out, `Added profile '${name}' (${bootstrap}).`)
  warnOfSecrets(kept, file.path, io)
  return 0
}
