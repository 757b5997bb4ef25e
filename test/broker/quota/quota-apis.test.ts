import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../../src/protocol/generated/48-describe-client-quotas.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../src/protocol/generated/49-alter-client-quotas.ts'
import { TestBroker } from '../in-process.ts'
import { answersOf } from './quota-cases.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

describe('DescribeClientQuotas and AlterClientQuotas', () => {
  it('answer every case as Kafka 4.3.0 does, word for word', async () => {
    const client = await broker.connect()
    const recorded = readFileSync(new URL('kafka-answers.txt', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n')
    expect(await answersOf(client)).toEqual(recorded)
    client.close()
  })

  it('keep quotas over a restart, and forget removed ones', async () => {
    let client = await broker.connect()
    const entity = [
      { entityType: 'user', entityName: 'kept' },
      { entityType: 'client-id', entityName: null },
    ]
    const alter = (ops: { key: string; value?: number; remove?: boolean }[]) =>
      client.request(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, { entries: [{ entity, ops }] })
    await alter([
      { key: 'producer_byte_rate', value: 5 },
      { key: 'request_percentage', value: 12.5 },
    ])
    const removed = await alter([{ key: 'producer_byte_rate', remove: true }])
    expect(removed.entries[0]?.errorCode).toBe(ErrorCode.NONE)
    client.close()
    await broker.restart()
    client = await broker.connect()
    const found = await client.request(DescribeClientQuotasRequest, DescribeClientQuotasResponse, 1, {
      components: [{ entityType: 'user', matchType: 0, match: 'kept' }],
    })
    expect(found.entries).toEqual([{ entity, values: [{ key: 'request_percentage', value: 12.5 }] }])
    client.close()
  })
})
