import { describe, expect, it } from 'vitest'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { describeBrokerConfig, describeDefaultBrokerConfig } from '../../src/config/broker-describe.ts'
import { type ClientKind, parseClientDefinitions } from '../../src/config/client-definitions.ts'
import { describeClientMetricsConfig, validateClientMetricsConfig } from '../../src/config/client-metrics-config.ts'
import { checkMinInSyncReplicasWithElr, validateDynamicConfig } from '../../src/config/dynamic-broker-config.ts'
import { describeGroupConfig, validateGroupConfig } from '../../src/config/group-config.ts'
import { describeTopicConfig, validateTopicConfig } from '../../src/config/topic-config.ts'
import {
  dynamicBroker,
  freshBroker,
  itAnswersAsObserved,
  type ObservedEntry,
  observed,
  SERVER_PROPERTIES,
  shown,
  staticBroker,
} from './oracle.ts'

type Described = Record<'topic' | 'broker' | 'default' | 'group' | 'metrics', ObservedEntry[]>

describe('values a real broker was given', () => {
  const broker = freshBroker()
  itAnswersAsObserved('topic-values', (texts) => validateTopicConfig(texts, broker))
  itAnswersAsObserved('group-values', (texts) => validateGroupConfig(texts, broker))
  itAnswersAsObserved('client-metrics-values', (texts) => validateClientMetricsConfig('subscription', texts))
  itAnswersAsObserved('dynamic-broker-values', (texts) => {
    validateDynamicConfig(broker, texts, 'broker')
    for (const name of Object.keys(texts)) checkMinInSyncReplicasWithElr(name, false, 'broker')
  })
  itAnswersAsObserved('dynamic-default-values', (texts) => {
    validateDynamicConfig(broker, { 'min.insync.replicas': '1', ...texts }, 'cluster')
    for (const name of Object.keys(texts)) checkMinInSyncReplicasWithElr(name, false, 'cluster')
  })
})

describe('server.properties a real broker was given', () => {
  const { listeners, ...rest } = SERVER_PROPERTIES
  const required = Object.fromEntries(Object.entries(rest).filter(([name]) => !/topic|state|initial/.test(name)))
  itAnswersAsObserved('static-broker-values', (texts) => {
    BrokerConfig.fromProperties({ listeners, ...required, ...texts })
  })
})

describe("properties Java's clients were given", () => {
  const classes = {
    'key.serializer': 'org.apache.kafka.common.serialization.StringSerializer',
    'value.serializer': 'org.apache.kafka.common.serialization.StringSerializer',
    'key.deserializer': 'org.apache.kafka.common.serialization.StringDeserializer',
    'value.deserializer': 'org.apache.kafka.common.serialization.StringDeserializer',
  }
  for (const kind of ['admin', 'producer', 'consumer'] satisfies ClientKind[]) {
    itAnswersAsObserved(`${kind}-values`, (texts) => {
      parseClientDefinitions(kind, { ...classes, 'bootstrap.servers': 'localhost:9092', ...texts })
    })
  }
})

describe('DescribeConfigs', () => {
  const topic = {
    'retention.ms': '1000',
    'segment.bytes': '2000000',
    'cleanup.policy': 'compact,delete',
    'internal.segment.bytes': '5000',
    'min.insync.replicas': '2',
    'flush.ms': '7',
    'follower.replication.throttled.replicas': '0:1',
  }
  const group = { 'consumer.session.timeout.ms': '50000', 'share.auto.offset.reset': 'earliest' }
  const metrics = { 'interval.ms': '30000', match: 'client_id=a' }

  it.each([
    ['fresh', freshBroker(), {}, {}, {}],
    ['dynamic', dynamicBroker(), topic, group, metrics],
    ['static', staticBroker(), {}, {}, {}],
  ])('answers for a %s configuration entry for entry', (name, broker, topicTexts, groupTexts, metricsTexts) => {
    const want = observed<Described>(`described-${name}`)
    expect(shown(describeTopicConfig(topicTexts, broker))).toEqual(want.topic)
    expect(shown(describeDefaultBrokerConfig(broker))).toEqual(want.default)
    expect(shown(describeGroupConfig(groupTexts, broker))).toEqual(want.group)
    expect(shown(describeClientMetricsConfig(metricsTexts))).toEqual(want.metrics)
    // The other fixtures keep only those entries of the broker that differ from the fresh one's.
    const names = want.broker.map((entry) => entry.name)
    expect(shown(describeBrokerConfig(broker, names))).toEqual(want.broker)
  })

  it('lists 340 configs of a fresh broker, and no internal one', () => {
    const entries = describeBrokerConfig(freshBroker())
    expect(entries).toHaveLength(340)
    expect(entries.map((entry) => entry.name)).not.toContain('unstable.api.versions.enable')
  })

  it('answers only what was asked for', () => {
    const names = describeTopicConfig({}, freshBroker(), ['retention.ms', 'no.such']).map((entry) => entry.name)
    expect(names).toEqual(['retention.ms'])
    expect(describeBrokerConfig(freshBroker(), [])).toEqual([])
  })
})
