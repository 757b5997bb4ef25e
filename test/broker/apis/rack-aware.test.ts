import { expect, it } from 'vitest'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { TestBroker } from '../in-process.ts'

// KIP-392: a consumer is sent to a replica of its rack only if that isn't the leader it asks already; on one node it always is.
it.each(['here', 'elsewhere', ''])(
  'serves consumers of rack "%s" itself with the rack-aware selector',
  async (rackId) => {
    const broker = await TestBroker.start({
      'broker.rack': 'here',
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    })
    const client = await broker.connect()
    const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1 }]
    await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
    const records = buildBatch([{ value: Buffer.from('x'), timestamp: Date.now() }])
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    await client.request(ProduceRequest, ProduceResponse, 12, { acks: -1, timeoutMs: 1000, topicData })
    const { brokers } = await client.request(MetadataRequest, MetadataResponse, 12, { topics: [{ name: 't' }] })
    expect(brokers[0]!.rack).toBe('here')
    const { responses } = await client.request(FetchRequest, FetchResponse, 12, {
      ...{ maxWaitMs: 100, minBytes: 1, maxBytes: 1000, sessionEpoch: -1, rackId },
      topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }] }],
    })
    expect(responses[0]!.partitions[0]).toMatchObject({ errorCode: 0, preferredReadReplica: -1 })
    expect(responses[0]!.partitions[0]!.records!.length).toBeGreaterThan(0)
    client.close()
    await broker.stop()
  },
)
