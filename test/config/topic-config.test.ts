import { describe, expect, it } from 'vitest'
import { resolveClientMetricsConfig, validateClientMetricsConfig } from '../../src/config/client-metrics-config.ts'
import { resolveGroupConfig } from '../../src/config/group-config.ts'
import { logConfigValues } from '../../src/config/log-config-values.ts'
import { resolveTopicConfig, topicConfigNames, validateTopicConfig } from '../../src/config/topic-config.ts'
import { freshBroker } from './oracle.ts'

describe('topic configs', () => {
  it('are 33', () => {
    expect(topicConfigNames()).toHaveLength(33)
    expect(topicConfigNames()).not.toContain('internal.segment.bytes')
  })

  it('are refused as INVALID_CONFIG', () => {
    expect(() => validateTopicConfig({ 'retention.ms': 'soon' })).toThrow(
      expect.objectContaining({
        errorName: 'INVALID_CONFIG',
        message: 'Invalid value soon for configuration retention.ms: Not a number of type LONG',
      }),
    )
  })

  it('are checked together with the defaults of the broker', () => {
    const broker = freshBroker({ 'log.cleaner.min.compaction.lag.ms': '100' })
    expect(() => validateTopicConfig({ 'max.compaction.lag.ms': '50' }, broker)).toThrow(
      'conflict topic config setting',
    )
    expect(() => validateTopicConfig({ 'max.compaction.lag.ms': '50' })).not.toThrow()
  })

  it('become plain values with the defaults of the broker', () => {
    const broker = freshBroker({ 'log.roll.hours': '2', 'message.max.bytes': '99' })
    const overrides = { 'cleanup.policy': 'compact', 'retention.ms': '-1', 'internal.segment.bytes': '4096', gone: 'x' }
    expect(logConfigValues(resolveTopicConfig(overrides, broker))).toMatchObject({
      segmentSizeBytes: 4096,
      segmentMs: 7_200_000,
      retentionMs: -1,
      retentionSizeBytes: -1,
      maxMessageBytes: 99,
      compact: true,
      delete: false,
      flushIntervalMessages: 2 ** 63,
      minCleanableDirtyRatio: 0.5,
      compressionType: 'producer',
      messageTimestampType: 'CreateTime',
    })
  })
})

describe('group configs', () => {
  it('come from the broker unless set, and keep within its bounds', () => {
    const broker = freshBroker({ 'group.consumer.session.timeout.ms': '50000' })
    expect(resolveGroupConfig({}, broker).int('consumer.session.timeout.ms')).toBe(50_000)
    const left = { 'consumer.session.timeout.ms': '1', 'streams.num.standby.replicas': '9' }
    expect(resolveGroupConfig(left, broker).int('consumer.session.timeout.ms')).toBe(45_000)
    expect(resolveGroupConfig(left, broker).int('streams.num.standby.replicas')).toBe(2)
  })
})

describe('client-metrics configs', () => {
  it('are parsed into a subscription', () => {
    const texts = { 'interval.ms': '1000', metrics: 'a.,b.', match: 'client_id=x.*' }
    const subscription = resolveClientMetricsConfig(texts)
    expect(subscription.intervalMs).toBe(1000)
    expect(subscription.metrics).toEqual(['a.', 'b.'])
    expect(subscription.match.get('client_id')!.test('xyz')).toBe(true)
    expect(subscription.match.get('client_id')!.test('axyz')).toBe(false)
  })

  it('need a name', () => {
    expect(() => validateClientMetricsConfig('', {})).toThrow(expect.objectContaining({ errorName: 'INVALID_REQUEST' }))
  })
})
