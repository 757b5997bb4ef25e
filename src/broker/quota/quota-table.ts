/** Whom a request is charged to. */
export interface QuotaClient {
  /** The principal's name, without its type. */
  user: string
  clientId: string
}

/** A part of an entity: a name, null for the default of its type, undefined when the quota doesn't ask. */
export type EntityPart = string | null | undefined

/** Clients of one share come out of one allowance: '' stands for any. */
export type QuotaShare = QuotaClient

const CLIENT_ID_ONLY = 1
const USER_ONLY = 2
const BOTH = 4

const levelOf = (user: EntityPart, clientId: EntityPart): number => {
  if (user !== undefined && clientId !== undefined) return BOTH
  return user === undefined ? CLIENT_ID_ONLY : USER_ONLY
}

/**
 * The values of one kind of quota and who gets which (Kafka's DefaultQuotaCallback). The most specific wins: user and client id, user and any client,
 * user, any user and client id, any user and any client, any user, client id, any client.
 */
export class QuotaTable {
  private readonly values = new Map<EntityPart, Map<EntityPart, number>>()
  private readonly counts = new Map<number, number>()
  /** Which levels have any quota. */
  private levels = 0
  /** Rises with every change: what was derived from the table before is out of date. */
  version = 0

  get isEmpty(): boolean {
    return this.levels === 0
  }

  /** Sets a quota, or with undefined removes it. */
  set(user: EntityPart, clientId: EntityPart, value: number | undefined): void {
    this.version++
    const had = this.has(user, clientId)
    const ofUser = this.values.get(user) ?? new Map<EntityPart, number>()
    if (value === undefined) ofUser.delete(clientId)
    else ofUser.set(clientId, value)
    if (ofUser.size > 0) this.values.set(user, ofUser)
    else this.values.delete(user)
    const level = levelOf(user, clientId)
    const count = (this.counts.get(level) ?? 0) + Number(value !== undefined) - Number(had)
    this.counts.set(level, count)
    this.levels = count > 0 ? this.levels | level : this.levels & ~level
  }

  private has(user: EntityPart, clientId: EntityPart): boolean {
    return this.values.get(user)?.has(clientId) ?? false
  }

  private get(user: EntityPart, clientId: EntityPart): number | undefined {
    return this.values.get(user)?.get(clientId)
  }

  /** Whose allowance a client's requests come out of. */
  shareOf({ user, clientId }: QuotaClient): QuotaShare {
    const byUser = { user, clientId: '' }
    const byBoth = { user, clientId }
    const byClient = { user: '', clientId }
    if (this.levels === USER_ONLY) return byUser
    if (this.levels === BOTH) return byBoth
    if ((this.levels & ~CLIENT_ID_ONLY) === 0) return byClient
    if (this.has(user, clientId) || this.has(user, null)) return byBoth
    if (this.has(user, undefined)) return byUser
    if (this.has(null, clientId) || this.has(null, null)) return byBoth
    return this.has(null, undefined) ? byUser : byClient
  }

  /** The quota of a share; undefined when there is none. */
  limitOf({ user, clientId }: QuotaShare): number | undefined {
    if (user !== '' && clientId !== '') {
      return this.get(user, clientId) ?? this.get(user, null) ?? this.get(null, clientId) ?? this.get(null, null)
    }
    if (user !== '') return this.get(user, undefined) ?? this.get(null, undefined)
    return clientId === '' ? undefined : (this.get(undefined, clientId) ?? this.get(undefined, null))
  }
}
