import { ZERO_UUID } from '../base/uuid.ts'
import type { MetadataResponse } from '../protocol/generated/03-metadata.ts'
import type { Node } from './types.ts'

export interface PartitionMetadata {
  partition: number
  errorCode: number
  /** -1 when there is none. */
  leaderId: number
  leaderEpoch: number
  replicas: number[]
  isr: number[]
  offlineReplicas: number[]
}

export interface TopicMetadata {
  name: string
  topicId: string
  internal: boolean
  errorCode: number
  /** By partition number. */
  partitions: PartitionMetadata[]
}

/** What the brokers have told of the cluster: nodes, controller, and the topics asked for so far. */
export class MetadataCache {
  clusterId: string | null = null
  controllerId = -1
  readonly nodes = new Map<number, Node>()
  readonly topics = new Map<string, TopicMetadata>()
  readonly namesById = new Map<string, string>()
  /** performance.now() of the last answer; -Infinity before the first. */
  updatedAtMs = Number.NEGATIVE_INFINITY

  /** Takes in an answer. A partition's leader is kept when the answer's leader epoch is older (KIP-320). */
  update(response: MetadataResponse, all: boolean): void {
    this.updatedAtMs = performance.now()
    this.clusterId = response.clusterId
    this.controllerId = response.controllerId
    this.nodes.clear()
    for (const { nodeId, host, port, rack } of response.brokers)
      this.nodes.set(nodeId, { id: nodeId, host, port, rack })
    const before = new Map(this.topics)
    if (all) {
      this.topics.clear()
      this.namesById.clear()
    }
    for (const topic of response.topics) {
      if (topic.name === null) continue
      const known = before.get(topic.name)
      const metadata = this.topicOf(topic, topic.name, known?.topicId === topic.topicId ? known : undefined)
      this.topics.set(topic.name, metadata)
      if (topic.topicId !== ZERO_UUID) this.namesById.set(topic.topicId, topic.name)
    }
  }

  private topicOf(topic: MetadataResponse['topics'][number], name: string, known?: TopicMetadata): TopicMetadata {
    const partitions = topic.partitions
      .map((p): PartitionMetadata => {
        const old = known?.partitions[p.partitionIndex]
        const stale = old !== undefined && p.leaderEpoch >= 0 && old.leaderEpoch > p.leaderEpoch
        return {
          partition: p.partitionIndex,
          errorCode: p.errorCode,
          leaderId: stale ? old.leaderId : p.leaderId,
          leaderEpoch: stale ? old.leaderEpoch : p.leaderEpoch,
          replicas: p.replicaNodes,
          isr: p.isrNodes,
          offlineReplicas: p.offlineReplicas,
        }
      })
      .sort((a, b) => a.partition - b.partition)
    return { name, topicId: topic.topicId, internal: topic.isInternal, errorCode: topic.errorCode, partitions }
  }

  /** The node of an id; a placeholder without an address when it is down. */
  node(id: number): Node {
    return this.nodes.get(id) ?? { id, host: '', port: -1, rack: null }
  }
}
