import { ClientError } from './client-error.ts'
import type { Address } from './settings.ts'

/** Finds the address of a host; tests give their own. */
export type FindHost = (host: string) => Promise<unknown>

/** Needs no look at a name server. Not `isIP`, which takes 4 ms when it is first called. */
const isKnown = (host: string): boolean => host === 'localhost' || /^[\d.]+$|:/.test(host)

/**
 * What Java's clients check when they are made: of the bootstrap servers at least one must have an address.
 * @throws ClientError 'dns' in Java's words, with the names that have none
 */
export async function requireResolvable(servers: readonly Address[], findHost?: FindHost): Promise<void> {
  if (servers.some(({ host }) => isKnown(host))) return
  const find = findHost ?? (await import('node:dns/promises')).lookup
  const failures: string[] = []
  for (const { host, port } of servers) {
    try {
      await find(host)
      return
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      failures.push(`Couldn't resolve server ${host}:${port}: the name ${host} has no address (${code}).`)
    }
  }
  throw new ClientError('dns', 'No resolvable bootstrap urls given in bootstrap.servers', {
    detail: failures.join(' '),
    nextStep: 'Check the spelling of the host names, and the name server if others fail too.',
  })
}
