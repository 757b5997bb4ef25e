/**
 * UpdateFeatures: raises or lowers finalized feature levels, all or none; v0-2 (KIP-584, KIP-778).
 *
 * - v0 says allowDowngrade, which is a safe downgrade; v1 brings upgrade types and validateOnly; from v2 on only the whole has a result.
 * - kraft.version 0 → 1 writes the static voter into the log (KIP-853). It can't be lowered.
 * - eligible.leader.replicas.version 0 → 1 fixes min.insync.replicas for the cluster (KIP-966). Needs ALTER on the cluster.
 */
import type { Draft } from '../../protocol/codec.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../protocol/generated/57-update-features.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { elrSafetyRecords, type FeatureUpdate, featureChanges, UpgradeType } from '../controller/feature-changes.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

const RESULTS_UNTIL = 1

function updatesOf(request: UpdateFeaturesRequest, version: number): Map<string, FeatureUpdate> {
  return new Map(
    request.featureUpdates.map(({ feature, maxVersionLevel, allowDowngrade, upgradeType }) => {
      const v0Type = allowDowngrade ? UpgradeType.SAFE_DOWNGRADE : UpgradeType.UPGRADE
      return [feature, { level: maxVersionLevel, upgradeType: version === 0 ? v0Type : upgradeType }]
    }),
  )
}

async function update({ services, version }: RequestContext, request: UpdateFeaturesRequest): Promise<void> {
  const { quorum, config, nodeId } = services
  const updates = updatesOf(request, version)
  await services.controller.run(async ({ image, append }) => {
    const { records, kraftVersion } = featureChanges(nodeId, quorum.features, updates)
    if (request.validateOnly) return
    records.push(...elrSafetyRecords(image, updates, config.int('min.insync.replicas')))
    if (kraftVersion !== undefined) await quorum.upgrade()
    if (records.length > 0) await append(records)
  })
}

export const updateFeatures = defineApi({
  request: UpdateFeaturesRequest,
  response: UpdateFeaturesResponse,
  min: 0,
  max: 2,
  async handle(context, request): Promise<Draft<UpdateFeaturesResponse>> {
    requireCluster(context, AclOperation.ALTER)
    try {
      await update(context, request)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const errorMessage = `The update failed for all features since the following feature had an error: ${error.message}`
      return { errorCode: error.code, errorMessage, results: [] }
    }
    const named = context.version <= RESULTS_UNTIL ? request.featureUpdates : []
    return { errorMessage: null, results: named.map(({ feature }) => ({ feature, errorMessage: 'NONE' })) }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
