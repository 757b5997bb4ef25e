import { expect, it } from 'vitest'
import { ErrorCode } from '../../../../src/protocol/errors.ts'
import { settle } from '../harness.ts'
import { assigned, ConsumerHarness, owned } from './consumer-harness.ts'

it('assigns the topics of a regular expression with the heartbeat after it was resolved', async () => {
  const h = await ConsumerHarness.started()
  const joined = await h.joinRegex('A', 'ord.*')
  expect([joined.memberEpoch, assigned(joined)]).toEqual([1, {}])
  await settle()
  const next = await h.beat('A', 1)
  expect([next.memberEpoch, assigned(next)]).toEqual([2, { orders: [0, 1, 2, 3] }])
  expect([...h.replayed().get('g')!.regexes.keys()]).toEqual(['ord.*'])
})

it('refuses what RE2 does not take', async () => {
  const h = await ConsumerHarness.started()
  expect(await h.joinRegex('A', '(a')).toMatchObject({
    errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION,
    errorMessage: 'SubscribedTopicRegex `(a` is not a valid regular expression: missing closing ).',
  })
  expect(h.appends).toBe(0)
})

it('finds a new topic once 10 seconds have passed', async () => {
  const h = await ConsumerHarness.started()
  h.topics.delete('payments')
  await h.joinRegex('A', '.*')
  await settle()
  await h.beat('A', 1)
  h.topics.set('payments', 2)
  h.consumer.offset = 7
  h.clock.advance(10_000)
  await h.beat('A', 2)
  await settle()
  expect(assigned(await h.beat('A', 2))).toBeNull()
  h.clock.advance(1)
  await h.beat('A', 2)
  await settle()
  expect(assigned(await h.beat('A', 2))).toEqual({ orders: [0, 1, 2, 3], payments: [0, 1] })
})

it('looks again after the refresh interval even if no topic is new', async () => {
  const h = await ConsumerHarness.started()
  await h.joinRegex('A', 'orders')
  await settle()
  await h.beat('A', 1)
  const resolvedMs = () => h.replayed().get('g')!.regexes.get('orders')!.timestampMs
  const firstMs = resolvedMs()
  for (let i = 0; i < 15; i++) {
    h.clock.advance(40_000)
    await h.beat('A', 2)
    await settle()
  }
  expect(resolvedMs()).toBe(firstMs)
  h.clock.advance(1)
  await h.beat('A', 2)
  await settle()
  expect(resolvedMs()).toBe(firstMs + 600_001)
  expect((await h.describeConsumer()).groupEpoch).toBe(2)
})

it('forgets a regular expression with its last subscriber', async () => {
  const h = await ConsumerHarness.started()
  await h.joinRegex('A', 'orders')
  await settle()
  await h.beat('A', 1)
  const draft = { subscribedTopicRegex: '', subscribedTopicNames: ['orders'] }
  expect((await h.beat('A', 2, { ...draft, topicPartitions: owned({ orders: [0, 1, 2, 3] }) })).memberEpoch).toBe(3)
  expect(h.replayed().get('g')!.regexes.size).toBe(0)
  await h.joinRegex('B', 'pay.*')
  await settle()
  await h.beat('B', -1)
  expect(h.replayed().get('g')!.regexes.size).toBe(0)
})
