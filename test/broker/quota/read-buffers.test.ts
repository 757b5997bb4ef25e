import { expect, it } from 'vitest'
import { AnswerMemory } from '../../../src/broker/quota/answer-memory.ts'
import { ReadBuffers } from '../../../src/broker/quota/read-buffers.ts'

const MEGABYTE = 1 << 20

it('makes buffers of the size asked for, and uses them again', () => {
  const buffers = new ReadBuffers()
  const first = buffers.take(MEGABYTE + 1)
  expect(first.length).toBe(MEGABYTE + 1)
  const { buffer: memory } = first
  buffers.giveBack(first)
  const second = buffers.take(MEGABYTE + 20_000)
  expect(second.length).toBe(MEGABYTE + 20_000)
  expect(second.buffer).toBe(memory)
  expect(buffers.take(MEGABYTE + 20_000).buffer).not.toBe(memory)
})

it.each([1, 100, 32 * 1024 - 1, 32 * 1024, 100_000, MEGABYTE, 9_999_999])('gives %i bytes', (sizeBytes) => {
  const buffers = new ReadBuffers()
  const buffer = buffers.take(sizeBytes)
  buffers.giveBack(buffer)
  expect([buffer.length, buffers.take(sizeBytes).length]).toEqual([sizeBytes, sizeBytes])
})

it('keeps no more than 8 MiB, of the sizes used last', () => {
  const buffers = new ReadBuffers()
  const old = Array.from({ length: 4 }, () => buffers.take(2 * MEGABYTE))
  const young = Array.from({ length: 8 }, () => buffers.take(MEGABYTE))
  const memories = new Set(young.map(({ buffer }) => buffer))
  for (const buffer of [...old, ...young]) buffers.giveBack(buffer)
  expect(old.map(({ buffer }) => buffer)).not.toContain(buffers.take(2 * MEGABYTE).buffer)
  for (let i = 0; i < 8; i++) expect(memories.has(buffers.take(MEGABYTE).buffer)).toBe(true)
  expect(memories.has(buffers.take(MEGABYTE).buffer)).toBe(false)
})

it("an answer's buffers are used again when it is released, once, and not when it is forgotten", () => {
  const memory = new AnswerMemory()
  const sent = memory.reserve(MEGABYTE)
  const { buffer } = sent.take(MEGABYTE)
  sent.release()
  sent.release()
  const broken = memory.reserve(MEGABYTE)
  expect(broken.take(MEGABYTE).buffer).toBe(buffer)
  broken.forget()
  broken.release()
  const next = memory.reserve(MEGABYTE)
  expect(next.take(MEGABYTE).buffer).not.toBe(buffer)
  expect(memory.used).toBe(MEGABYTE)
})
