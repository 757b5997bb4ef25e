import { CommandExit } from './exit.ts'
import type { Io } from './io.ts'

/**
 * May `--bootstrap-server` be left out? Yes when KT_BOOTSTRAP_SERVER names a cluster, and else unless KT_EMBEDDED=off, which
 * makes commands insist on the option with the words of Kafka's own scripts.
 */
export const mayOmitBootstrap = (io: Pick<Io, 'env'>): boolean =>
  Boolean(io.env.KT_BOOTSTRAP_SERVER) || io.env.KT_EMBEDDED !== 'off'

/**
 * Which cluster a command talks to: the option, else KT_BOOTSTRAP_SERVER, else the embedded broker of the data directory,
 * started when it is not running.
 * @returns host:port list
 */
export const resolveBootstrap = async (io: Io, given: string | undefined): Promise<string> => {
  if (given !== undefined) return given
  if (io.env.KT_BOOTSTRAP_SERVER) return io.env.KT_BOOTSTRAP_SERVER
  if (io.env.KT_EMBEDDED === 'off') throw new CommandExit(1, '--bootstrap-server must be specified\n')
  const { findOrStartEmbedded } = await import('../embedded/find-or-start.ts')
  const { bootstrap } = await findOrStartEmbedded(io)
  return bootstrap
}
