import { cp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { TestBroker } from './in-process.ts'

async function create(broker: TestBroker, name: string): Promise<void> {
  const client = await broker.connect()
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1 }],
  })
  expect(answer.topics[0]!.errorCode).toBe(0)
  client.close()
}

it('keeps the logs of topics that the metadata does not know', async () => {
  const broker = await TestBroker.start()
  await create(broker, 'kept')
  const backup = join(broker.dataDir, 'metadata-before')
  await broker.restart()
  // Metadata from before the second topic: what a restored or lost metadata directory looks like.
  await cp(join(broker.dataDir, '__cluster_metadata-0'), backup, { recursive: true })
  await create(broker, 'unknown')
  await broker.restart(async () => {
    await rm(join(broker.dataDir, '__cluster_metadata-0'), { recursive: true })
    await rename(backup, join(broker.dataDir, '__cluster_metadata-0'))
  })
  const names = await readdir(broker.dataDir)
  expect(names).toContain('kept-0')
  expect(names.filter((name) => /^unknown-0\.[0-9a-f]{32}-stray$/.test(name))).toHaveLength(1)
  await broker.stop()
})
