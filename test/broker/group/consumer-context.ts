import type {
  ConsumerGroupConfig,
  ConsumerGroupContext,
  ConsumerGroupSettings,
} from '../../../src/broker/group/consumer/consumer-context.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Configs and topics of a broker that is only made up, for consumer groups to run on. */
export class FakeConsumerContext implements ConsumerGroupContext {
  readonly values: Mutable<ConsumerGroupSettings> & Mutable<ConsumerGroupConfig> = {
    assignors: ['uniform', 'range'],
    maxSize: 100,
    migrationPolicy: 'bidirectional',
    regexRefreshIntervalMs: 600_000,
    sessionTimeoutMs: 45_000,
    heartbeatIntervalMs: 5000,
    assignmentIntervalMs: 0,
  }
  readonly topics: ConsumerGroupContext['topics']
  offset = 0

  /** @param counts number of partitions by topic; @param ids ids by topic */
  constructor(counts: ReadonlyMap<string, number>, ids: { readonly [name: string]: string }) {
    const nameOf = (topicId: string) => [...counts.keys()].find((name) => ids[name] === topicId)
    this.topics = {
      topicId: (name) => (counts.has(name) ? ids[name] : undefined),
      topicName: nameOf,
      partitionCount: (topicId) => counts.get(nameOf(topicId) ?? '') ?? 0,
      racks: () => [],
      topicNames: () => counts.keys(),
    }
  }

  settings = (): ConsumerGroupSettings => this.values
  groupConfig = (): ConsumerGroupConfig => this.values
  newestTopicOffset = (): number => this.offset
  metadataOffset = (): number => this.offset
}
