import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { QuotaEntry, QuotaFilterComponent } from '../../client/security-types.ts'
import type { Admin } from '../../client/types.ts'
import { javaHashOrder } from '../../config/java-hash-order.ts'
import { showPlan } from '../shared/change-plan.ts'
import { javaDouble, javaList, parseJavaDouble } from '../shared/java.ts'

import { outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { completed, configsToAdd } from './alter.ts'
import { ConfigArgumentError } from './check.ts'
import { alterScram, isScram, scramOf } from './scram.ts'

/** Type of entity on the command line → in the protocol, and as text. */
const ENTITIES: Record<string, readonly [type: string, title: string]> = {
  users: ['user', 'user-principal'],
  clients: ['client-id', 'client-id'],
  ips: ['ip', 'ip'],
}
const CLIENT_QUOTAS = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'controller_mutation_rate']
const IP_QUOTAS = ['connection_creation_rate']

const fail = (message: string): never => {
  throw new ConfigArgumentError(message)
}

const componentsOf = (types: readonly string[], names: readonly string[]): QuotaFilterComponent[] => {
  if (names.length > types.length) fail('More entity names specified than entity types')
  return types.map((type, i) => {
    const name = names[i]
    return {
      entityType: ENTITIES[type]![0],
      match: name === undefined ? 'any' : name === '' ? 'default' : { name },
    }
  })
}

const entityText = ({ entity }: QuotaEntry): string =>
  Object.values(ENTITIES)
    .flatMap(([type, title]) => {
      const name = entity.get(type)
      if (name === undefined) return []
      return [name === null ? `the default ${title}` : `${title} '${name}'`]
    })
    .join(', ')

/** A default entity has no name: `defaults` says of which kind it is. */
const rowOf = ({ entity, values }: QuotaEntry): Row => ({
  kind: 'quota',
  user: entity.get('user') ?? null,
  clientId: entity.get('client-id') ?? null,
  ip: entity.get('ip') ?? null,
  defaults: [...entity].filter(([, name]) => name === null).map(([type]) => (type === 'client-id' ? 'clientId' : type)),
  quotas: Object.fromEntries(values),
})

const scramRows = async (admin: Admin, names: readonly string[], io: Io): Promise<Row[]> =>
  (await scramOf(admin, names)).flatMap(({ user, credentials = [], error }) => {
    const isMissing = (error as { errorName?: string } | undefined)?.errorName === 'RESOURCE_NOT_FOUND'
    if (error !== undefined && !isMissing) io.failed?.(error, { user })
    return credentials.map(({ mechanism, iterations }) => ({ kind: 'scram', user, mechanism, iterations }))
  })

/** `--describe` of users, clients or ips: quotas, and the SCRAM credentials of users. */
export const describeQuotas = async (
  admin: Admin,
  options: OptionSet,
  io: Io,
  types: readonly string[],
  names: readonly string[],
): Promise<void> => {
  const entries = await admin.describeClientQuotas(componentsOf(types, names), true)
  const wantsScram = !types.includes('clients') && !types.includes('ips') && !names.includes('')
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows: Row[] = [...entries.map(rowOf), ...(wantsScram ? await scramRows(admin, names, io) : [])]
    const columns = ['kind', 'user', 'clientId', 'ip', 'defaults', 'quotas', 'mechanism', 'iterations']
    return printStructured(io, format, rows, columns)
  }
  for (const entry of entries) {
    const names = [...entry.values.keys()]
    const values = javaHashOrder(names, names.length).map((key) => `${key}=${javaDouble(entry.values.get(key)!)}`)
    println(io.out, `Quota configs for ${entityText(entry)} are ${values.join(', ')}`)
  }
  if (!wantsScram) return
  for (const { user, text, problem } of await scramOf(admin, names)) {
    println(
      io.out,
      problem === undefined
        ? `SCRAM credential configs for user-principal '${user}' are ${text}`
        : `Error retrieving SCRAM credential configs for user-principal '${user}': ${problem}`,
    )
  }
}

/** Scala's text of a set: HashSet from five elements on. */
const setText = (names: readonly string[]): string => `${names.length > 4 ? 'HashSet' : 'Set'}(${names.join(', ')})`
const seqText = (names: readonly string[]): string => `ArrayBuffer(${names.join(', ')})`

const checkNames = (types: readonly string[], names: readonly string[], added: string[], deleted: string[]): void => {
  const isKnown = (key: string): boolean => isScram(key) || CLIENT_QUOTAS.includes(key)
  const [oddAdded, oddDeleted] = [added.filter((key) => !isKnown(key)), deleted.filter((key) => !isKnown(key))]
  const [scramAdded, scramDeleted] = [added.filter(isScram), deleted.filter(isScram)]
  const unexpected = (what: string, done: string, type: string, text: string): never =>
    fail(`Only ${what} configs can be ${done} for '${type}' using --bootstrap-server. Unexpected config names: ${text}`)
  if (types[0] === 'users') {
    if (oddAdded.length > 0) unexpected('quota and SCRAM credential', 'added', 'users', setText(oddAdded))
    if (oddDeleted.length > 0) unexpected('quota and SCRAM credential', 'deleted', 'users', seqText(oddDeleted))
    if (scramAdded.length + scramDeleted.length === 0) return
    if (names.includes('')) {
      fail(
        'The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using --bootstrap-server.',
      )
    }
    if ([...added, ...deleted].some((key) => CLIENT_QUOTAS.includes(key))) {
      fail("Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using --bootstrap-server.")
    }
    return
  }
  if (scramAdded.length + oddAdded.length > 0) {
    unexpected('quota', 'added', 'clients', setText([...oddAdded, ...scramAdded]))
  }
  if (scramDeleted.length + oddDeleted.length > 0) {
    unexpected('quota', 'deleted', 'clients', seqText([...oddDeleted, ...scramDeleted]))
  }
}

const quotaText = (value: number | null | undefined): string => (value == null ? '(none)' : javaDouble(value))

/** Shows what would change; true when that is all that is wanted. */
type ShowPlan = (make: () => Promise<string[]>) => Promise<boolean>

const alterQuotaValues = async (
  admin: Admin,
  types: readonly string[],
  names: readonly string[],
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
  showPlan: ShowPlan,
): Promise<void> => {
  const [before] = await admin.describeClientQuotas(componentsOf(types, names), true)
  const missing = deleted.filter((key) => !before?.values.has(key))
  if (missing.length > 0) fail(`Invalid config(s): ${missing.join(',')}`)
  const entity = new Map(types.map((type, i) => [ENTITIES[type]![0], names[i] || null]))
  const values = new Map<string, number | null>()
  for (const [key, text] of added) {
    values.set(key, parseJavaDouble(text) ?? fail(`Cannot parse quota configuration value for ${key}: ${text}`))
  }
  for (const key of deleted) values.set(key, null)
  const lines = [...values].map(([key, value]) => `${key}: ${quotaText(before?.values.get(key))} → ${quotaText(value)}`)
  if (!(await showPlan(async () => lines))) await admin.alterClientQuotas(entity, values)
}

/** `--alter` of users, clients or ips. */
export const alterQuotas = async (
  admin: Admin,
  options: OptionSet,
  io: Io,
  types: readonly string[],
  names: readonly string[],
): Promise<void> => {
  const plan: ShowPlan = (make) => showPlan(io, options, make)
  const added = await configsToAdd(options)
  const deleted = options.texts('delete-config').map((key) => key.trim())
  const keys = [...added.keys()]
  if (types.includes('ips')) {
    const odd = [...keys, ...deleted].filter((key) => !IP_QUOTAS.includes(key))
    if (odd.length > 0) {
      fail(
        `Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config names: ${odd.join(',')}`,
      )
    }
    await alterQuotaValues(admin, types, names, added, deleted, plan)
  } else {
    checkNames(types, names, keys, deleted)
    if (![...keys, ...deleted].some(isScram)) await alterQuotaValues(admin, types, names, added, deleted, plan)
    else {
      // Credentials have no plan: better an error than a change.
      if (options.has('dry-run')) fail("--dry-run can't show changes of SCRAM credentials")
      if (names.length !== 1) {
        const text = `List${javaList(names).replace('[', '(').replace(']', ')')}`
        throw new Error(`Altering user SCRAM credentials should never occur for more zero or multiple users: ${text}`)
      }
      await alterScram(admin, names[0]!, added, deleted)
    }
  }
  if (!options.has('dry-run')) println(io.out, completed(types[0]!, names[0]!))
}
