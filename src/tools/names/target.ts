import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Io } from '../../cli/io.ts'
import { profileName } from '../../cli/session.ts'
import { EMBEDDED } from '../../config/profiles/current.ts'
import { resolveDataDir } from '../../embedded/data-dir.ts'
import type { CommandLine } from './command-line.ts'

/** A cluster to ask for names. */
export interface Target {
  /** host:port, several with commas; '' for those of the profile. */
  servers: string
  profile: string | undefined
  /** Java properties of the client. */
  configFile: string | undefined
  /** Different for everything that may have other names: address, settings, and of an embedded broker its cluster. */
  id: string
}

const CONFIG_OPTIONS = ['command-config', 'consumer.config', 'producer.config'] as const

const withHome = (path: string): string => (/^~(?=\/|$)/.test(path) ? join(homedir(), path.slice(1)) : path)

const digest = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22)

/**
 * The cluster a command would use (see src/cli/session.ts): that of --profile or --bootstrap-server, KT_BOOTSTRAP_SERVER or the chosen
 * profile, else the embedded broker if it runs. None is started.
 */
export const chooseTarget = async (line: CommandLine, io: Pick<Io, 'env'>): Promise<Target | undefined> => {
  if (line.has('bootstrap-controller')) return undefined
  const file = line.last(...CONFIG_OPTIONS)
  const configFile = file === undefined ? undefined : resolve(withHome(file))
  const chosen = line.last('profile')
  const session = { env: io.env, session: chosen === undefined ? {} : { profile: chosen } }
  const given = line.last('bootstrap-server')
  const profile = profileName(session, given)
  const address = chosen === EMBEDDED ? given : (given ?? io.env.KT_BOOTSTRAP_SERVER)
  if (profile !== undefined || address) {
    const servers = (profile === undefined ? address : given) ?? ''
    return { servers, profile, configFile, id: digest(servers, profile ?? '', configFile ?? '') }
  }
  if (io.env.KT_EMBEDDED === 'off') return undefined
  const { announcedBroker } = await import('../../embedded/announced.ts')
  const state = await announcedBroker(resolveDataDir(io.env))
  if (state === undefined) return undefined
  const id = digest(state.bootstrap, '', configFile ?? '', state.clusterId)
  return { servers: state.bootstrap, profile, configFile, id }
}
