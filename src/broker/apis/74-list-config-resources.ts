/**
 * ListConfigResources: names of the resources that have configs of a type; v0-1 (KIP-1142).
 *
 * - v0 knows client-metrics resources only. v1 names the types wanted; none means all that are supported.
 * - Topics and brokers are listed whether or not they have dynamic configs, groups and client metrics only with.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from '../../protocol/generated/74-list-config-resources.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { ConfigResourceType } from '../controller/metadata-image.ts'
import { defineApi } from '../define-api.ts'
import type { BrokerServices } from '../services.ts'

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType
const ALL: readonly number[] = [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP]

function namesOf({ metadata }: BrokerServices, type: number): string[] {
  if (type === TOPIC) return [...metadata.topics.keys()]
  if (type === BROKER || type === BROKER_LOGGER) return [...metadata.brokers.keys()].map(String)
  return metadata.configuredResources(type)
}

export const listConfigResources = defineApi({
  request: ListConfigResourcesRequest,
  response: ListConfigResourcesResponse,
  min: 0,
  max: 1,
  auth: clusterRight(AclOperation.DESCRIBE_CONFIGS),
  handle({ services, version }, request) {
    const asked = version === 0 ? [CLIENT_METRICS] : request.resourceTypes
    const types = asked.length === 0 ? ALL : [...new Set(asked)]
    if (types.some((type) => !ALL.includes(type))) return { errorCode: ErrorCode.UNSUPPORTED_VERSION }
    return {
      configResources: types.flatMap((resourceType) =>
        namesOf(services, resourceType).map((resourceName) => ({ resourceName, resourceType })),
      ),
    }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
