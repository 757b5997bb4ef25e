/**
 * IncrementalAlterConfigs: set, delete, append to and subtract from configs; v0-1 (KIP-339). Each resource stands for itself.
 */
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/generated/44-incremental-alter-configs.ts'
import { defineApi } from '../define-api.ts'
import { alterConfigResources } from './alter-config-resources.ts'

export const incrementalAlterConfigs = defineApi({
  request: IncrementalAlterConfigsRequest,
  response: IncrementalAlterConfigsResponse,
  min: 0,
  max: 1,
  differs: 'no loggers whose level could be changed',
  async handle(context, { resources, validateOnly }) {
    const changes = resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      replace: 'named' as const,
      operations: configs.map(({ name, configOperation, value }) => ({ name, op: configOperation, value })),
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
