import { AclOperation, PatternType, PermissionType, ResourceType } from '../../protocol/acl-codes.ts'
import { KafkaError, throwIfError } from '../../protocol/errors.ts'
import { DescribeAclsRequest, DescribeAclsResponse } from '../../protocol/generated/29-describe-acls.ts'
import { CreateAclsRequest, CreateAclsResponse } from '../../protocol/generated/30-create-acls.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from '../../protocol/generated/31-delete-acls.ts'
import type { AclBinding, AclOperationName, AclPatternType, AclPermissionType, AclResourceType } from '../acl-types.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import { failed, ok, resultOf } from '../retry.ts'
import type { Result } from '../types.ts'

const named = <Name extends string>(codes: Readonly<Record<Name, number>>): ((code: number) => Name) => {
  const names = new Map(Object.entries(codes).map(([name, code]) => [code as number, name as Name]))
  return (code) => names.get(code) ?? ('UNKNOWN' as Name)
}

const resourceTypeOf = named<AclResourceType>(ResourceType)
const patternTypeOf = named<AclPatternType>(PatternType)
const operationOf = named<AclOperationName>(AclOperation)
const permissionTypeOf = named<AclPermissionType>(PermissionType)

const filterFields = ({ pattern, entry }: AclBinding) => ({
  resourceTypeFilter: ResourceType[pattern.resourceType],
  resourceNameFilter: pattern.name,
  patternTypeFilter: PatternType[pattern.patternType],
  principalFilter: entry.principal,
  hostFilter: entry.host,
  operation: AclOperation[entry.operation],
  permissionType: PermissionType[entry.permissionType],
})

interface WireEntry {
  principal: string
  host: string
  operation: number
  permissionType: number
}

const bindingOf = (type: number, name: string, patternType: number, wire: WireEntry): AclBinding => ({
  pattern: { resourceType: resourceTypeOf(type), name, patternType: patternTypeOf(patternType) },
  entry: {
    principal: wire.principal,
    host: wire.host,
    operation: operationOf(wire.operation),
    permissionType: permissionTypeOf(wire.permissionType),
  },
})

/** The ACLs that a filter lets through (KIP-140). */
export async function describeAcls(cluster: Cluster, filter: AclBinding): Promise<AclBinding[]> {
  return askController(cluster, 'describeAcls', async (connection) => {
    const answer = await connection.send(DescribeAclsRequest, DescribeAclsResponse, filterFields(filter))
    throwIfError(answer.errorCode, answer.errorMessage)
    return answer.resources.flatMap(({ resourceType, resourceName, patternType, acls }) =>
      acls.map((acl) => bindingOf(resourceType, resourceName, patternType, acl)),
    )
  })
}

/** Adds ACLs; one Result each, in the order given. */
export async function createAcls(cluster: Cluster, bindings: readonly AclBinding[]): Promise<Result<void>[]> {
  return askController(cluster, 'createAcls', async (connection) => {
    const creations = bindings.map(({ pattern, entry }) => ({
      resourceType: ResourceType[pattern.resourceType],
      resourceName: pattern.name ?? '',
      resourcePatternType: PatternType[pattern.patternType],
      principal: entry.principal ?? '',
      host: entry.host ?? '',
      operation: AclOperation[entry.operation],
      permissionType: PermissionType[entry.permissionType],
    }))
    const answer = await connection.send(CreateAclsRequest, CreateAclsResponse, { creations })
    return answer.results.map((result) => resultOf(result.errorCode, result.errorMessage, () => undefined))
  })
}

/** Deletes what the filters let through; per filter the ACLs deleted, or the first error. */
export async function deleteAcls(cluster: Cluster, filters: readonly AclBinding[]): Promise<Result<AclBinding[]>[]> {
  return askController(cluster, 'deleteAcls', async (connection) => {
    const message = { filters: filters.map(filterFields) }
    const answer = await connection.send(DeleteAclsRequest, DeleteAclsResponse, message)
    return answer.filterResults.map((result): Result<AclBinding[]> => {
      const bad = [result, ...result.matchingAcls].find(({ errorCode }) => errorCode !== 0)
      if (bad) return failed(new KafkaError(bad.errorCode, bad.errorMessage))
      return ok(result.matchingAcls.map((acl) => bindingOf(acl.resourceType, acl.resourceName, acl.patternType, acl)))
    })
  })
}
