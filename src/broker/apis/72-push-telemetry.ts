/**
 * PushTelemetry: metrics of a client in OTLP, compressed as it chose; v0 (KIP-714). The newest push of each client is kept, within bounds,
 * and all are counted in /metrics. Advertised with GetTelemetrySubscriptions only.
 */
import { PushTelemetryRequest, PushTelemetryResponse } from '../../protocol/generated/72-push-telemetry.ts'
import { defineApi } from '../define-api.ts'
import { clientAttributes } from './71-get-telemetry-subscriptions.ts'

export const pushTelemetry = defineApi({
  request: PushTelemetryRequest,
  response: PushTelemetryResponse,
  min: 0,
  max: 0,
  differs: 'advertised when /metrics is served; what is pushed is kept as it came, not decoded',
  isAdvertised: ({ receivesTelemetry }) => receivesTelemetry,
  handle(context, { clientInstanceId, subscriptionId, terminating, compressionType, metrics }) {
    const { telemetry, config, clock } = context.services
    const pushed = { clientInstanceId, clientId: context.clientId, receivedMs: clock.nowMs(), terminating }
    const maxBytes = config.int('telemetry.max.bytes')
    telemetry.push({ ...pushed, compressionType, metrics }, subscriptionId, clientAttributes(context), maxBytes)
    return {}
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
