import { throwIfError } from '../../protocol/errors.ts'
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../protocol/generated/48-describe-client-quotas.ts'
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from '../../protocol/generated/49-alter-client-quotas.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import { withRetries } from '../retry.ts'
import type { QuotaEntity, QuotaEntry, QuotaFilterComponent } from '../security-types.ts'

/** DescribeClientQuotasRequest.MATCH_TYPE_* in Java. */
const MATCH_TYPE = { exact: 0, default: 1, any: 2 } as const

function component({ entityType, match }: QuotaFilterComponent) {
  if (typeof match === 'string') return { entityType, matchType: MATCH_TYPE[match], match: null }
  return { entityType, matchType: MATCH_TYPE.exact, match: match.name }
}

/** Quotas of users, clients and addresses (KIP-546). */
export async function describeClientQuotas(
  cluster: Cluster,
  filter: readonly QuotaFilterComponent[],
  strict: boolean,
): Promise<QuotaEntry[]> {
  return withRetries(cluster, 'describeClientQuotas', async () => {
    const connection = await cluster.connectAny()
    const message = { components: filter.map(component), strict }
    const answer = await connection.send(DescribeClientQuotasRequest, DescribeClientQuotasResponse, message)
    throwIfError(answer.errorCode, answer.errorMessage)
    return (answer.entries ?? []).map(({ entity, values }) => ({
      entity: new Map(entity.map(({ entityType, entityName }) => [entityType, entityName])),
      values: new Map(values.map(({ key, value }) => [key, value])),
    }))
  })
}

/** Sets quotas of one entity; null removes one. */
export async function alterClientQuotas(
  cluster: Cluster,
  entity: QuotaEntity,
  values: ReadonlyMap<string, number | null>,
): Promise<void> {
  cluster.refuseControllers()
  await askController(cluster, 'alterClientQuotas', async (connection) => {
    const entry = {
      entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
      ops: [...values].map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
    }
    const message = { entries: [entry], validateOnly: false }
    const answer = await connection.send(AlterClientQuotasRequest, AlterClientQuotasResponse, message)
    for (const { errorCode, errorMessage } of answer.entries) throwIfError(errorCode, errorMessage)
  })
}
