/**
 * GetTelemetrySubscriptions: which metrics a client is to push, how often and how compressed; v0 (KIP-714).
 *
 * - As in Kafka it is always answered, but advertised only by a broker with a receiver: here one that serves /metrics.
 * - A client asks again only after its interval, or after an error that tells it to.
 */
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from '../../protocol/generated/71-get-telemetry-subscriptions.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { ACCEPTED_COMPRESSION_TYPES, type ClientAttributes } from '../telemetry.ts'

/** What client-metrics resources can match, but for the instance id. */
export function clientAttributes({ connection, clientId }: RequestContext): ClientAttributes {
  return {
    client_id: clientId,
    client_software_name: connection.clientSoftwareName,
    client_software_version: connection.clientSoftwareVersion,
    client_source_address: connection.remoteAddress,
    client_source_port: String(connection.remotePort),
  }
}

export const getTelemetrySubscriptions = defineApi({
  request: GetTelemetrySubscriptionsRequest,
  response: GetTelemetrySubscriptionsResponse,
  min: 0,
  max: 0,
  differs: 'advertised when /metrics is served, as there are no telemetry plugins',
  isAdvertised: ({ receivesTelemetry }) => receivesTelemetry,
  handle(context, request) {
    const { telemetry, config } = context.services
    const found = telemetry.subscription(request.clientInstanceId, clientAttributes(context))
    return {
      clientInstanceId: found.clientInstanceId,
      subscriptionId: found.subscriptionId,
      acceptedCompressionTypes: ACCEPTED_COMPRESSION_TYPES,
      pushIntervalMs: found.pushIntervalMs,
      telemetryMaxBytes: config.int('telemetry.max.bytes'),
      deltaTemporality: true,
      requestedMetrics: [...found.metrics],
    }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
