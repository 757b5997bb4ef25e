/**
 * DescribeConfigs: v1-4.
 *
 * - Topics, brokers ('' is the cluster-wide default), broker loggers, client metrics, groups.
 * - Needs DESCRIBE_CONFIGS on the topic, the group or, for all else, the cluster.
 * - configurationKeys null or (from Kafka's own reading) empty means all. v1 adds synonyms, v3 types and documentation.
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../protocol/generated/32-describe-configs.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { ConfigResourceType } from '../controller/metadata-image.ts'
import { checkTopicName } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { checkConfigs } from './config-rights.ts'

type Result = Draft<DescribeConfigsResponse['results'][number]>
type Resource = DescribeConfigsRequest['resources'][number]

function checkResource({ services }: RequestContext, { resourceType, resourceName }: Resource): void {
  switch (resourceType) {
    case ConfigResourceType.TOPIC:
      checkTopicName(resourceName)
      if (!services.metadata.topics.has(resourceName)) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      return
    case ConfigResourceType.BROKER:
    case ConfigResourceType.BROKER_LOGGER:
      if (resourceName === '' && resourceType === ConfigResourceType.BROKER) return
      if (resourceName === '') throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Broker id must not be empty')
      if (!/^-?\d+$/.test(resourceName)) {
        throw new KafkaError(ErrorCode.INVALID_REQUEST, `Broker id must be an integer, but it is: ${resourceName}`)
      }
      if (Number(resourceName) !== services.nodeId) {
        throw new KafkaError(
          ErrorCode.INVALID_REQUEST,
          `Unexpected broker id, expected ${services.nodeId}${resourceType === ConfigResourceType.BROKER ? ' or empty string,' : ''} but received ${resourceName}`,
        )
      }
      return
    case ConfigResourceType.CLIENT_METRICS:
    case ConfigResourceType.GROUP:
      if (resourceName === '') {
        const what = resourceType === ConfigResourceType.GROUP ? 'Group name' : 'Client metrics subscription name'
        throw new KafkaError(ErrorCode.INVALID_REQUEST, `${what} must not be empty`)
      }
      return
    default:
      throw new KafkaError(ErrorCode.INVALID_REQUEST)
  }
}

/** Of a topic that isn't there nothing is said beside the code. */
const messageOf = (error: KafkaError): string =>
  error.code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? '' : error.message

function describe(context: RequestContext, request: DescribeConfigsRequest, resource: Resource): Result {
  const { resourceType, resourceName, configurationKeys } = resource
  try {
    const denial = checkConfigs(context, AclOperation.DESCRIBE_CONFIGS, resource)
    if (denial !== ErrorCode.NONE) throw new KafkaError(denial)
    checkResource(context, resource)
    const wanted = configurationKeys && configurationKeys.length > 0 ? new Set(configurationKeys) : undefined
    const entries = context.services.configs.describe(resourceType, resourceName)
    return {
      resourceType,
      resourceName,
      errorMessage: '',
      configs: entries
        .filter((entry) => !wanted || wanted.has(entry.name))
        .map((entry) => ({
          name: entry.name,
          value: entry.value,
          readOnly: entry.readOnly,
          configSource: entry.source,
          isSensitive: entry.isSensitive,
          synonyms: request.includeSynonyms
            ? entry.synonyms.map(({ name, value, source }) => ({ name, value, source }))
            : [],
          configType: entry.type,
          documentation: null,
        })),
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { resourceType, resourceName, errorCode: error.code, errorMessage: messageOf(error) }
  }
}

export const describeConfigs = defineApi({
  request: DescribeConfigsRequest,
  response: DescribeConfigsResponse,
  min: 1,
  max: 4,
  differs: 'no documentation of configs; no loggers',
  handle: (context, request) => ({
    results: request.resources.map((resource) => describe(context, request, resource)),
  }),
  failure: (request, errorCode, errorMessage) => ({
    results: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode,
      errorMessage,
    })),
  }),
})
