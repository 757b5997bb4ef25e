import { OptionError, type OptionSet } from '../../cli/joptsimple.ts'
import { usageExit } from '../../cli/usage.ts'
import type { AclEntry, AclOperationName, AclPattern, AclPatternType, AclResourceType } from '../../client/acl-types.ts'
import { PatternType } from '../../protocol/acl-codes.ts'
import { parsePrincipal, principalText } from '../shared/principal.ts'
import { operationOf, supportedOperations } from './operations.ts'
import { spec } from './options.ts'

/** The one resource of type CLUSTER. */
const cluster: AclPattern = { resourceType: 'CLUSTER', name: 'kafka-cluster', patternType: 'LITERAL' }

const unique = (values: readonly string[]): string[] => [...new Set(values)]

/** `--resource-pattern-type`, in any case. */
export const patternTypeOf = (options: OptionSet): AclPatternType => {
  const text = options.text('resource-pattern-type') ?? 'LITERAL'
  const found = Object.keys(PatternType).find((name) => name === text.toUpperCase())
  if (found === undefined || found === 'UNKNOWN') {
    throw new OptionError(`Cannot parse argument '${text}' of option resource-pattern-type`)
  }
  return found as AclPatternType
}

const resourceOptions: readonly (readonly [option: string, type: AclResourceType])[] = [
  ['topic', 'TOPIC'],
  ['group', 'GROUP'],
  ['transactional-id', 'TRANSACTIONAL_ID'],
  ['delegation-token', 'DELEGATION_TOKEN'],
  ['user-principal', 'USER'],
]

/** The resources named on the command line. */
export const resourceFilters = (options: OptionSet): AclPattern[] => {
  const patternType = patternTypeOf(options)
  const named = resourceOptions.flatMap(([name, resourceType]) =>
    options.has(name)
      ? unique(options.texts(name).map((text) => (name === 'transactional-id' ? text : text.trim()))).map(
          (text): AclPattern => ({ resourceType, name: text, patternType }),
        )
      : [],
  )
  const wantsCluster = options.has('cluster') || options.has('idempotent')
  return patternType === 'LITERAL' && wantsCluster ? [...named, cluster] : named
}

/** The users of an option, as Kafka writes them. */
export const principalsOf = (options: OptionSet, name: string): string[] =>
  options.has(name) ? unique(options.texts(name).map((text) => principalText(parsePrincipal(text.trim())))) : []

const hostsOf = (options: OptionSet, hosts: string, principals: string): string[] => {
  if (options.has(hosts)) return unique(options.texts(hosts).map((text) => text.trim()))
  return options.has(principals) ? ['*'] : []
}

const entriesOf = (options: OptionSet, operations: readonly AclOperationName[]): AclEntry[] => {
  const entries = (kind: 'allow' | 'deny'): AclEntry[] => {
    const hosts = hostsOf(options, `${kind}-host`, `${kind}-principal`)
    return principalsOf(options, `${kind}-principal`).flatMap((principal) =>
      operations.flatMap((operation) =>
        hosts.map(
          (host): AclEntry => ({ principal, host, operation, permissionType: kind === 'allow' ? 'ALLOW' : 'DENY' }),
        ),
      ),
    )
  }
  return [...entries('allow'), ...entries('deny')]
}

export interface AclsOfResource {
  pattern: AclPattern
  entries: AclEntry[]
}

const roleAcls = (options: OptionSet, resources: readonly AclPattern[]): AclsOfResource[] => {
  const found = new Map<AclPattern, AclEntry[]>()
  const grant = (type: AclResourceType, operations: readonly AclOperationName[]): void => {
    for (const pattern of resources) {
      if (pattern.resourceType !== type) continue
      const before = found.get(pattern) ?? []
      const isNew = ({ principal, host, operation }: AclEntry): boolean =>
        !before.some((one) => one.principal === principal && one.host === host && one.operation === operation)
      found.set(pattern, [...before, ...entriesOf(options, operations).filter(isNew)])
    }
  }
  if (options.has('producer')) {
    grant('TOPIC', ['WRITE', 'DESCRIBE', 'CREATE'])
    grant('TRANSACTIONAL_ID', ['WRITE', 'DESCRIBE'])
    if (options.has('idempotent')) found.set(cluster, entriesOf(options, ['IDEMPOTENT_WRITE']))
  }
  if (options.has('consumer')) {
    grant('TOPIC', ['READ', 'DESCRIBE'])
    grant('GROUP', ['READ'])
  }
  return [...found].map(([pattern, entries]) => ({ pattern, entries }))
}

/** The resources of the command line with the ACLs described beside them. */
export const aclsOfResources = (options: OptionSet): AclsOfResource[] => {
  const isRole = options.has('producer') || options.has('consumer')
  const operations = unique(options.texts('operation').map((name) => operationOf(name.trim()))) as AclOperationName[]
  const entries = isRole ? [] : entriesOf(options, operations)
  if (entries.some(({ operation }) => operation === 'ANY')) throw new Error('operation must not be ANY')
  const resources = resourceFilters(options)
  if (resources.length === 0) {
    usageExit(
      spec,
      'You must provide at least one resource: --topic <topic> or --cluster or --group <group> or --delegation-token <Delegation Token ID>',
    )
  }
  const acls = isRole ? roleAcls(options, resources) : resources.map((pattern) => ({ pattern, entries }))
  for (const { pattern, entries: wanted } of acls) {
    const supported = supportedOperations(pattern.resourceType)
    if (wanted.every(({ operation }) => supported.includes(operation))) continue
    usageExit(spec, `ResourceType ${pattern.resourceType} only supports operations [${supported.join(', ')}]`)
  }
  return acls
}
