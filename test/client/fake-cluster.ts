import { MetadataRequest, MetadataResponse } from '../../src/protocol/generated/03-metadata.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../src/protocol/generated/10-find-coordinator.ts'
import type { FakeBroker } from './fake-broker.ts'

export interface FakeTopic {
  partitions: number
  errorCode?: number
  internal?: boolean
  /** Default 1, the fake broker itself. */
  leaderId?: number
  leaderEpoch?: number
}

/** A topic's id, made of its name. */
export const topicIdOf = (name: string): string => Buffer.alloc(16, name).toString('base64url')

/** Makes a fake broker the only node (id 1) of a cluster with these topics, and coordinator of everything. */
export function serveCluster(broker: FakeBroker, topics: Map<string, FakeTopic>): void {
  broker.on(MetadataRequest, MetadataResponse, ({ request }) => ({
    brokers: [{ nodeId: 1, ...broker.address }],
    clusterId: 'fake',
    controllerId: 1,
    topics: (request.topics?.map((topic) => topic.name ?? '') ?? [...topics.keys()]).map((name) => {
      const topic = topics.get(name)
      if (topic === undefined) return { name, errorCode: 3 }
      const { partitions, errorCode = 0, internal = false, leaderId = 1, leaderEpoch = 0 } = topic
      return {
        name,
        errorCode,
        topicId: topicIdOf(name),
        isInternal: internal,
        partitions: Array.from({ length: partitions }, (_, partitionIndex) => {
          const replicas = { replicaNodes: [1], isrNodes: [1] }
          return { partitionIndex, leaderId, leaderEpoch, errorCode: leaderId < 0 ? 5 : 0, ...replicas }
        }),
      }
    }),
  }))
  broker.on(FindCoordinatorRequest, FindCoordinatorResponse, ({ request }) => ({
    coordinators: request.coordinatorKeys.map((key) => ({ key, nodeId: 1, ...broker.address })),
  }))
}

/** Settings for tests: no long waits. */
export const testSettings = (broker: FakeBroker) => ({
  bootstrapServers: [broker.address],
  clientId: 'test',
  requestTimeoutMs: 5000,
  defaultApiTimeoutMs: 5000,
  retryBackoffMs: 1,
  retryBackoffMaxMs: 4,
})
