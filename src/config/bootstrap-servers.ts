/** The addresses a client begins with. */
import { ConfigError } from './config-error.ts'

const ADDRESS = /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)$/
const MAX_PORT = 65_535

/** Host and port of a bootstrap server. */
export interface BootstrapServer {
  readonly host: string
  readonly port: number
}

const badAddress = (message: string): ConfigError =>
  Object.assign(new ConfigError(message), { nextStep: 'Addresses are host:port, several with commas.' })

/**
 * @param servers `host:port` texts; names are resolved when connecting
 * @throws ConfigError in Java's words
 */
export function parseBootstrapServers(servers: readonly string[]): BootstrapServer[] {
  const addresses = servers
    .filter((server) => server !== '')
    .map((server) => {
      const match = ADDRESS.exec(server)
      if (!match?.[1]) throw badAddress(`Invalid url in bootstrap.servers: ${server}`)
      const port = Number(match[2])
      if (port > MAX_PORT) throw badAddress(`Invalid port in bootstrap.servers: ${server}`)
      return { host: match[1], port }
    })
  if (addresses.length === 0) throw badAddress('No resolvable bootstrap urls given in bootstrap.servers')
  return addresses
}
