/**
 * ApiVersions: which APIs this broker answers, at which versions; v0-4.
 *
 * - The list comes from the registry, so it can't promise what isn't there.
 * - Produce is said to begin at v0, as Kafka does for librdkafka's sake; what it takes begins at v3.
 * - A version the broker lacks is answered in version 0 with UNSUPPORTED_VERSION and the versions of ApiVersions alone (KIP-511;
 *   the connection sees to it).
 * - v3 brings the client's software name and version, checked by Kafka's pattern, and features (KIP-584).
 * - v4 also lists features whose lowest level is 0; older clients can't read those.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../protocol/generated/18-api-versions.ts'
import { SUPPORTED_FEATURES } from '../controller/features.ts'
import { defineApi } from '../define-api.ts'

const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/
const MIN = 0
const MAX = 4
const ZERO_LEVELS_FROM = 4
const PRODUCE = 0
/** librdkafka compresses for brokers only that know Produce v0, so Kafka says it does (KAFKA-18659). */
const PRODUCE_CLAIMED_FROM = 0

/** Whether what the client says of itself is of Kafka's pattern; it says nothing before v3. */
export function hasValidSoftware(request: ApiVersionsRequest, version: number): boolean {
  return version < 3 || (SOFTWARE.test(request.clientSoftwareName) && SOFTWARE.test(request.clientSoftwareVersion))
}

export const apiVersions = defineApi({
  request: ApiVersionsRequest,
  response: ApiVersionsResponse,
  min: MIN,
  max: MAX,
  auth: 'open',
  handle({ services, connection, version }, request) {
    if (!hasValidSoftware(request, version)) return { errorCode: ErrorCode.INVALID_REQUEST }
    if (version >= 3) {
      connection.clientSoftwareName = request.clientSoftwareName
      connection.clientSoftwareVersion = request.clientSoftwareVersion
    }
    const { metadata, quorum } = services
    return {
      apiKeys: services.apis
        .all()
        .filter((api) => api.isAdvertised?.(services) ?? true)
        .map(({ request: { apiKey }, min, max }) => ({
          apiKey,
          minVersion: apiKey === PRODUCE ? PRODUCE_CLAIMED_FROM : min,
          maxVersion: max,
        })),
      supportedFeatures: SUPPORTED_FEATURES.filter((feature) => feature.min > 0 || version >= ZERO_LEVELS_FROM).map(
        ({ name, min, max }) => ({ name, minVersion: min, maxVersion: max }),
      ),
      finalizedFeaturesEpoch: BigInt(metadata.offset),
      finalizedFeatures: [...quorum.features].map(([name, level]) => ({
        name,
        minVersionLevel: level,
        maxVersionLevel: level,
      })),
    }
  },
  failure: (_request, errorCode) => ({
    errorCode,
    apiKeys:
      errorCode === ErrorCode.UNSUPPORTED_VERSION
        ? [{ apiKey: ApiVersionsRequest.apiKey, minVersion: MIN, maxVersion: MAX }]
        : [],
  }),
})
