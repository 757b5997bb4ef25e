/**
 * AlterConfigs: replaces all dynamic configs of a resource with those given; v0-2. Superseded by IncrementalAlterConfigs, still served.
 */
import { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/generated/33-alter-configs.ts'
import { AlterOp } from '../controller/config-changes.ts'
import { defineApi } from '../define-api.ts'
import { alterConfigResources } from './alter-config-resources.ts'

export const alterConfigs = defineApi({
  request: AlterConfigsRequest,
  response: AlterConfigsResponse,
  min: 0,
  max: 2,
  async handle(context, { resources, validateOnly }) {
    const changes = resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      replace: 'all' as const,
      operations: configs.map(({ name, value }) => ({ name, op: AlterOp.SET, value })),
    }))
    return { responses: await alterConfigResources(context, changes, validateOnly) }
  },
  failure: (request, errorCode, errorMessage) => ({
    responses: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode,
      errorMessage,
    })),
  }),
})
