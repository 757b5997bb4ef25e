import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ClientError } from './client-error.ts'
import type { Address } from './settings.ts'

/** Finds the address of a host; tests give their own. */
export type FindHost = (host: string) => Promise<unknown>

const isKnown = (host: string): boolean => host === 'localhost' || isIP(host) !== 0

/**
 * What Java's clients check when they are made: of the bootstrap servers at least one must have an address.
 * @throws ClientError 'dns' in Java's words, with the names that have none
 */
export async function requireResolvable(servers: readonly Address[], find: FindHost = lookup): Promise<void> {
  if (servers.some(({ host }) => isKnown(host))) return
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
