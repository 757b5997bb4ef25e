/**
 * DescribeCluster as a controller's listener answers it (KIP-919): the controllers, for those who ask for controllers; v0-2. Needs
 * ALTER on the cluster, more than a broker's.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/generated/60-describe-cluster.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'
import { clusterOperations, OPERATIONS_OMITTED } from './operations.ts'

const BROKERS = 1
const CONTROLLERS = 2
const ENDPOINT_TYPES_FROM = 1

export const describeControllers = defineApi({
  request: DescribeClusterRequest,
  response: DescribeClusterResponse,
  min: 0,
  max: 2,
  auth: clusterRight(AclOperation.ALTER),
  handle(context, request) {
    const { services, connection, version } = context
    const { endpointType } = request
    if (endpointType === BROKERS) {
      return {
        // Clients of version 0 don't know the other code.
        errorCode: version >= ENDPOINT_TYPES_FROM ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.INVALID_REQUEST,
        errorMessage:
          'The request was sent to an endpoint of type CONTROLLER, but we wanted an endpoint of type BROKER',
      }
    }
    if (endpointType !== CONTROLLERS) {
      return {
        errorCode: ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: `Unsupported endpoint type ${endpointType}`,
      }
    }
    const { quorum } = services
    const endpoint = quorum.endpoints.find(({ name }) => name === connection.listenerName)
    return {
      errorMessage: null,
      clusterId: services.clusterId,
      controllerId: quorum.nodeId,
      endpointType,
      brokers: endpoint ? [{ brokerId: quorum.nodeId, host: endpoint.host, port: endpoint.port, rack: null }] : [],
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? clusterOperations(context)
        : OPERATIONS_OMITTED,
    }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
