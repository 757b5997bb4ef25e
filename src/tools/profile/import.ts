import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import type { Environment } from '../../config/profiles/places.ts'
import { ProfileError } from '../../config/profiles/profile-error.ts'
import { ProfileFile } from '../../config/profiles/profile-file.ts'
import { parseProperties } from '../../config/properties.ts'
import { settle, warnOfSecrets } from './add.ts'
import type { Action } from './command.ts'
import { fromKcat } from './import-kcat.ts'
import { fromKaf, fromKafkactl, fromRpk } from './import-yaml.ts'
import { addressList, type Imported, profileNameOf } from './imported.ts'

/** A tool whose settings can be taken over. */
interface Source {
  /** Where it looks for them by itself, in order. */
  places(env: Environment, home: string): (string | undefined)[]
  read(content: string, name: string, path: string): Imported[] | Promise<Imported[]>
}

/** Where Go programs look for a user's configuration. */
const userConfig = (env: Environment, home: string): string =>
  process.platform === 'darwin'
    ? join(home, 'Library', 'Application Support')
    : env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME)
      ? env.XDG_CONFIG_HOME
      : join(home, '.config')

const yaml = async (content: string, path: string): Promise<unknown> => {
  const { parse } = await import('../../cli/yaml.ts')
  try {
    return parse(content)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0]!.replace(/:$/, '') : ''
    throw new ProfileError(`${path} is no YAML: ${reason}`, 'See whether it is the right file.')
  }
}

const fromProperties = (content: string, name: string): Imported[] => {
  const properties = parseProperties(content)
  const bootstrap = properties.get('bootstrap.servers')
  properties.delete('bootstrap.servers')
  const notes = bootstrap === undefined ? ['the file has no bootstrap.servers; localhost:9092 was taken.'] : []
  const address = addressList(bootstrap ?? 'localhost:9092')
  return [{ profile: { name, bootstrap: address, properties, protected: false, readOnly: false }, notes }]
}

const sources: Readonly<Record<string, Source>> = {
  kcat: {
    places: (env, home) => [
      env.KCAT_CONFIG,
      join(home, '.config', 'kcat.conf'),
      env.KAFKACAT_CONFIG,
      join(home, '.config', 'kafkacat.conf'),
    ],
    read: (content, name) => [fromKcat(content, name)],
  },
  kaf: {
    places: (_env, home) => [join(home, '.kaf', 'config')],
    read: async (content, _name, path) => fromKaf(await yaml(content, path)),
  },
  kafkactl: {
    places: (env, home) => [
      env.KAFKA_CTL_CONFIG,
      join(home, '.config', 'kafkactl', 'config.yml'),
      join(home, '.kafkactl', 'config.yml'),
      '/etc/kafkactl/config.yml',
    ],
    read: async (content, _name, path) => fromKafkactl(await yaml(content, path)),
  },
  rpk: {
    places: (env, home) => [env.RPK_CONFIG, join(userConfig(env, home), 'rpk', 'rpk.yaml')],
    read: async (content, _name, path) => fromRpk(await yaml(content, path)),
  },
  properties: { places: () => ['client.properties'], read: fromProperties },
}

/** The first file there is. Throws ProfileError when there is none. */
const readFirst = (tool: string, paths: readonly string[]): { path: string; content: string } => {
  for (const path of paths) {
    try {
      return { path, content: readFileSync(path, 'utf8') }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') throw new ProfileError(message, 'See who may read that file.', { cause: error })
    }
  }
  throw new ProfileError(
    `There is no file of ${tool}: looked for ${paths.join(', ')}.`,
    `Name it: kt profile import ${tool} FILE`,
  )
}

const report = ({ profile, notes }: Imported, path: string, io: Io): void => {
  println(io.out, `Added profile '${profile.name}' (${profile.bootstrap}).`)
  for (const note of notes) println(io.err, `WARN ${profile.name}: ${note}`)
  warnOfSecrets(profile, path, io)
}

/** `kt profile import TOOL [FILE]`: makes profiles of another tool's settings; says what could not be taken over. */
export const importProfiles: Action = async ([tool = '', given], options, io) => {
  const source = Object.hasOwn(sources, tool) ? sources[tool]! : undefined
  if (source === undefined) {
    throw new CommandExit(1, `kt can't import from '${tool}'; it can from ${Object.keys(sources).join(', ')}.\n`)
  }
  const home = io.env.HOME || homedir()
  const places = source.places(io.env, home).filter((place) => place !== undefined && place !== '') as string[]
  const { path, content } = readFirst(tool, given === undefined ? places : [given])
  const name =
    options.text('name') ?? (tool === 'properties' ? profileNameOf(basename(path).replace(/\..*$/, '')) : tool)
  const found = (await source.read(content, name, path)).filter(({ profile }) => {
    if (profile.bootstrap !== '') return true
    println(io.err, `WARN ${profile.name}: it names no brokers, and was left out.`)
    return false
  })
  if (found.length === 0)
    throw new ProfileError(`${path} has no clusters that ${tool} would know.`, 'Is it the right file?')
  const file = new ProfileFile(io.env)
  const taken = options.has('force') ? [] : found.filter(({ profile }) => file.profiles.has(profile.name))
  const guarded = { protected: options.has('protected'), readOnly: options.has('read-only') }
  const folders = [process.cwd(), dirname(path)]
  const added: Imported[] = []
  for (const { profile, notes } of found.filter((one) => !taken.includes(one))) {
    added.push({ profile: await settle({ ...profile, ...guarded }, folders, options, io), notes })
  }
  file.put(added.map(({ profile }) => profile))
  for (const one of added) report(one, file.path, io)
  for (const { profile } of taken) {
    println(io.err, `There is a profile '${profile.name}' already: left alone. --force replaces it.`)
  }
  return taken.length > 0 ? 1 : 0
}
