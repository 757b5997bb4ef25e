/**
 * ApiVersions: which APIs this broker answers, at which versions; v0-4.
 *
 * - The list comes from the registry, so it can't promise what isn't there.
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

export const apiVersions = defineApi({
  request: ApiVersionsRequest,
  response: ApiVersionsResponse,
  min: MIN,
  max: MAX,
  auth: 'open',
  handle({ services, connection, version }, request) {
    if (version >= 3) {
      if (!SOFTWARE.test(request.clientSoftwareName) || !SOFTWARE.test(request.clientSoftwareVersion)) {
        return { errorCode: ErrorCode.INVALID_REQUEST }
      }
      connection.clientSoftwareName = request.clientSoftwareName
      connection.clientSoftwareVersion = request.clientSoftwareVersion
    }
    const { metadata } = services
    return {
      apiKeys: services.apis
        .all()
        .map((api) => ({ apiKey: api.request.apiKey, minVersion: api.min, maxVersion: api.max })),
      supportedFeatures: SUPPORTED_FEATURES.filter((feature) => feature.min > 0 || version >= ZERO_LEVELS_FROM).map(
        ({ name, min, max }) => ({ name, minVersion: min, maxVersion: max }),
      ),
      finalizedFeaturesEpoch: BigInt(metadata.offset),
      finalizedFeatures: [...metadata.features].map(([name, level]) => ({
        name,
        minVersionLevel: level,
        maxVersionLevel: level,
      })),
    }
  },
  failure: (_request, errorCode) => ({
    errorCode,
    apiKeys: [{ apiKey: ApiVersionsRequest.apiKey, minVersion: MIN, maxVersion: MAX }],
  }),
})
