import { crc32c } from '../../../src/base/crc32c.ts'
import { type BatchOptions, buildBatch } from '../../../src/protocol/records/batch-builder.ts'

/** A batch of these values, without keys, from `timestamp` on. */
export function batch(
  values: readonly string[],
  options: BatchOptions & { timestamp?: number; key?: string } = {},
): Buffer {
  const { timestamp = 1000, key, ...rest } = options
  const keyBytes = key === undefined ? null : Buffer.from(key)
  return buildBatch(
    values.map((value, index) => ({ key: keyBytes, value: Buffer.from(value), timestamp: timestamp + index })),
    rest,
  )
}

/** The batch after `change` did something to its bytes, with a checksum that is right. */
export function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17)
  return copy
}
