import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { HopFailure, type Passed } from './hop.ts'

/** Finds all addresses of a host; tests give their own. */
export type Lookup = (host: string) => Promise<string[]>

export const systemLookup: Lookup = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true })
  return [...new Set(found.map(({ address }) => address))]
}

const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')

/** Whether a host is this machine, whatever machine that is. */
export const isLoopback = (host: string): boolean => host === 'localhost' || isLoopbackAddress(host)

/** A name without dots: one of this network alone, a container's mostly. */
export const isBareName = (host: string): boolean => isIP(host) === 0 && !host.includes('.') && host !== 'localhost'

const lateAfter = async (timeoutMs: number): Promise<never> => {
  await new Promise((resolve) => setTimeout(resolve, timeoutMs).unref())
  throw new HopFailure(
    `the name server has not answered for ${timeoutMs} ms`,
    'The name server is unreachable (VPN, network).',
    'See whether other names resolve.',
  )
}

/** DNS: which addresses a host has. */
export const resolveHost = async (host: string, timeoutMs: number, find: Lookup): Promise<Passed<string[]>> => {
  if (isIP(host) !== 0) return { detail: 'an address, no name', value: [host] }
  try {
    const addresses = await Promise.race([find(host), lateAfter(timeoutMs)])
    if (addresses.length === 0) throw Object.assign(new Error(host), { code: 'ENODATA' })
    return { detail: addresses.join(', '), value: addresses }
  } catch (error) {
    if (error instanceof HopFailure) throw error
    const code = (error as { code?: string }).code ?? ''
    if (code === 'EAI_AGAIN') {
      throw new HopFailure(
        `the name server gives no answer (${code})`,
        'The network or its name server is down, or the name is known in another network only.',
        'See whether other names resolve, and whether a VPN is wanted.',
      )
    }
    throw new HopFailure(
      `the name has no address (${code || String(error)})`,
      isBareName(host)
        ? `${host} looks like the name of a container or of a host of another network, which is known only there.`
        : 'The name is misspelt, or known in another network only.',
      isBareName(host)
        ? 'From outside the containers use a published port on localhost, or give the name an address (/etc/hosts).'
        : 'Check the spelling, and whether a VPN is wanted.',
    )
  }
}
