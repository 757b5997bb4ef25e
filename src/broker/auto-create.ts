import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import type { ConfigStore } from './config-store.ts'
import type { Controller } from './controller/controller.ts'
import type { MetadataImage, TopicImage } from './controller/metadata-image.ts'
import { OFFSETS_TOPIC, SHARE_STATE_TOPIC, TRANSACTION_TOPIC } from './controller/topic-names.ts'
import type { Logger } from './logger.ts'

interface InternalTopic {
  partitions: string
  replicationFactor: string
  configs(configs: ConfigStore): Map<string, string>
}

const compactedWith = (segmentBytes: number, extra: [string, string][] = []): Map<string, string> =>
  new Map([['cleanup.policy', 'compact'], ['segment.bytes', String(segmentBytes)], ...extra])

/** How Kafka makes its own topics. */
const INTERNAL: ReadonlyMap<string, InternalTopic> = new Map([
  [
    OFFSETS_TOPIC,
    {
      partitions: 'offsets.topic.num.partitions',
      replicationFactor: 'offsets.topic.replication.factor',
      configs: ({ broker }: ConfigStore) =>
        compactedWith(broker.int('offsets.topic.segment.bytes'), [['compression.type', 'producer']]),
    },
  ],
  [
    TRANSACTION_TOPIC,
    {
      partitions: 'transaction.state.log.num.partitions',
      replicationFactor: 'transaction.state.log.replication.factor',
      configs: ({ broker }: ConfigStore) =>
        compactedWith(broker.int('transaction.state.log.segment.bytes'), [
          ['compression.type', 'uncompressed'],
          ['min.insync.replicas', String(broker.int('transaction.state.log.min.isr'))],
          ['unclean.leader.election.enable', 'false'],
        ]),
    },
  ],
  [
    SHARE_STATE_TOPIC,
    {
      partitions: 'share.coordinator.state.topic.num.partitions',
      replicationFactor: 'share.coordinator.state.topic.replication.factor',
      configs: ({ broker }: ConfigStore) =>
        new Map([
          ['cleanup.policy', 'delete'],
          ['compression.type', 'producer'],
          ['retention.ms', '-1'],
          ['min.insync.replicas', String(broker.int('share.coordinator.state.topic.min.isr'))],
          ['segment.bytes', String(broker.int('share.coordinator.state.topic.segment.bytes'))],
        ]),
    },
  ],
])

/** Creates topics that nobody created by hand: those clients ask for, and Kafka's own. */
export class AutoCreate {
  private readonly controller: Controller
  private readonly image: MetadataImage
  private readonly configs: ConfigStore
  private readonly logger: Logger
  private readonly underWay = new Map<string, Promise<TopicImage>>()

  constructor(controller: Controller, image: MetadataImage, configs: ConfigStore, logger: Logger) {
    this.controller = controller
    this.image = image
    this.configs = configs
    this.logger = logger
  }

  /** auto.create.topics.enable */
  get enabled(): boolean {
    return this.configs.broker.boolean('auto.create.topics.enable')
  }

  /** The topic, created if it isn't there; callers at the same time share one creation. Throws KafkaError. */
  create(name: string): Promise<TopicImage> {
    const found = this.image.topics.get(name)
    if (found) return Promise.resolve(found)
    let creating = this.underWay.get(name)
    if (!creating) {
      creating = this.createNow(name).finally(() => this.underWay.delete(name))
      this.underWay.set(name, creating)
    }
    return creating
  }

  /** Begins to create a topic that a client asked for; who wants to know how that ends looks at the metadata. */
  start(name: string): void {
    this.create(name).catch((error: unknown) => {
      this.logger.warn({ topic: name, err: error }, 'a topic could not be created for a client')
    })
  }

  private async createNow(name: string): Promise<TopicImage> {
    const internal = INTERNAL.get(name)
    const { broker } = this.configs
    try {
      await this.controller.createTopic({
        name,
        numPartitions: internal ? broker.int(internal.partitions) : -1,
        replicationFactor: internal ? broker.int(internal.replicationFactor) : -1,
        assignments: new Map(),
        configs: internal?.configs(this.configs) ?? new Map(),
      })
    } catch (error) {
      if (!(error instanceof KafkaError) || error.code !== ErrorCode.TOPIC_ALREADY_EXISTS) throw error
    }
    const topic = this.image.topics.get(name)
    if (!topic) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    return topic
  }
}
