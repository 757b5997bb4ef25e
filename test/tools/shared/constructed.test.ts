import { describe, expect, it } from 'vitest'
import { connectWith } from '../../../src/tools/shared/connect.ts'
import { constructConsumer, constructProducer, requireKnownHost } from '../../../src/tools/shared/constructed.ts'
import { openShareConsumer } from '../../../src/tools/shared/open-share-consumer.ts'
import { memoryIo } from '../../cli/memory-io.ts'

const unknown = new Map([['bootstrap.servers', 'no-such-host.invalid:9092']])
const refusal = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error & { exceptionClass?: string; detail?: string }) => error,
  )

describe('clients of a host that nobody knows', () => {
  it.each([
    ['Failed to construct kafka consumer', () => constructConsumer(unknown)],
    ['Failed to construct kafka producer', () => constructProducer(unknown)],
    ['Failed to construct Kafka share consumer', () => openShareConsumer(unknown, memoryIo())],
    ['Failed to create new KafkaAdminClient', () => connectWith(unknown, memoryIo())],
  ])('%s', async (message, make) => {
    const error = await refusal(make())
    expect([error?.message, error?.exceptionClass]).toEqual([message, 'org.apache.kafka.common.KafkaException'])
    expect(error?.detail).toContain('No resolvable bootstrap urls given in bootstrap.servers')
    expect(error?.detail).toContain('no-such-host.invalid')
  })

  it('are made when one host of several is known', async () => {
    const servers = ['no-such-host.invalid', '127.0.0.1'].map((host) => ({ host, port: 1 }))
    expect(await refusal(requireKnownHost(servers, 'Failed to construct kafka producer'))).toBeUndefined()
  })
})

describe('a share consumer', () => {
  it('refuses settings that share groups know nothing of', async () => {
    const properties = new Map([
      ['bootstrap.servers', 'localhost:1'],
      ['auto.offset.reset', 'earliest'],
      ['isolation.level', 'read_committed'],
    ])
    const error = await refusal(openShareConsumer(properties, memoryIo()))
    expect(error?.message).toBe('auto.offset.reset, isolation.level cannot be set when using a share group.')
  })
})
