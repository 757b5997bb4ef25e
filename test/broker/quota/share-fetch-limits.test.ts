import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AnswerMemory } from '../../../src/broker/quota/answer-memory.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../src/protocol/generated/49-alter-client-quotas.ts'
import { configureGroup, Member, newName, newTopic } from '../apis/share-fixture.ts'
import { TestBroker } from '../in-process.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await TestBroker.start()
})
afterEach(() => broker.stop())

async function memberOf(records: number): Promise<Member> {
  const admin = await broker.connect()
  const topic = await newTopic(admin, records)
  const group = newName('group')
  await configureGroup(admin, group, {})
  const member = await Member.joined(broker, group, topic)
  admin.close()
  return member
}

it('a share fetch holds memory of answers until its answer is gone', async () => {
  const reserve = vi.spyOn(AnswerMemory.prototype, 'reserve')
  try {
    const member = await memberOf(10)
    expect(await member.acquire()).toEqual([[0, 9, 1]])
    expect(reserve).toHaveBeenCalled()
    const memory = reserve.mock.contexts[0] as AnswerMemory
    while (memory.used > 0) await member.client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    expect(await member.fetch()).toMatchObject({ errorCode: 0 })
    while (memory.used > 0) await member.client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
  } finally {
    reserve.mockRestore()
  }
})

it('a member above its quota gets nothing, acquires nothing, and is told how long to wait', async () => {
  const member = await memberOf(500)
  const entry = {
    entity: [{ entityType: 'client-id', entityName: 'test' }],
    ops: [{ key: 'consumer_byte_rate', value: 100 }],
  }
  const altered = await member.client.request(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: [entry],
  })
  expect(altered.entries[0]?.errorCode).toBe(0)
  const answer = await member.fetch()
  expect(answer.errorCode).toBe(0)
  expect(answer.throttleTimeMs).toBeGreaterThan(0)
  expect(answer.responses).toEqual([])
  const remove = { ...entry, ops: [{ key: 'consumer_byte_rate', value: 0, remove: true }] }
  const root = await broker.connect()
  await root.request(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, { entries: [remove] })
  root.close()
  member.client.close()
  const other = await Member.joined(broker, member.groupId, member.topic)
  expect(await other.acquire(), 'delivered before').toEqual([[0, 499, 1]])
  other.client.close()
})
