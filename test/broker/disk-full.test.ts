import { expect, it, vi } from 'vitest'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/generated/03-metadata.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { readBatches } from '../../src/protocol/records/batch-reader.ts'
import { readRecords } from '../../src/protocol/records/record-cursor.ts'
import { type FileSystem, nodeFileSystem } from '../../src/storage/file-system.ts'
import { TestBroker } from './in-process.ts'

it('on a full disk nothing is acknowledged, reads go on, and writes do once there is room', async () => {
  let isFull = false
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    write(fd, buffers, position) {
      if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      return nodeFileSystem.write(fd, buffers, position)
    },
  }
  const broker = await TestBroker.start({}, { storage: { fileSystem } })
  const client = await broker.connect()
  await vi.waitFor(async () => {
    const request = { topics: [{ name: 't' }], allowAutoTopicCreation: true }
    const { topics } = await client.request(MetadataRequest, MetadataResponse, 9, request)
    expect(topics[0]?.errorCode).toBe(0)
  })
  const produce = async (value: string): Promise<number> => {
    const records = buildBatch([{ value: Buffer.from(value), timestamp: Date.now() }])
    const answer = await client.request(ProduceRequest, ProduceResponse, 9, {
      acks: -1,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    })
    return answer.responses[0]!.partitionResponses[0]!.errorCode
  }
  const values = async (): Promise<string[]> => {
    const answer = await client.request(FetchRequest, FetchResponse, 11, {
      maxBytes: 100_000,
      sessionEpoch: -1,
      topics: [{ topic: 't', partitions: [{ partition: 0, partitionMaxBytes: 100_000 }] }],
    })
    const { records } = answer.responses[0]!.partitions[0]!
    const out: string[] = []
    for (const header of readBatches(records!))
      for (const record of readRecords(records!, header)) out.push(`${record.offset}:${record.value}`)
    return out
  }
  expect(await produce('before')).toBe(0)
  isFull = true
  expect(await produce('lost 1')).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
  expect(await produce('lost 2')).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
  expect(await values()).toEqual(['0:before'])
  isFull = false
  expect(await produce('after')).toBe(0)
  expect(await values()).toEqual(['0:before', '1:after'])
  client.close()
  await broker.stop()
})
