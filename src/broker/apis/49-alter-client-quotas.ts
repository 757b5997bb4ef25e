/**
 * AlterClientQuotas: sets and removes quotas of users, client ids and addresses; v0-1 (KIP-546). Each entity stands for itself.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from '../../protocol/generated/49-alter-client-quotas.ts'
import { AclOperation, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const alterClientQuotas = defineApi({
  request: AlterClientQuotasRequest,
  response: AlterClientQuotasResponse,
  min: 0,
  max: 1,
  async handle(context, { entries, validateOnly }) {
    if (!allowsCluster(context, AclOperation.ALTER_CONFIGS))
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    const alterations = entries.map(({ entity, ops }) => ({
      entity: new Map(entity.map(({ entityType, entityName }) => [entityType, entityName])),
      operations: ops.map(({ key, value, remove }) => ({ key, value: remove ? null : value })),
    }))
    const results = await context.services.controller.alterClientQuotas(alterations, validateOnly)
    return {
      entries: results.map(({ entity, error }) => ({
        errorCode: error?.code ?? ErrorCode.NONE,
        errorMessage: error?.message ?? null,
        entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
      })),
    }
  },
  failure: (request, errorCode, errorMessage) => ({
    entries: request.entries.map(({ entity }) => ({ errorCode, errorMessage, entity })),
  }),
})
