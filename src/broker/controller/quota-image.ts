import type { ClientQuotaRecord } from '../../protocol/generated/metadata/client-quota-record.ts'

/** Types of quota entities, by their names on the wire and in the log. */
export const QuotaEntityType = { USER: 'user', CLIENT_ID: 'client-id', IP: 'ip' } as const

/** Whom a quota is for: entity type → name; null stands for the default of that type. */
export type QuotaEntity = ReadonlyMap<string, string | null>

export interface EntityQuotas {
  readonly entity: QuotaEntity
  /** Quota key ('producer_byte_rate' …) → value. */
  readonly values: ReadonlyMap<string, number>
}

/** One text for one entity, whatever the order of its parts. */
export function quotaEntityKey(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** All client quotas of the cluster, as the ClientQuotaRecords of the metadata log say. */
export class QuotaImage {
  private readonly entities = new Map<string, { entity: QuotaEntity; values: Map<string, number> }>()
  private readonly listeners: ((changed: EntityQuotas) => void)[] = []

  /** Told of an entity's quotas after each change; `values` is empty when the last one went. */
  onChange(listener: (changed: EntityQuotas) => void): void {
    this.listeners.push(listener)
  }

  apply(record: ClientQuotaRecord): void {
    const entity = new Map(record.entity.map(({ entityType, entityName }) => [entityType, entityName]))
    const key = quotaEntityKey(entity)
    const quotas = this.entities.get(key) ?? { entity, values: new Map<string, number>() }
    if (record.remove) quotas.values.delete(record.key)
    else quotas.values.set(record.key, record.value)
    if (quotas.values.size === 0) this.entities.delete(key)
    else this.entities.set(key, quotas)
    for (const listener of this.listeners) listener(quotas)
  }

  all(): Iterable<EntityQuotas> {
    return this.entities.values()
  }

  /** Quotas of exactly this entity. */
  of(entity: QuotaEntity): ReadonlyMap<string, number> {
    return this.entities.get(quotaEntityKey(entity))?.values ?? new Map()
  }
}
