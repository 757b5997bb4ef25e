import { currentProfile, EMBEDDED } from '../config/profiles/current.ts'
import { CommandExit } from './exit.ts'
import type { Io } from './io.ts'

/** What was chosen, and by what. */
type Choice =
  | { kind: 'server'; server: string }
  | { kind: 'profile'; name: string; server: string | undefined }
  | { kind: 'embedded' }

const byName = (name: string, server?: string): Choice =>
  name === EMBEDDED ? { kind: 'embedded' } : { kind: 'profile', name, server }

/**
 * Which cluster it is. `--profile` says it before everything else: with `--bootstrap-server` beside it, that is another address of
 * the profile's cluster. Else what names an address goes before what names a profile, so that no credentials go where they don't
 * belong.
 */
const choose = (io: Pick<Io, 'env' | 'session'>, given: string | undefined): Choice => {
  const { env, session } = io
  if (session?.profile !== undefined && (session.profile !== EMBEDDED || given === undefined)) {
    return byName(session.profile, given)
  }
  const server = given ?? (env.KT_BOOTSTRAP_SERVER || undefined)
  if (server !== undefined) return { kind: 'server', server }
  const name = env.KT_PROFILE || currentProfile(env)
  return name === undefined ? { kind: 'embedded' } : byName(name)
}

/**
 * May `--bootstrap-server` be left out? Yes when KT_BOOTSTRAP_SERVER or a profile names a cluster, and else unless KT_EMBEDDED=off,
 * which makes commands insist on the option with the words of Kafka's own scripts.
 */
export const mayOmitBootstrap = (io: Pick<Io, 'env' | 'session'>): boolean =>
  io.env.KT_EMBEDDED !== 'off' || choose(io, undefined).kind !== 'embedded'

/** The profile a command uses, opened once a run: its changes are guarded from then on. */
const openProfile = async (io: Io, name: string) => (await import('./open-profile.ts')).openProfile(io, name)

/**
 * The addresses that were named, by an option, KT_BOOTSTRAP_SERVER or the chosen profile; undefined for the embedded broker.
 * @param given the value of `--bootstrap-server`
 * @returns host:port list
 * @throws ProfileError
 */
export const namedBootstrap = async (io: Io, given: string | undefined): Promise<string | undefined> => {
  const choice = choose(io, given)
  if (choice.kind !== 'profile') return choice.kind === 'server' ? choice.server : undefined
  return choice.server ?? (await openProfile(io, choice.name)).profile.bootstrap
}

/**
 * Which cluster a command talks to: the option, else KT_BOOTSTRAP_SERVER, else the chosen profile's, else the embedded broker of the
 * data directory, started when it is not running.
 * @param given the value of `--bootstrap-server`
 * @returns host:port list
 * @throws CommandExit, ProfileError
 */
export const resolveBootstrap = async (io: Io, given: string | undefined): Promise<string> => {
  const named = await namedBootstrap(io, given)
  if (named !== undefined) return named
  if (io.env.KT_EMBEDDED === 'off') throw new CommandExit(1, '--bootstrap-server must be specified\n')
  const { findOrStartEmbedded } = await import('../embedded/find-or-start.ts')
  const { bootstrap } = await findOrStartEmbedded(io)
  return bootstrap
}

/**
 * The client properties of the profile a command uses, by their Java names, secrets resolved; none without a profile.
 * @param given what names a cluster on the command line: `--bootstrap-server`, or `--bootstrap-controller`
 * @throws ProfileError
 */
export const sessionProperties = async (io: Io, given: string | undefined): Promise<Map<string, string>> => {
  const choice = choose(io, given)
  if (choice.kind !== 'profile') return new Map()
  return new Map((await openProfile(io, choice.name)).properties)
}

/** The name of the profile a command uses, as far as one can tell without reading it. */
export const profileName = (io: Pick<Io, 'env' | 'session'>, given?: string): string | undefined => {
  const choice = choose(io, given)
  return choice.kind === 'profile' ? choice.name : undefined
}
