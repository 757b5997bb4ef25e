import type { FirstRecord, LogPosition } from '../../src/client/lag-types.ts'
import type { SharePartitionOffset } from '../../src/client/share-group-types.ts'
import type {
  Admin,
  AlterConfigOp,
  ConfigEntry,
  ConfigResource,
  ConsumerGroupDescription,
  GroupListing,
  ListedOffset,
  NewTopic,
  Node,
  OffsetAndMetadata,
  OffsetSpec,
  PartitionDescription,
  Result,
  TopicDescription,
  TopicPartition,
} from '../../src/client/types.ts'
import { topicPartitionKey } from '../../src/client/types.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import { FakeGroupsAndReplicas } from './fake-groups-and-replicas.ts'

export const node = (id: number): Node => ({ id, host: 'localhost', port: 9090 + id, rack: null })

/** A description; every partition has these replicas, all in sync unless `isr` says otherwise. */
export const topic = (name: string, partitions: Partial<PartitionDescription>[]): TopicDescription => ({
  name,
  topicId: `${name}-id`,
  internal: name.startsWith('__'),
  partitions: partitions.map((partition, i) => ({
    partition: i,
    leader: node(1),
    replicas: [node(1)],
    isr: [node(1)],
    elr: [],
    lastKnownElr: [],
    ...partition,
  })),
})

export const configEntry = (name: string, value: string, more: Partial<ConfigEntry> = {}): ConfigEntry => ({
  name,
  value,
  source: 'DEFAULT_CONFIG',
  isSensitive: false,
  isReadOnly: false,
  synonyms: [],
  type: 2,
  documentation: null,
  ...more,
})

const ok = <T>(value: T): Result<T> => ({ ok: true, value })
const failed = <T>(code: number, message?: string): Result<T> => ({ ok: false, error: new KafkaError(code, message) })

/** A small cluster in memory behind the interface the tools use. What the tools asked to change is kept in `changes`. */
export class FakeAdmin extends FakeGroupsAndReplicas implements Admin {
  topics = new Map<string, TopicDescription>()
  configs = new Map<string, ConfigEntry[]>()
  groups = new Map<string, ConsumerGroupDescription>()
  committed = new Map<string, Map<string, OffsetAndMetadata | null>>()
  /** First and next offset by topic-partition. */
  logs = new Map<string, [start: number, end: number]>()
  nodes = [node(1)]
  closed = false

  describeCluster() {
    return Promise.resolve({ clusterId: 'c', controllerId: 1, nodes: this.nodes })
  }

  listTopics(options?: { listInternal?: boolean }) {
    const all = [...this.topics.values()].filter((one) => options?.listInternal !== false || !one.internal)
    return Promise.resolve(all.map(({ name, topicId, internal }) => ({ name, topicId, internal })))
  }

  describeTopics(names: string[]) {
    return Promise.resolve(
      new Map(
        names.map((name) => {
          const found = this.topics.get(name)
          return [name, found ? ok(found) : failed<TopicDescription>(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)] as const
        }),
      ),
    )
  }

  describeTopicsById(ids: string[]) {
    const byId = new Map([...this.topics.values()].map((one) => [one.topicId, one]))
    return Promise.resolve(new Map(ids.map((id) => [id, ok(byId.get(id)!)])))
  }

  createTopics(topics: NewTopic[]) {
    const results = new Map<string, Result<{ topicId: string; numPartitions: number }>>()
    for (const one of topics) {
      this.changes.push(['create', one])
      const exists = this.topics.has(one.name)
      results.set(
        one.name,
        exists
          ? failed(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${one.name}' already exists.`)
          : ok({ topicId: 'id', numPartitions: one.numPartitions ?? 1 }),
      )
    }
    return Promise.resolve(results)
  }

  deleteTopics(names: string[]) {
    this.changes.push(['delete', names])
    return Promise.resolve(new Map(names.map((name) => [name, ok<void>(undefined)])))
  }

  createPartitions(counts: Map<string, { totalCount: number; assignments?: number[][] }>) {
    this.changes.push(['partitions', [...counts]])
    return Promise.resolve(new Map([...counts.keys()].map((name) => [name, ok<void>(undefined)])))
  }

  deleteRecords(before: Map<TopicPartition, number>) {
    return Promise.resolve(new Map([...before].map(([tp, offset]) => [tp, ok({ lowWatermark: offset })])))
  }

  describeConfigs(resources: ConfigResource[]) {
    return Promise.resolve(
      new Map(resources.map((one) => [one, ok(this.configs.get(`${one.type}/${one.name}`) ?? [])])),
    )
  }

  incrementalAlterConfigs(changes: Map<ConfigResource, AlterConfigOp[]>) {
    this.changes.push(['configs', [...changes]])
    return Promise.resolve(new Map([...changes.keys()].map((one) => [one, ok<void>(undefined)])))
  }

  listConfigResources(types: ConfigResource['type'][]) {
    const all = [...this.configs.keys()].map((key) => key.split('/') as [ConfigResource['type'], string])
    return Promise.resolve(all.filter(([type]) => types.includes(type)).map(([type, name]) => ({ type, name })))
  }

  listPartitionReassignments() {
    return Promise.resolve(new Map())
  }

  listOffsets(specs: Map<TopicPartition, OffsetSpec>) {
    return Promise.resolve(
      new Map(
        [...specs].map(([tp, spec]): [TopicPartition, Result<ListedOffset>] => {
          const [start, end] = this.logs.get(topicPartitionKey(tp)) ?? [0, 0]
          const offset = spec === 'earliest' ? start : spec === 'latest' ? end : start === end ? -1 : start
          return [tp, ok({ offset, timestamp: -1, leaderEpoch: null })]
        }),
      ),
    )
  }

  /** What reading on from a position finds: a record of time 0 unless said here. */
  readOn: (position: LogPosition) => Result<FirstRecord> = ({ offset }) => ok({ found: true, offset, timestamp: 0 })

  firstRecords(positions: readonly LogPosition[]) {
    this.changes.push(['read', positions.map((one) => `${topicPartitionKey(one)}@${one.offset}`)])
    return Promise.resolve(new Map(positions.map((position) => [position, this.readOn(position)])))
  }

  listShareGroupsOffsets(groupIds: string[]) {
    const offsets = new Map([...this.shareOffsets].map(([tp, offset]) => [topicPartitionKey(tp), offset]))
    return Promise.resolve(new Map(groupIds.map((id) => [id, ok<Map<string, SharePartitionOffset | null>>(offsets)])))
  }

  listGroups(options?: { states?: string[]; types?: string[] }) {
    const all = [...this.groups.values()].map(
      (group): GroupListing => ({
        groupId: group.groupId,
        protocolType: 'consumer',
        state: group.state,
        type: group.type,
      }),
    )
    const { states = [], types = [] } = options ?? {}
    return Promise.resolve(
      all.filter(
        (group) =>
          (states.length === 0 || states.includes(group.state)) && (types.length === 0 || types.includes(group.type)),
      ),
    )
  }

  describeConsumerGroups(groupIds: string[]) {
    return Promise.resolve(
      new Map(
        groupIds.map((id) => {
          const group = this.groups.get(id)
          const missing = failed<ConsumerGroupDescription>(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${id} not found.`)
          return [id, group ? ok(group) : missing] as const
        }),
      ),
    )
  }

  listConsumerGroupOffsets(groupIds: string[]) {
    return Promise.resolve(new Map(groupIds.map((id) => [id, ok(this.committed.get(id) ?? new Map())])))
  }

  alterConsumerGroupOffsets(groupId: string, offsets: Map<TopicPartition, OffsetAndMetadata>) {
    const plain = [...offsets].map(([tp, { offset }]) => [topicPartitionKey(tp), offset])
    this.changes.push(['offsets', groupId, plain])
    return Promise.resolve(new Map([...offsets.keys()].map((tp) => [tp, ok<void>(undefined)])))
  }

  deleteConsumerGroups(groupIds: string[]) {
    return Promise.resolve(
      new Map(
        groupIds.map((id) => [
          id,
          this.groups.has(id) ? ok<void>(undefined) : failed<void>(ErrorCode.GROUP_ID_NOT_FOUND),
        ]),
      ),
    )
  }

  deleteConsumerGroupOffsets(groupId: string, partitions: TopicPartition[]) {
    const code = this.groups.has(groupId) ? undefined : ErrorCode.GROUP_ID_NOT_FOUND
    return Promise.resolve(
      new Map(partitions.map((tp) => [tp, code === undefined ? ok<void>(undefined) : failed<void>(code)])),
    )
  }

  close() {
    this.closed = true
    return Promise.resolve()
  }
}

/** A group without members. */
export const emptyGroup = (groupId: string): ConsumerGroupDescription => ({
  groupId,
  isSimple: false,
  members: [],
  partitionAssignor: '',
  state: 'Empty',
  type: 'classic',
  coordinator: node(1),
  groupEpoch: null,
  targetAssignmentEpoch: null,
})
