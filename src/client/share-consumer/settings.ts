import type { ClientSettings } from '../settings.ts'

/** What a share consumer is told besides the cluster's settings. Names are Kafka's configs. */
export interface ShareConsumerSettings extends ClientSettings {
  groupId: string
  /** implicit: what a poll handed out is accepted by the next one. */
  acknowledgementMode: 'implicit' | 'explicit'
  /** record_limit: never more than max.poll.records at a time; batch_optimized: whole batches. */
  acquireMode: 'batch_optimized' | 'record_limit'
  maxPollRecords: number
  fetchMinBytes: number
  fetchMaxBytes: number
  fetchMaxWaitMs: number
  checkCrcs: boolean
  clientRack: string
}

/** Java's defaults. */
export const SHARE_CONSUMER_DEFAULTS = {
  clientId: 'consumer-1',
  acknowledgementMode: 'implicit',
  acquireMode: 'batch_optimized',
  maxPollRecords: 500,
  fetchMinBytes: 1,
  fetchMaxBytes: 52_428_800,
  fetchMaxWaitMs: 500,
  checkCrcs: true,
  clientRack: '',
} as const satisfies Partial<ShareConsumerSettings>
