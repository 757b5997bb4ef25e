import { expect, it } from 'vitest'
import { AnswerMemory } from '../../../src/broker/quota/answer-memory.ts'

const MEGABYTE = 1 << 20

it('gives less the more is in use, but never nothing', () => {
  const memory = new AnswerMemory()
  const granted = Array.from({ length: 200 }, () => memory.reserve(50 * MEGABYTE).bytes)
  expect(granted[0]).toBe(8 * MEGABYTE)
  expect(granted[1]).toBe(6 * MEGABYTE)
  expect(granted.at(-1)).toBe(128 * 1024)
  expect(memory.used).toBeLessThan(64 * MEGABYTE)
  expect(memory.reserve(1000).bytes).toBe(1000)
})

it('counts what was read, until it is released, once', () => {
  const memory = new AnswerMemory()
  const first = memory.reserve(MEGABYTE)
  const second = memory.reserve(MEGABYTE)
  expect(memory.used).toBe(2 * MEGABYTE)
  first.use(300)
  second.use(5 * MEGABYTE)
  expect(memory.used).toBe(5 * MEGABYTE + 300)
  second.release()
  second.release()
  expect(memory.used).toBe(300)
  first.release()
  expect(memory.used).toBe(0)
})
