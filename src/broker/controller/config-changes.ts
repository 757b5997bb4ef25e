import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ConfigResourceType, type MetadataImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import { checkTopicName } from './topic-names.ts'

/** Operations of IncrementalAlterConfigs (KIP-339). */
export const AlterOp = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const

export interface ConfigAlterations {
  resourceType: number
  resourceName: string
  /** 'all': the legacy AlterConfigs, which deletes what it doesn't name. */
  replace: 'named' | 'all'
  operations: readonly { name: string; op: number; value: string | null }[]
}

/** The rules for values, over the config definitions. Methods throw KafkaError. */
export interface ConfigPolicy {
  /** Checks the configs of a topic to be created and returns those to be stored. */
  checkNewTopic(configs: ReadonlyMap<string, string | null>): ReadonlyMap<string, string>
  /** Checks all dynamic configs a resource would have; `changed` names those the request touches. */
  check(
    resourceType: number,
    resourceName: string,
    configs: ReadonlyMap<string, string>,
    changed: readonly string[],
  ): void
  /** Whether a config is a list, and its value when the resource has none of its own. */
  listValue(resourceType: number, name: string): string | undefined
}

const invalidRequest = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_REQUEST, message)

function checkResource(nodeId: number, type: number, name: string): void {
  switch (type) {
    case ConfigResourceType.TOPIC:
      if (name === '') throw invalidRequest('Default topic resources are not allowed.')
      checkTopicName(name)
      return
    case ConfigResourceType.BROKER:
    case ConfigResourceType.BROKER_LOGGER:
      if (name === '' && type === ConfigResourceType.BROKER) return
      if (!/^-?\d+$/.test(name)) throw invalidRequest(`Node id must be an integer, but it is: ${name}`)
      if (Number(name) !== nodeId)
        throw invalidRequest(
          type === ConfigResourceType.BROKER
            ? `Unexpected broker id, expected ${nodeId}, but received ${name}`
            : `Unexpected node id. Expected ${nodeId}, but received ${name}`,
        )
      return
    case ConfigResourceType.CLIENT_METRICS:
      if (name === '') throw invalidRequest("Subscription name can't be empty")
      return
    case ConfigResourceType.GROUP:
      if (name === '') throw invalidRequest('Default group resources are not allowed.')
      return
    default:
      throw invalidRequest(`Unknown resource type ${type}`)
  }
}

function listOperation(
  policy: ConfigPolicy,
  change: ConfigAlterations,
  name: string,
  op: number,
  value: string | null,
  current: string | undefined,
): string {
  const opName = op === AlterOp.APPEND ? 'APPEND' : 'SUBTRACT'
  const fallback = policy.listValue(change.resourceType, name)
  if (fallback === undefined) {
    throw new KafkaError(ErrorCode.INVALID_CONFIG, `Can't ${opName} to key ${name} because its type is not LIST.`)
  }
  const split = (text: string): string[] => (text === '' ? [] : text.split(',').map((item) => item.trim()))
  const items = split(current ?? fallback)
  const given = split(value ?? '')
  if (op === AlterOp.APPEND) return [...items, ...given.filter((item) => !items.includes(item))].join(',')
  return items.filter((item) => !given.includes(item)).join(',')
}

/** The records that carry out a change; empty when it changes nothing. Throws KafkaError. */
export function alterResourceConfigs(
  image: MetadataImage,
  nodeId: number,
  policy: ConfigPolicy,
  change: ConfigAlterations,
): MetadataRecordDraft[] {
  const names = change.operations.map((operation) => operation.name)
  if (new Set(names).size !== names.length) throw invalidRequest('Error due to duplicate config keys')
  const nulls = change.operations.filter((operation) => operation.op !== AlterOp.DELETE && operation.value === null)
  if (nulls.length > 0)
    throw invalidRequest(`Null value not supported for : ${nulls.map((operation) => operation.name).join(', ')}`)
  if (change.replace === 'all' && change.resourceType === ConfigResourceType.BROKER_LOGGER) {
    throw invalidRequest(`Unknown resource type ${change.resourceType}`)
  }
  checkResource(nodeId, change.resourceType, change.resourceName)
  const current = image.configOf(change.resourceType, change.resourceName)
  const wanted = new Map(change.replace === 'all' ? [] : current)
  for (const { name, op, value } of change.operations) {
    if (op === AlterOp.SET) wanted.set(name, value as string)
    else if (op === AlterOp.DELETE) wanted.delete(name)
    else if (op === AlterOp.APPEND || op === AlterOp.SUBTRACT) {
      wanted.set(name, listOperation(policy, change, name, op, value, current.get(name)))
    } else throw invalidRequest(`Unknown config operation ${op} for ${name}`)
  }
  const { resourceType, resourceName } = change
  // What a legacy request leaves out it takes away.
  const removed = [...current.keys()].filter((name) => !wanted.has(name) && !names.includes(name))
  policy.check(resourceType, resourceName, wanted, names)
  if (removed.length > 0) policy.check(resourceType, resourceName, wanted, removed)
  // Only now, as Kafka does: a config that there isn't is the error of a topic that there isn't.
  if (resourceType === ConfigResourceType.TOPIC && !image.topics.has(resourceName)) {
    throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${resourceName}' does not exist.`)
  }
  const records: MetadataRecordDraft[] = []
  for (const [name, value] of wanted) {
    if (current.get(name) !== value)
      records.push({ type: 'ConfigRecord', data: { resourceType, resourceName, name, value } })
  }
  for (const name of current.keys()) {
    if (!wanted.has(name))
      records.push({ type: 'ConfigRecord', data: { resourceType, resourceName, name, value: null } })
  }
  return records
}
