import type { Clock } from '../../base/clock.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { type EntityQuotas, QuotaEntityType, type QuotaImage } from '../controller/quota-image.ts'
import { MutationRateQuota, RateQuota } from './client-quota.ts'
import { ConnectionQuotas } from './connection-quotas.ts'
import type { QuotaClient } from './quota-table.ts'
import type { RateWindow } from './rate.ts'
import { RequestQuota } from './request-quota.ts'

export interface ClientQuotasOptions {
  clock: Clock
  /** The broker's configs, dynamic ones applied. */
  config: () => BrokerConfig
  image: QuotaImage
}

const windowOf = (config: BrokerConfig, prefix: string): RateWindow => ({
  samples: config.int(`${prefix}quota.window.num`),
  windowMs: config.int(`${prefix}quota.window.size.seconds`) * 1000,
})

/** The name in 'User:alice'. */
const userOf = (principal: string): string => principal.slice(principal.indexOf(':') + 1)

/** All quotas of the broker, kept in step with the metadata log, and what clients have used of them. */
export class ClientQuotas {
  readonly produce: RateQuota
  readonly fetch: RateQuota
  readonly request: RateQuota
  readonly mutations: MutationRateQuota
  readonly connections: ConnectionQuotas
  /** Whether a user or client id has any quota: if not, a request costs one look at this. */
  private active = false
  private readonly clock: Clock

  constructor({ clock, config, image }: ClientQuotasOptions) {
    this.clock = clock
    const client = windowOf(config(), '')
    const controller = windowOf(config(), 'controller.')
    this.produce = new RateQuota(clock, () => client, false)
    this.fetch = new RateQuota(clock, () => client, false)
    this.request = new RateQuota(clock, () => client, true)
    this.mutations = new MutationRateQuota(clock, () => controller)
    this.connections = new ConnectionQuotas({ clock, config, window: client })
    for (const quotas of image.all()) this.update(quotas)
    image.onChange((changed) => this.update(changed))
  }

  private update({ entity, values }: EntityQuotas): void {
    const { USER, CLIENT_ID, IP } = QuotaEntityType
    if (entity.has(IP)) {
      this.connections.setRate(entity.get(IP) ?? null, values.get('connection_creation_rate'))
      return
    }
    const user = entity.get(USER)
    const clientId = entity.get(CLIENT_ID)
    if (user === undefined && clientId === undefined) return
    this.produce.set(user, clientId, values.get('producer_byte_rate'))
    this.fetch.set(user, clientId, values.get('consumer_byte_rate'))
    this.request.set(user, clientId, values.get('request_percentage'))
    this.mutations.set(user, clientId, values.get('controller_mutation_rate'))
    this.active = [this.produce, this.fetch, this.request, this.mutations].some((quota) => quota.enabled)
  }

  /** Whether a client has any quota. */
  limits(client: QuotaClient): boolean {
    const { produce, fetch, request, mutations } = this
    return [produce, fetch, request, mutations].some((quota) => quota.limitOf(client) !== undefined)
  }

  /**
   * A request begins; undefined when there are no quotas.
   *
   * @param principal 'User:alice'
   * @param sizeBytes of header and body
   */
  begin(principal: string, clientId: string, apiKey: number, sizeBytes: number): RequestQuota | undefined {
    if (!this.active) return undefined
    return new RequestQuota(this, this.clock, { user: userOf(principal), clientId }, apiKey, sizeBytes)
  }
}
