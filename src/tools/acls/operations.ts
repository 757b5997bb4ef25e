import type { AclOperationName, AclResourceType } from '../../client/acl-types.ts'

/** What may be allowed or denied on each type of resource, besides ALL; AclEntry.supportedOperations in Kafka. */
const SUPPORTED: Partial<Record<AclResourceType, readonly AclOperationName[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'ALTER', 'DESCRIBE'],
  TRANSACTIONAL_ID: ['DESCRIBE', 'WRITE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
}

const BY_NAME: Readonly<Record<string, AclOperationName>> = {
  Any: 'ANY',
  All: 'ALL',
  Read: 'READ',
  Write: 'WRITE',
  Create: 'CREATE',
  Delete: 'DELETE',
  Alter: 'ALTER',
  Describe: 'DESCRIBE',
  ClusterAction: 'CLUSTER_ACTION',
  DescribeConfigs: 'DESCRIBE_CONFIGS',
  AlterConfigs: 'ALTER_CONFIGS',
  IdempotentWrite: 'IDEMPOTENT_WRITE',
  CreateTokens: 'CREATE_TOKENS',
  DescribeTokens: 'DESCRIBE_TOKENS',
  TwoPhaseCommit: 'TWO_PHASE_COMMIT',
}

const byLowerCase = new Map(Object.entries(BY_NAME).map(([name, operation]) => [name.toLowerCase(), operation]))

/** Names that `--operation` takes, in any case. */
export const operationNames: readonly string[] = Object.keys(BY_NAME).filter((name) => name !== 'Any')

/** The operation of a name; what isn't one is UNKNOWN, which no resource supports. */
export const operationOf = (name: string): AclOperationName => byLowerCase.get(name.toLowerCase()) ?? 'UNKNOWN'

/** The operations of a type of resource, ALL included. */
export const supportedOperations = (type: AclResourceType): readonly AclOperationName[] => [
  ...(SUPPORTED[type] ?? []),
  'ALL',
]
