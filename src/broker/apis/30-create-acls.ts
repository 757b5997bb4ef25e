/**
 * CreateAcls: v1-3. Each ACL stands for itself; one that is there already succeeds. Needs ALTER on the cluster. Without an authorizer all are
 * SECURITY_DISABLED.
 *
 * - v1 brings prefixed patterns (KIP-290).
 * - A code of 0 makes no request: the connection is closed, as Kafka does. Codes of filters (ANY, MATCH) fail all ACLs.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  CreateAclsRequest,
  type CreateAclsRequestAclCreation,
  CreateAclsResponse,
} from '../../protocol/generated/30-create-acls.ts'
import type { Acl } from '../authorizer/acl.ts'
import { AclOperation, CLUSTER_NAME, ResourceType } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { defineApi, NO_RESPONSE, type RequestContext } from '../define-api.ts'
import { hasFilterCode, hasUnknownCode } from './acl-codes.ts'

/** What is wrong with an ACL's name, before the controller looks at the rest. */
function nameProblem({ resourceType, resourceName }: Acl): string | undefined {
  if (resourceType === ResourceType.CLUSTER && resourceName !== CLUSTER_NAME) {
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`
  }
  return resourceName === '' ? 'Invalid empty resource name' : undefined
}

function aclOf(creation: CreateAclsRequestAclCreation): Acl {
  const { resourceType, resourceName, resourcePatternType: patternType, principal, host } = creation
  const { operation, permissionType } = creation
  return { resourceType, resourceName, patternType, principal, host, operation, permissionType }
}

async function create({ services }: RequestContext, acls: readonly Acl[]): Promise<Draft<CreateAclsResponse>> {
  const { authorizer, controller } = services
  if (!authorizer.isEnabled) throw new KafkaError(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.')
  if (acls.some(hasFilterCode)) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  const problems = acls.map(nameProblem)
  const outcomes = await controller.createAcls(acls.filter((_, i) => problems[i] === undefined))
  const results = problems.map((problem) => {
    if (problem !== undefined) return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: problem }
    const outcome = outcomes.shift()
    if (!outcome || outcome.ok) return { errorCode: ErrorCode.NONE }
    return { errorCode: outcome.error.code, errorMessage: outcome.error.brokerMessage }
  })
  return { results }
}

export const createAcls = defineApi<CreateAclsRequest, CreateAclsResponse>({
  request: CreateAclsRequest,
  response: CreateAclsResponse,
  min: 1,
  max: 3,
  auth: clusterRight(AclOperation.ALTER),
  handle(context, { creations }) {
    const acls = creations.map(aclOf)
    if (!acls.some(hasUnknownCode)) return create(context, acls)
    context.connection.close('CreateAcls: the ACLs contain unknown elements')
    return NO_RESPONSE
  },
  failure: ({ creations }, errorCode, errorMessage) => ({
    results: creations.map(() => ({ errorCode, errorMessage })),
  }),
})
