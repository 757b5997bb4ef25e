/** What a real Kafka 4.3 broker, or Java's client, answered to many values; and how to compare with it. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { type ConfigEntry, ConfigSource } from '../../src/config/describe.ts'

/** Configs that were tried together, and the refusal: simple class name and message, or null if they were taken. */
export type Observation = [texts: Record<string, string>, refusal: string | null]

/** One entry of DescribeConfigs as the Admin client showed it. */
export interface ObservedEntry {
  name: string
  value: string | null
  source: string
  sensitive: boolean
  readOnly: boolean
  type: string
  synonyms: [source: string, name: string, value: string | null][]
}

export function observed<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T
}

/** @returns how Java would print the error that `run` throws, or null */
export function refusalOf(run: () => void): string | null {
  try {
    run()
    return null
  } catch (error) {
    const { exceptionClass, message } = error as { exceptionClass?: string; message: string }
    return `${exceptionClass?.split('.').at(-1)}: ${message}`
  }
}

/** A test that every recorded observation is met. */
export function itAnswersAsObserved(fixture: string, validate: (texts: Record<string, string>) => void): void {
  it(`answers ${fixture} word for word`, () => {
    const rows = observed<Observation[]>(fixture)
    expect(rows.length).toBeGreaterThan(10)
    const got = rows.map(([texts]) => [texts, refusalOf(() => validate(texts))])
    expect(got).toEqual(rows)
  })
}

const TYPES = ['UNKNOWN', 'BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD']
const SOURCES = new Map<number, string>(Object.entries(ConfigSource).map(([name, code]) => [code, name]))

/** @returns entries in the form of the observations, by name */
export function shown(entries: readonly ConfigEntry[]): ObservedEntry[] {
  return entries
    .map(
      (entry): ObservedEntry => ({
        name: entry.name,
        value: entry.value,
        source: SOURCES.get(entry.source)!,
        sensitive: entry.isSensitive,
        readOnly: entry.readOnly,
        type: TYPES[entry.type]!,
        synonyms: entry.synonyms.map(({ source, name, value }) => [SOURCES.get(source)!, name, value]),
      }),
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** server.properties of the observed broker. */
export const SERVER_PROPERTIES = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.quorum.bootstrap.servers': 'localhost:9093',
  listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
  'advertised.listeners': 'PLAINTEXT://localhost:9092',
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': '/data/logs',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
}

/** A fresh broker: formatting the storage sets min.insync.replicas for the cluster. */
export function freshBroker(more: Record<string, string> = {}): BrokerConfig {
  return BrokerConfig.fromProperties({ ...SERVER_PROPERTIES, ...more }).withDynamic({
    cluster: { 'min.insync.replicas': '1' },
  })
}

/** The broker whose dynamic configs were described. */
export function dynamicBroker(): BrokerConfig {
  return freshBroker().withDynamic({
    cluster: {
      'min.insync.replicas': '1',
      'log.retention.ms': '7200000',
      'log.segment.bytes': '3000000',
      'max.connections': '500',
      'no.such.thing': '5',
      'group.consumer.assignment.interval.ms': '500',
    },
    broker: {
      'log.cleaner.backoff.ms': '17000',
      'log.retention.ms': '3600000',
      'listener.name.plaintext.max.connections': '100',
      'listener.name.plaintext.ssl.keystore.type': 'PEM',
      'max.connections.per.ip.overrides': '127.0.0.1:5',
      'leader.replication.throttled.rate': '100',
    },
  })
}

/** The broker whose server.properties set more. */
export function staticBroker(): BrokerConfig {
  return freshBroker({
    'log.retention.hours': '24',
    'log.retention.minutes': '60',
    'log.roll.hours': '5',
    'log.roll.ms': '99999',
    'log.segment.bytes': '2000000',
    'min.insync.replicas': '1',
    'message.max.bytes': '2000000',
    'custom.key': 'foo',
    'listener.name.plaintext.ssl.keystore.type': 'PEM',
    'ssl.keystore.password': 'secret',
    'listener.name.plaintext.sasl.jaas.config': 'abc',
    'log.cleanup.policy': 'compact,delete',
    'group.consumer.session.timeout.ms': '50000',
    'log.flush.scheduler.interval.ms': '500',
    'num.io.threads': '4',
  })
}
