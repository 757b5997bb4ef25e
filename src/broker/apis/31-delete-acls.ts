/**
 * DeleteAcls: removes the ACLs that filters mean, and names them filter by filter; v1-3. Needs ALTER on the cluster. Without an authorizer all
 * are SECURITY_DISABLED.
 *
 * - v1 brings pattern types (KIP-290); MATCH means the literal, wildcard and prefixed ACLs that concern a name.
 * - A filter with a code of 0 makes no request: the connection is closed, as Kafka does.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from '../../protocol/generated/31-delete-acls.ts'
import type { AclFilter } from '../authorizer/acl-filter.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { defineApi, NO_RESPONSE, type RequestContext } from '../define-api.ts'
import { filterOf, hasUnknownCode } from './acl-codes.ts'

async function remove({ services }: RequestContext, filters: readonly AclFilter[]): Promise<Draft<DeleteAclsResponse>> {
  const { authorizer, controller } = services
  if (!authorizer.isEnabled) throw new KafkaError(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.')
  const outcomes = await controller.deleteAcls(filters)
  const filterResults = outcomes.map((outcome) => {
    if (!outcome.ok) return { errorCode: outcome.error.code, errorMessage: outcome.error.brokerMessage }
    const matchingAcls = outcome.value.map((acl) => ({
      errorMessage: null,
      resourceType: acl.resourceType,
      resourceName: acl.resourceName,
      patternType: acl.patternType,
      principal: acl.principal,
      host: acl.host,
      operation: acl.operation,
      permissionType: acl.permissionType,
    }))
    return { errorMessage: null, matchingAcls }
  })
  return { filterResults }
}

export const deleteAcls = defineApi<DeleteAclsRequest, DeleteAclsResponse>({
  request: DeleteAclsRequest,
  response: DeleteAclsResponse,
  min: 1,
  max: 3,
  auth: clusterRight(AclOperation.ALTER),
  handle(context, request) {
    const filters = request.filters.map(filterOf)
    if (!filters.some(hasUnknownCode)) return remove(context, filters)
    context.connection.close('DeleteAcls: the filters contain UNKNOWN elements')
    return NO_RESPONSE
  },
  failure: ({ filters }, errorCode, errorMessage) => ({
    filterResults: filters.map(() => ({ errorCode, errorMessage })),
  }),
})
