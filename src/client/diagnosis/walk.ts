import type { Connection } from '../../net/connection.ts'
import type { Address, SecuritySettings } from '../settings.ts'
import { type ClusterView, checkAdvertised, describeCluster } from './cluster.ts'
import { type Lookup, resolveHost, systemLookup } from './dns.ts'
import type { FirstAnswer } from './first-answer.ts'
import { type Budget, type Hop, type HopName, skipped, takeHop } from './hop.ts'
import { askVersions, judgeVersions } from './kafka.ts'
import { checkRights } from './rights.ts'
import { authenticate, openConnection, wantsSasl } from './sasl.ts'
import { reachPort } from './tcp.ts'
import { shakeTls } from './tls.ts'

export interface WalkOptions {
  addresses: readonly Address[]
  security: SecuritySettings
  budget: Budget
  /** Gets each hop as soon as it is taken. */
  report: (hop: Hop) => void
  find?: Lookup
}

/** So many brokers are looked at at once. */
const AT_ONCE = 8

const textOf = ({ host, port }: Address): string => `${host}:${port}`

/** One walk; notes the hops as they are taken. */
class Walk {
  readonly #options: WalkOptions
  readonly #find: Lookup

  constructor(options: WalkOptions) {
    this.#options = options
    this.#find = options.find ?? systemLookup
  }

  async #take<T>(
    name: HopName,
    target: string,
    act: Parameters<typeof takeHop<T>>[3],
  ): Promise<{ value: T } | undefined> {
    const { hop, value } = await takeHop(name, target, this.#options.budget, act)
    this.#options.report(hop)
    return hop.status === 'ok' ? { value: value as T } : undefined
  }

  #skip(names: readonly HopName[], target: string, why: string): void {
    for (const name of names) this.#options.report(skipped(name, target, why))
  }

  /** From a name to a connection; undefined when a hop failed. */
  async enter(address: Address): Promise<Connection | undefined> {
    const at = textOf(address)
    const after = (done: HopName): HopName[] => {
      const names: HopName[] = ['dns', 'tcp', 'tls', 'kafka', 'sasl']
      return names.slice(names.indexOf(done) + 1)
    }
    const stop = (failed: HopName): undefined => {
      this.#skip(after(failed), at, 'not reached')
      return undefined
    }
    const resolved = await this.#take('dns', address.host, (ms) => resolveHost(address.host, ms, this.#find))
    if (!resolved) return stop('dns')
    if (!(await this.#take('tcp', at, (ms) => reachPort(resolved.value, address.port, ms)))) return stop('tcp')
    const { protocol, tls } = this.#options.security
    let answer: FirstAnswer | undefined
    if (tls) {
      const shaken = await this.#take('tls', at, (ms) => shakeTls(address, protocol, tls, ms))
      if (!shaken) return stop('tls')
      answer = shaken.value
    } else this.#skip(['tls'], at, `security.protocol=${protocol} has none`)
    const versions = await this.#take('kafka', at, async (ms) =>
      answer ? judgeVersions(answer, protocol) : askVersions(address, protocol, ms),
    )
    return versions ? this.#authenticated(address) : stop('kafka')
  }

  async #authenticated(address: Address): Promise<Connection | undefined> {
    const { security } = this.#options
    const { sasl, protocol } = security
    const at = textOf(address)
    if (sasl) return (await this.#take('sasl', at, (ms) => authenticate(address, security, sasl, ms)))?.value
    const taken = await takeHop('sasl', at, this.#options.budget, async (ms) => {
      const fault = await wantsSasl(address, security, Math.floor(ms / 2))
      if (fault) throw fault
      return { detail: `security.protocol=${protocol} has none`, value: await openConnection(address, security, ms) }
    })
    const isThrough = taken.hop.status === 'ok'
    this.#options.report(isThrough ? skipped('sasl', at, taken.hop.detail) : taken.hop)
    return taken.value
  }

  /** What can be asked once inside. */
  async lookAround(address: Address, connection: Connection): Promise<void> {
    const { security } = this.#options
    const at = textOf(address)
    const cluster = await this.#take('cluster', at, () => describeCluster(connection))
    if (!cluster) return this.#skip(['advertised', 'rights'], at, 'not reached')
    await this.#advertised(address, cluster.value)
    await this.#take('rights', at, () => checkRights(connection, security))
  }

  async #advertised(bootstrap: Address, { clusterId, brokers }: ClusterView): Promise<void> {
    const { security } = this.#options
    const queue = [...brokers].sort((a, b) => a.id - b.id)
    const work = async (): Promise<void> => {
      for (let broker = queue.shift(); broker; broker = queue.shift()) {
        const check = { broker, bootstrap, clusterId, security, find: this.#find }
        await this.#take('advertised', textOf(broker), (timeoutMs) => checkAdvertised({ ...check, timeoutMs }))
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, work))
  }
}

/**
 * Walks the way a client takes, from the name of a broker to what it may do there, each address up to a connection and then on from
 * the first that gave one. Nothing is written to the cluster.
 */
export const walk = async (options: WalkOptions): Promise<void> => {
  const way = new Walk(options)
  let inside: { address: Address; connection: Connection } | undefined
  try {
    for (const address of options.addresses) {
      const connection = await way.enter(address)
      if (connection && !inside) inside = { address, connection }
      else connection?.close()
    }
    if (inside) await way.lookAround(inside.address, inside.connection)
    else {
      const target = options.addresses.map(textOf).join(',')
      for (const name of ['cluster', 'advertised', 'rights'] as const) {
        options.report(skipped(name, target, 'not reached'))
      }
    }
  } finally {
    inside?.connection.close()
  }
}
