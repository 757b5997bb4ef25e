import { isLogAppendTime } from '../../protocol/records/batch-header.ts'
import { batchAt } from '../../protocol/records/batch-reader.ts'

/**
 * Finds out whose clock a record's timestamp is from. Offsets have to be asked for in rising order.
 * @param buffer record batches
 */
export const timestampTypes = (buffer: Buffer): ((offset: number) => 'CreateTime' | 'LogAppendTime') => {
  let position = 0
  let header = batchAt(buffer, position)
  return (offset) => {
    while (header !== undefined && header.baseOffset + header.lastOffsetDelta < offset) {
      position += header.sizeBytes
      header = batchAt(buffer, position)
    }
    return header !== undefined && isLogAppendTime(header.attributes) ? 'LogAppendTime' : 'CreateTime'
  }
}
