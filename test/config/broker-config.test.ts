import { describe, expect, it } from 'vitest'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { checkMinInSyncReplicasWithElr, validateDynamicConfig } from '../../src/config/dynamic-broker-config.ts'
import { defaultEmbeddedProperties } from '../../src/config/embedded-config.ts'
import { parseEndpoints, securityProtocolMap } from '../../src/config/listeners.ts'
import { freshBroker, refusalOf, SERVER_PROPERTIES } from './oracle.ts'

describe('BrokerConfig', () => {
  it('reads values by name and type', () => {
    const config = freshBroker({ 'log.retention.bytes': '9223372036854775807' })
    expect(config.int('num.partitions')).toBe(1)
    expect(config.long('log.retention.bytes')).toBe(2 ** 63)
    expect(config.longOrNull('log.retention.ms')).toBeNull()
    expect(config.boolean('delete.topic.enable')).toBe(true)
    expect(config.double('log.cleaner.min.cleanable.ratio')).toBe(0.5)
    expect(config.list('process.roles')).toEqual(['broker', 'controller'])
    expect(config.string('compression.type')).toBe('producer')
    expect(() => config.long('log.retention.ms')).toThrow("'log.retention.ms' is not set")
    expect(() => config.int('no.such')).toThrow("no config named 'no.such'")
    expect(() => config.boolean('num.partitions')).toThrow("'num.partitions' is not of type boolean")
  })

  it('knows the topology of a combined node', () => {
    const { topology } = freshBroker()
    expect(topology.nodeId).toBe(1)
    expect(topology.isBroker() && topology.isController()).toBe(true)
    expect(topology.advertisedListeners).toEqual([
      { listener: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 'PLAINTEXT' },
    ])
    expect(topology.controllerListeners.map((endpoint) => endpoint.port)).toEqual([9093])
    expect(topology.logDirs).toEqual(['/data/logs'])
    expect(topology.metadataLogDir).toBe('/data/logs')
  })

  it('takes broker.id for a missing node.id', () => {
    const { 'node.id': _, ...rest } = SERVER_PROPERTIES
    expect(BrokerConfig.fromProperties({ ...rest, 'broker.id': '7' }).topology.nodeId).toBe(7)
  })

  it('lets dynamic configs win, with all their synonyms', () => {
    const config = freshBroker({ 'log.retention.ms': '5', 'log.retention.hours': '1' })
    expect(config.topicDefaults().get('retention.ms')).toBe('5')
    const dynamic = config.withDynamic({ cluster: { 'log.retention.ms': '20' }, broker: { 'log.retention.ms': '30' } })
    expect(dynamic.topicDefaults().get('retention.ms')).toBe('30')
    expect(dynamic.withDynamic({}).topicDefaults().get('retention.ms')).toBe('5')
  })

  it.each([
    [{}, '604800000'],
    [{ 'log.retention.hours': '2' }, '7200000'],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3' }, '180000'],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3', 'log.retention.ms': '4' }, '4'],
    [{ 'log.retention.hours': '-1' }, '-1'],
    [{ 'log.retention.ms': '-2' }, '-1'],
  ])('turns %j into a retention.ms of %s', (texts, retentionMs) => {
    expect(freshBroker(texts).topicDefaults().get('retention.ms')).toBe(retentionMs)
  })

  it('names unknown keys but takes them', () => {
    const config = freshBroker({ 'custom.key': '1', 'listener.name.plaintext.max.connections': '3' })
    expect(config.unknownNames()).toEqual(['custom.key'])
  })

  it('looks up listener and mechanism overrides', () => {
    const config = freshBroker({
      'listener.name.plaintext.max.connections': '3',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': 'plain',
      'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'PLAIN',
    })
    expect(config.listenerText('PLAINTEXT', 'max.connections')).toBe('3')
    expect(config.listenerText('OTHER', 'max.connections')).toBe('2147483647')
    expect(config.listenerText('SASL_SSL', 'sasl.jaas.config', 'PLAIN')).toBe('plain')
    expect(config.listenerText('SASL_SSL', 'sasl.jaas.config')).toBeNull()
    expect(config.listenerText('SASL_SSL', 'sasl.enabled.mechanisms')).toBe('PLAIN')
  })

  it('refuses what kt lacks rather than ignoring it', () => {
    expect(() => freshBroker({ 'remote.log.storage.system.enable': 'true' })).toThrow('no tiered storage')
  })

  it('accepts the embedded defaults with ports the system chooses', () => {
    const properties = defaultEmbeddedProperties({ port: 0, dataDir: '/data', overrides: { 'num.partitions': '3' } })
    const config = BrokerConfig.fromProperties(properties)
    expect(config.int('num.partitions')).toBe(3)
    expect(config.topology.brokerListeners.map((endpoint) => endpoint.port)).toEqual([0])
    expect(config.int('offsets.topic.replication.factor')).toBe(1)
  })
})

describe('listeners', () => {
  const protocols = new Map([
    ['A', 'PLAINTEXT' as const],
    ['B', 'SSL' as const],
    ['C', 'SSL' as const],
  ])

  it('reads names, IPv6 addresses and missing hosts', () => {
    expect(parseEndpoints(['a://[::1]:9092', 'B://:0'], protocols, true)).toEqual([
      { listener: 'A', host: '::1', port: 9092, securityProtocol: 'PLAINTEXT' },
      { listener: 'B', host: null, port: 0, securityProtocol: 'SSL' },
    ])
  })

  it.each([
    [['A://127.0.0.1:1', 'B://[::1]:1'], null],
    [['A://127.0.0.1:1', 'B://127.0.0.2:1'], 'then one needs to be IPv4 and the other IPv6'],
    [['A://127.0.0.1:1', 'B://[::1]:1', 'C://127.0.0.2:1'], 'unless exactly one listener has an IPv4 address'],
    [['A://x:1', 'B://[::1]:1'], 'Each listener must have a different port'],
  ])('judges a shared port of %j', (listeners, message) => {
    const refusal = refusalOf(() => parseEndpoints(listeners, protocols, true))
    if (message === null) expect(refusal).toBeNull()
    else expect(refusal).toContain(message)
  })

  it('makes controller listeners PLAINTEXT only while nothing is secured', () => {
    const map = 'PLAINTEXT:PLAINTEXT,SSL:SSL'
    expect(securityProtocolMap(map, false, ['CTL'], ['PLAINTEXT://:1']).get('CTL')).toBe('PLAINTEXT')
    expect(securityProtocolMap(map, false, ['CTL'], ['SSL://:1']).get('CTL')).toBeUndefined()
    expect(securityProtocolMap(map, true, ['CTL'], ['PLAINTEXT://:1']).get('CTL')).toBeUndefined()
  })
})

describe('dynamic changes', () => {
  it('give the next configuration', () => {
    const next = validateDynamicConfig(freshBroker(), { 'num.io.threads': '16' }, 'broker')
    expect(next.int('num.io.threads')).toBe(16)
    expect(next.int('min.insync.replicas')).toBe(1)
  })

  it('are answered as INVALID_REQUEST', () => {
    expect(() => validateDynamicConfig(freshBroker(), { 'process.roles': 'broker' }, 'broker')).toThrow(
      expect.objectContaining({ errorName: 'INVALID_REQUEST' }),
    )
  })

  it('keep min.insync.replicas where ELR needs it', () => {
    const remove = () => checkMinInSyncReplicasWithElr('min.insync.replicas', true, 'cluster')
    expect(remove).toThrow('Cluster-level min.insync.replicas cannot be removed while ELR is enabled.')
    expect(() => checkMinInSyncReplicasWithElr('num.io.threads', true, 'broker')).not.toThrow()
  })
})
