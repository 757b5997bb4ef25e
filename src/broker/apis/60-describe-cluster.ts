/**
 * DescribeCluster: the cluster's id, controller and brokers; v0-2.
 *
 * - v1 asks for brokers (1) or controllers (2); a broker's listener answers for brokers only (KIP-919).
 * - v2 can include fenced brokers (KIP-1073).
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/generated/60-describe-cluster.ts'
import { defineApi } from '../define-api.ts'
import { brokersFor } from './brokers.ts'
import { clusterOperations, OPERATIONS_OMITTED } from './operations.ts'

const BROKERS = 1
const CONTROLLERS = 2

export const describeCluster = defineApi({
  request: DescribeClusterRequest,
  response: DescribeClusterResponse,
  min: 0,
  max: 2,
  handle(context, request) {
    const { services, connection, version } = context
    const { endpointType } = request
    if (endpointType === CONTROLLERS) {
      return {
        errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE,
        errorMessage:
          'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
        endpointType: BROKERS,
      }
    }
    if (endpointType !== BROKERS) {
      return {
        errorCode: ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: `Unsupported endpoint type ${endpointType}`,
        endpointType: BROKERS,
      }
    }
    const brokers = brokersFor(services, connection.listenerName)
    return {
      clusterId: services.clusterId,
      controllerId: services.nodeId,
      endpointType,
      brokers: brokers
        .filter((broker) => !broker.fenced || request.includeFencedBrokers)
        .map(({ nodeId, host, port, rack, fenced }) => ({
          brokerId: nodeId,
          host,
          port,
          rack,
          isFenced: version >= 2 && fenced,
        })),
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? clusterOperations(context)
        : OPERATIONS_OMITTED,
    }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
