/**
 * DescribeAcls: the ACLs that a filter means, by resource; v1-3. Needs DESCRIBE on the cluster. Without an authorizer it is
 * SECURITY_DISABLED.
 *
 * - v1 brings pattern types (KIP-290); MATCH finds the literal, wildcard and prefixed ACLs that concern a name.
 * - A filter with a code of 0 makes no request: the connection is closed, as Kafka does.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  DescribeAclsRequest,
  DescribeAclsResponse,
  type DescribeAclsResponseDescribeAclsResource,
} from '../../protocol/generated/29-describe-acls.ts'
import { filterMatches } from '../authorizer/acl-filter.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { defineApi, NO_RESPONSE } from '../define-api.ts'
import { filterOf, hasUnknownCode } from './acl-codes.ts'

export const describeAcls = defineApi<DescribeAclsRequest, DescribeAclsResponse>({
  request: DescribeAclsRequest,
  response: DescribeAclsResponse,
  min: 1,
  max: 3,
  auth: clusterRight(AclOperation.DESCRIBE),
  handle({ services, connection }, request) {
    const filter = filterOf(request)
    if (hasUnknownCode(filter)) {
      connection.close('DescribeAcls: the filter contains UNKNOWN elements')
      return NO_RESPONSE
    }
    if (!services.authorizer.isEnabled) {
      const errorMessage = 'No Authorizer is configured on the broker'
      return { errorCode: ErrorCode.SECURITY_DISABLED, errorMessage }
    }
    const resources = new Map<string, DescribeAclsResponseDescribeAclsResource>()
    for (const acl of services.metadata.acls.all()) {
      if (!filterMatches(filter, acl)) continue
      const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl
      const key = `${resourceType}/${patternType}/${resourceName}`
      const resource = resources.get(key) ?? { resourceType, resourceName, patternType, acls: [] }
      resources.set(key, resource)
      resource.acls.push({ principal, host, operation, permissionType })
    }
    return { resources: [...resources.values()] }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
