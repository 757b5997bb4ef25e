import fc from 'fast-check'
import type { BatchHeader } from '../../../src/protocol/records/batch-header.ts'
import { batchAt } from '../../../src/protocol/records/batch-reader.ts'

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
const nullable = fc.option(bytes, { nil: null })

/** Records as a producer might send them; timestamps up to the largest that Date knows. */
export const recordInput = fc.record({
  key: nullable,
  value: nullable,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 12 }), value: nullable }), {
    maxLength: 4,
  }),
  timestamp: fc.oneof(fc.constant(-1), fc.nat(8.64e15)),
})

export const recordInputs = fc.array(recordInput, { minLength: 1, maxLength: 20 })

/** The header of the batch that a buffer starts with; throws if there is none. */
export function firstHeader(buffer: Buffer): BatchHeader {
  const header = batchAt(buffer, 0)
  if (header === undefined) throw new Error('the buffer holds no whole batch')
  return header
}
