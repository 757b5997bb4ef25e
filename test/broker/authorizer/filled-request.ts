import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import {
  existsIn,
  loadSchemas,
  type MessageSchema,
  propertyName,
  type SchemaField,
  type StructValue,
} from '../../protocol/schema-interpreter.ts'

/** The names that a request is filled with. */
export interface Names {
  readonly topic: string
  readonly topicId: string
  readonly group: string
  readonly transactionalId: string
}

const requests = new Map(loadSchemas().map((schema) => [schema.name, schema]))

/** Values of fields whose default would make no sense, by property; strings are given by `nameFor`. */
const NUMBERS: Readonly<Record<string, number>> = {
  acks: 1,
  timeoutMs: 1000,
  maxWaitMs: 0,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  transactionTimeoutMs: 10_000,
  partitionMaxBytes: 1000,
  resourceType: 2,
  resourceTypeFilter: 2,
  resourcePatternType: 3,
  patternTypeFilter: 3,
  operation: 3,
  permissionType: 3,
  endpointType: 1,
  responsePartitionLimit: 100,
  numPartitions: 1,
  replicationFactor: 1,
  count: 5,
}

/**
 * A request about the given topic, group and transactional id, made from its schema: every list has one element, every name one of them, so it
 * fits APIs that nobody thought of.
 */
export function filledRequest(name: string, version: number, names: Names): StructValue {
  const schema = requests.get(name)
  if (!schema) throw new Error(`no schema ${name}`)
  return struct(schema, schema.fields, version, names)
}

function struct(schema: MessageSchema, fields: readonly SchemaField[], version: number, names: Names): StructValue {
  const entries = fields
    .filter((field) => existsIn(field, version))
    .map((field) => [propertyName(field), fieldValue(schema, field, field.type, version, names)])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function fieldValue(schema: MessageSchema, field: SchemaField, type: string, version: number, names: Names): unknown {
  const property = propertyName(field)
  if (type.startsWith('[]')) {
    const element = fieldValue(schema, field, type.slice(2), version, names)
    return element === undefined ? [] : [element]
  }
  switch (type) {
    case 'bool':
      return property.startsWith('include')
    case 'string':
      return nameFor(field as SchemaField & { entityType?: string }, names)
    case 'uuid':
      // Metadata has ids before it takes any.
      if (schema.name === 'MetadataRequest' && version < 12) return undefined
      return property === 'topicId' || property === 'topicIds' ? names.topicId : undefined
    case 'records':
      return buildBatch([{ key: null, value: Buffer.from('x'), timestamp: 1 }])
    case 'bytes':
      return undefined
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
      return NUMBERS[property] ?? numberDefault(field)
    case 'int64':
      return field.default === undefined ? 0n : BigInt(String(field.default))
    case 'float64':
      return 0
    default: {
      const fields = field.fields ?? schema.commonStructs?.find((shared) => shared.name === type)?.fields ?? []
      // A cursor would skip what comes before it; null stands for none.
      if (property === 'cursor') return null
      return struct(schema, fields, version, names)
    }
  }
}

/** undefined: the writer's own default. */
function numberDefault(field: SchemaField): number | undefined {
  return field.default === undefined ? 0 : undefined
}

function nameFor(field: SchemaField & { entityType?: string }, names: Names): string | undefined {
  switch (field.entityType) {
    case 'topicName':
      return names.topic
    case 'groupId':
      return names.group
    case 'transactionalId':
      return names.transactionalId
    default:
  }
  switch (propertyName(field)) {
    case 'resourceName':
    case 'resourceNameFilter':
      return names.topic
    case 'key':
    case 'coordinatorKeys':
    case 'groups':
    case 'groupId':
      return names.group
    case 'clientSoftwareName':
    case 'clientSoftwareVersion':
      return 'test'
    case 'host':
      return '*'
    case 'principal':
      return 'User:x'
    case 'protocolType':
    case 'protocolName':
      return 'consumer'
    default:
      return undefined
  }
}
