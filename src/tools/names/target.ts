import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Io } from '../../cli/io.ts'
import { resolveDataDir } from '../../embedded/data-dir.ts'
import type { CommandLine } from './command-line.ts'

/** A cluster to ask for names. */
export interface Target {
  /** host:port, several with commas. */
  servers: string
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
 * The cluster a command would use: --bootstrap-server, KT_BOOTSTRAP_SERVER, else the embedded broker if it runs. None is started.
 */
export const chooseTarget = async (line: CommandLine, io: Pick<Io, 'env'>): Promise<Target | undefined> => {
  if (line.has('bootstrap-controller')) return undefined
  const given = line.last(...CONFIG_OPTIONS)
  const configFile = given === undefined ? undefined : resolve(withHome(given))
  const servers = line.last('bootstrap-server') ?? io.env.KT_BOOTSTRAP_SERVER
  if (servers) return { servers, configFile, id: digest(servers, configFile ?? '') }
  if (io.env.KT_EMBEDDED === 'off') return undefined
  const { announcedBroker } = await import('../../embedded/announced.ts')
  const state = await announcedBroker(resolveDataDir(io.env))
  if (state === undefined) return undefined
  return { servers: state.bootstrap, configFile, id: digest(state.bootstrap, configFile ?? '', state.clusterId) }
}
