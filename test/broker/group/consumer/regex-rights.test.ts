import { expect, it } from 'vitest'
import { resolveRegexes } from '../../../../src/broker/group/consumer/regex-subscription.ts'
import { FakeConsumerContext } from '../consumer-context.ts'

it('a regular expression stands for the topics its sender may know of', async () => {
  const topics = new Map([
    ['orders', 1],
    ['orders-secret', 1],
    ['payments', 1],
  ])
  const consumer = new FakeConsumerContext(topics, {})
  const asked: string[][] = []
  const describable = (names: Iterable<string>): Set<string> => {
    asked.push([...names])
    return new Set(['orders', 'payments'].filter((name) => asked.at(-1)?.includes(name)))
  }
  const resolved = await resolveRegexes(consumer, new Set(['orders.*']), 0, describable)
  expect([...(resolved.get('orders.*')?.topics ?? [])]).toEqual(['orders'])
  expect(asked).toEqual([['orders', 'orders-secret']])
  const all = await resolveRegexes(consumer, new Set(['orders.*']), 0, undefined)
  expect(all.get('orders.*')?.topics.size).toBe(2)
})
