import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import { type QuotaEntity, QuotaEntityType, type QuotaImage, quotaEntityKey } from './quota-image.ts'

/** Changes of one entity's quotas, in the order asked; a value of null removes the quota. */
export interface QuotaAlteration {
  entity: QuotaEntity
  operations: readonly { key: string; value: number | null }[]
}

export interface QuotaAlterationResult {
  entity: QuotaEntity
  error: KafkaError | undefined
}

type NumberType = 'LONG' | 'INT' | 'DOUBLE'

/** Quotas of users, clients and both together (Kafka's QuotaConfig). */
const USER_CLIENT_KEYS: ReadonlyMap<string, NumberType> = new Map([
  ['producer_byte_rate', 'LONG'],
  ['consumer_byte_rate', 'LONG'],
  ['request_percentage', 'DOUBLE'],
  ['controller_mutation_rate', 'DOUBLE'],
])
const IP_KEYS: ReadonlyMap<string, NumberType> = new Map([['connection_creation_rate', 'INT']])
const MAX_VALUE = { INT: 2 ** 31 - 1, LONG: 2 ** 63 }
const EPSILON = 1e-6

const { USER, CLIENT_ID, IP } = QuotaEntityType
const KNOWN_TYPES: readonly string[] = [USER, CLIENT_ID, IP]
/** The order in which Java prints an entity's parts. */
const PRINT_ORDER = [IP, CLIENT_ID, USER]

const invalid = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_REQUEST, message)

function printed(entity: QuotaEntity): string {
  const order = (type: string): number => PRINT_ORDER.indexOf(type as (typeof PRINT_ORDER)[number])
  const parts = [...entity].sort(([a], [b]) => order(a) - order(b)).map(([type, name]) => `${type}=${name}`)
  return `ClientQuotaEntity(entries={${parts.join(', ')}})`
}

function checkEntity(entity: QuotaEntity): void {
  if (entity.size === 0) throw invalid('Invalid empty client quota entity')
  for (const [type, name] of entity) {
    if (!KNOWN_TYPES.includes(type)) throw invalid(`Unhandled client quota entity type: ${type}`)
    if (name === '') throw invalid(`Empty ${type} not supported`)
  }
}

async function isAddressOrHost(name: string | null): Promise<boolean> {
  if (name === null || isIP(name) !== 0) return true
  try {
    await lookup(name)
    return true
  } catch {
    return false
  }
}

async function keysFor(entity: QuotaEntity): Promise<ReadonlyMap<string, NumberType>> {
  if (!entity.has(IP)) return USER_CLIENT_KEYS
  if (entity.has(USER) || entity.has(CLIENT_ID)) {
    throw invalid('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId')
  }
  const name = entity.get(IP) ?? null
  if (!(await isAddressOrHost(name))) throw invalid(`${name} is not a valid IP or resolvable host.`)
  return IP_KEYS
}

function checkValue(keys: ReadonlyMap<string, NumberType>, key: string, value: number): void {
  const type = keys.get(key)
  if (!type) throw invalid(`Invalid configuration key ${key}`)
  if (value <= 0) throw invalid(`Quota ${key} must be greater than 0`)
  if (type === 'DOUBLE') return
  if (value > MAX_VALUE[type]) {
    throw invalid(`Proposed value for ${key} is too large for ${type === 'INT' ? 'an INT' : 'a LONG'}.`)
  }
  if (Math.abs(value % 1) > EPSILON) throw invalid(`${key} cannot be a fractional value.`)
}

async function recordsOf(
  image: QuotaImage,
  entity: QuotaEntity,
  wanted: ReadonlyMap<string, number | null>,
): Promise<MetadataRecordDraft[]> {
  checkEntity(entity)
  const keys = await keysFor(entity)
  const current = image.of(entity)
  const parts = [...entity].map(([entityType, entityName]) => ({ entityType, entityName }))
  const records: MetadataRecordDraft[] = []
  for (const [key, value] of wanted) {
    if (value === null) {
      if (current.has(key)) records.push({ type: 'ClientQuotaRecord', data: { entity: parts, key, remove: true } })
      continue
    }
    checkValue(keys, key, value)
    if (current.get(key) !== value) records.push({ type: 'ClientQuotaRecord', data: { entity: parts, key, value } })
  }
  return records
}

/**
 * The records that carry out changes to client quotas, and what each entity is answered (Kafka's ClientQuotaControlManager). An entity
 * that is refused changes nothing; the others stand for themselves. A host name given as `ip` has to resolve.
 */
export async function alterClientQuotas(
  image: QuotaImage,
  alterations: readonly QuotaAlteration[],
): Promise<{ records: MetadataRecordDraft[]; results: QuotaAlterationResult[] }> {
  const results = new Map<string, QuotaAlterationResult>()
  const records: MetadataRecordDraft[] = []
  for (const { entity, operations } of alterations) {
    const id = quotaEntityKey(entity)
    const wanted = new Map(operations.map(({ key, value }) => [key, value]))
    // A quota key given twice gets the same words as an entity given twice.
    if (results.has(id) || wanted.size < operations.length) {
      results.set(id, { entity, error: invalid(`Ignoring duplicate entity ${printed(entity)}`) })
      continue
    }
    try {
      records.push(...(await recordsOf(image, entity, wanted)))
      results.set(id, { entity, error: undefined })
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      results.set(id, { entity, error })
    }
  }
  return { records, results: [...results.values()] }
}
