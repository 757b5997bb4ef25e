import { throwIfError } from '../../protocol/errors.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../protocol/generated/18-api-versions.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../protocol/generated/57-update-features.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import type { FeatureMetadata, FeatureUpgradeType, OperationsAdmin } from '../operations-types.ts'
import { ok, resultOf, withRetries } from '../retry.ts'
import type { Result } from '../types.ts'

/** FeatureUpdate.UpgradeType in Java. */
const UPGRADE_TYPE: Record<FeatureUpgradeType, number> = { upgrade: 1, 'safe-downgrade': 2, 'unsafe-downgrade': 3 }
/** Dry runs and the kinds of downgrade are known from this version on. */
const UPGRADE_TYPE_SINCE = 1
/** From this version on the answer has one error for all features. */
const NO_RESULTS_SINCE = 2

/** Supported and finalized features, from ApiVersions (KIP-584). */
export async function describeFeatures(cluster: Cluster, nodeId?: number): Promise<FeatureMetadata> {
  return withRetries(cluster, 'describeFeatures', async () => {
    const connection = nodeId === undefined ? await cluster.connectAny(true) : await cluster.connectNode(nodeId)
    const { response } = await cluster.ask(connection, ApiVersionsRequest, ApiVersionsResponse, {
      message: (version) => (version >= 3 ? { clientSoftwareName: 'kt', clientSoftwareVersion: '0' } : {}),
    })
    throwIfError(response.errorCode)
    return {
      supported: new Map(response.supportedFeatures.map((f) => [f.name, { min: f.minVersion, max: f.maxVersion }])),
      finalized: new Map(response.finalizedFeatures.map((f) => [f.name, f.maxVersionLevel])),
      finalizedEpoch: response.finalizedFeaturesEpoch < 0n ? null : response.finalizedFeaturesEpoch,
    }
  })
}

/** Changes finalized features: all of them or, since version 2 of the request, none. */
export async function updateFeatures(
  cluster: Cluster,
  updates: Parameters<OperationsAdmin['updateFeatures']>[0],
  { validateOnly = false }: Parameters<OperationsAdmin['updateFeatures']>[1] = {},
): Promise<Map<string, Result<void>>> {
  return askController(cluster, 'updateFeatures', async (connection) => {
    const { response, version } = await cluster.ask(connection, UpdateFeaturesRequest, UpdateFeaturesResponse, {
      message: (requestVersion) => ({
        timeoutMs: cluster.settings.requestTimeoutMs,
        ...(requestVersion >= UPGRADE_TYPE_SINCE ? { validateOnly } : {}),
        featureUpdates: [...updates].map(([feature, { level, upgradeType }]) => ({
          feature,
          maxVersionLevel: level,
          ...(requestVersion >= UPGRADE_TYPE_SINCE
            ? { upgradeType: UPGRADE_TYPE[upgradeType] }
            : { allowDowngrade: upgradeType !== 'upgrade' }),
        })),
      }),
    })
    if (version >= NO_RESULTS_SINCE || response.errorCode !== 0) {
      throwIfControllerMoved(response.errorCode, response.errorMessage)
      const whole = resultOf(response.errorCode, response.errorMessage, () => undefined)
      return new Map([...updates.keys()].map((feature) => [feature, whole]))
    }
    const results = new Map<string, Result<void>>([...updates.keys()].map((feature) => [feature, ok(undefined)]))
    for (const { feature, errorCode, errorMessage } of response.results) {
      results.set(
        feature,
        resultOf(errorCode, errorMessage, () => undefined),
      )
    }
    return results
  })
}

const NOT_CONTROLLER = 41

function throwIfControllerMoved(code: number, message: string | null): void {
  if (code === NOT_CONTROLLER) throwIfError(code, message)
}
