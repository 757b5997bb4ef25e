import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, usageExit } from '../../cli/usage.ts'
import { NumberFormatError, parseJavaInt } from '../shared/java.ts'
import { spec } from './options.ts'

const entityFlags: readonly (readonly [option: string, type: string])[] = [
  ['topic', 'topics'],
  ['client', 'clients'],
  ['user', 'users'],
  ['broker', 'brokers'],
  ['broker-logger', 'broker-loggers'],
  ['ip', 'ips'],
  ['client-metrics', 'client-metrics'],
  ['group', 'groups'],
]
const defaultFlags: readonly (readonly [option: string, type: string])[] = [
  ['client-defaults', 'clients'],
  ['user-defaults', 'users'],
  ['broker-defaults', 'brokers'],
  ['ip-defaults', 'ips'],
]
const supportedTypes = ['topics', 'clients', 'users', 'brokers', 'ips', 'client-metrics', 'groups', 'broker-loggers']

/** A refused argument; only its message is printed, without the "Error while executing" line. */
export class ConfigArgumentError extends Error {
  override name = 'ConfigArgumentError'
}

/** Kinds of entity asked for, in Kafka's order. */
export const entityTypes = (options: OptionSet): string[] => [
  ...options.texts('entity-type'),
  ...[...entityFlags, ...defaultFlags].filter(([name]) => options.has(name)).map(([, type]) => type),
]

/** Names of the entities, '' for a default; they pair with entityTypes. */
export const entityNames = (options: OptionSet): string[] => {
  const names = options.texts('entity-name')
  const general = options.order
    .filter((name) => name === 'entity-name' || name === 'entity-default')
    .map((name) => (name === 'entity-name' ? names.shift()! : ''))
  return [
    ...general,
    ...entityFlags.filter(([name]) => options.has(name)).map(([name]) => options.text(name) ?? ''),
    ...defaultFlags.filter(([name]) => options.has(name)).map(() => ''),
  ]
}

const fail = (message: string): never => {
  throw new ConfigArgumentError(message)
}

const checkTypes = (types: readonly string[], options: OptionSet, io: Io): void => {
  const repeated = types.filter((type, i) => types.indexOf(type) !== i)
  if (repeated.length > 0) fail(`Duplicate entity type(s) specified: ${repeated.join(',')}`)
  if (!options.has('bootstrap-server') && !options.has('bootstrap-controller') && !mayOmitBootstrap(io)) {
    fail('Either --bootstrap-server or --bootstrap-controller must be specified.')
  }
  for (const type of types) {
    if (supportedTypes.includes(type)) continue
    fail(
      `Invalid entity type ${type}, the entity type must be one of ${supportedTypes.join(', ')} with a --bootstrap-server or --bootstrap-controller argument`,
    )
  }
  if (types.length === 0) fail('At least one entity type must be specified')
  if (types.length > 1 && !(types.includes('users') && types.includes('clients') && types.length === 2)) {
    fail("Only 'users' and 'clients' entity types may be specified together")
  }
  const general = ['entity-name', 'entity-type', 'entity-default'].some((name) => options.has(name))
  if (general && [...entityFlags, ...defaultFlags].some(([name]) => options.has(name))) {
    fail('--entity-{type,name,default} should not be used in conjunction with specific entity flags')
  }
}

const isResolvable = (address: string): boolean =>
  isIP(address) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(address)

const checkNames = (types: readonly string[], options: OptionSet): void => {
  const given = (...names: string[]): string[] =>
    names.filter((name) => options.has(name)).map((name) => options.text(name) ?? '')
  if (types.includes('brokers') || types.includes('broker-loggers')) {
    for (const id of given('entity-name', 'broker', 'broker-logger')) {
      try {
        parseJavaInt(id)
      } catch (error) {
        if (!(error instanceof NumberFormatError)) throw error
        fail(`The entity name for ${types[0]} must be a valid integer broker id, but it is: ${id}`)
      }
    }
  }
  if (types.includes('ips')) {
    for (const address of given('entity-name', 'ip')) {
      if (isResolvable(address)) continue
      fail(`The entity name for ${types[0]} must be a valid IP or resolvable host, but it is: ${address}`)
    }
  }
}

const mayHaveDefault = ['users', 'clients', 'brokers', 'ips']

const checkAlter = (types: readonly string[], names: readonly string[], options: OptionSet): void => {
  const hasName = names.some((name) => name !== '')
  if (types.some((type) => mayHaveDefault.includes(type))) {
    if (names.length === 0) {
      fail('An entity-name or default entity must be specified with --alter of users, clients, brokers or ips')
    }
  } else if (!hasName) fail(`An entity name must be specified with --alter of ${types.join(',')}`)
  if (options.has('add-config') && options.has('add-config-file')) {
    fail('Only one of --add-config or --add-config-file must be specified')
  }
  if (!['add-config', 'add-config-file', 'delete-config'].some((name) => options.has(name))) {
    fail('At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter')
  }
}

/** The names of ips have to be known to the resolver. */
export const checkAddresses = async (options: OptionSet): Promise<void> => {
  if (!entityTypes(options).includes('ips')) return
  for (const name of entityNames(options)) {
    if (name === '' || isIP(name) !== 0) continue
    await lookup(name).catch(() =>
      fail(`The entity name for ips must be a valid IP or resolvable host, but it is: ${name}`),
    )
  }
}

/** The checks of ConfigCommandOptions, in Kafka's order. */
export const checkOptions = (options: OptionSet, io: Io): void => {
  if (options.has('alter') === options.has('describe')) {
    usageExit(spec, 'Command must include exactly one action: --describe, --alter')
  }
  forbidTogether(spec, options, 'describe', ['add-config', 'delete-config'])
  const types = entityTypes(options)
  checkTypes(types, options, io)
  const names = entityNames(options)
  const hasName = names.some((name) => name !== '')
  if (options.has('bootstrap-server') && options.has('bootstrap-controller')) {
    fail('Only one of --bootstrap-server or --bootstrap-controller can be specified')
  }
  if (hasName) checkNames(types, options)
  if (options.has('describe')) {
    if (!types.some((type) => mayHaveDefault.includes(type)) && options.has('entity-default')) {
      fail(`--entity-default must not be specified with --describe of ${types.join(',')}`)
    }
    if (types.includes('broker-loggers') && !hasName) {
      fail(`An entity name must be specified with --describe of ${types.join(',')}`)
    }
  }
  if (options.has('alter')) checkAlter(types, names, options)
}
