import { readFetched } from '../../../src/client/consumer/fetched.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../../src/protocol/generated/09-offset-fetch.ts'
import { check, persistently, type Session } from './session.ts'

const READ_COMMITTED = 1
const RETRIABLE = [3, 5, 6, 14, 15, 16, 56, 88]

/** What one read_committed fetch brought. */
export interface CommittedRead {
  records: { offset: number; value: string }[]
  nextOffset: number
  lastStableOffset: number
  highWatermark: number
}

/** Reads committed records of a partition from `offset` on; none when there are none yet. Throws what the broker refuses. */
export async function readCommitted(
  session: Session,
  topic: string,
  partition: number,
  offset: number,
): Promise<CommittedRead> {
  const answer = await session.send(FetchRequest, FetchResponse, 12, {
    maxWaitMs: 50,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel: READ_COMMITTED,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: 65_536 }] }],
  })
  check(answer.errorCode, 'Fetch')
  const data = answer.responses[0]?.partitions[0]
  check(data?.errorCode ?? -1, `Fetch of ${topic}-${partition} at ${offset}`)
  const { records: buffer, abortedTransactions } = data!
  const lastStableOffset = Number(data!.lastStableOffset)
  const highWatermark = Number(data!.highWatermark)
  const records: CommittedRead['records'] = []
  if (buffer === null || buffer.length === 0) return { records, nextOffset: offset, lastStableOffset, highWatermark }
  const fetched = {
    topic,
    partition,
    fetchOffset: offset,
    nextOffset: offset,
    highWatermark,
    lastStableOffset,
    logStartOffset: 0,
    buffer,
    abortedTransactions: (abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
      producerId: Number(producerId),
      firstOffset: Number(firstOffset),
    })),
  }
  const { nextOffset } = readFetched(fetched, { readCommitted: true, checkCrcs: true }, (cursor) => {
    records.push({ offset: cursor.offset, value: String(cursor.value()) })
  })
  return { records, nextOffset, lastStableOffset, highWatermark }
}

/** The group's committed offset of a partition, with no transaction open on it; 0 when it has none. */
export function committedOffset(session: Session, groupId: string, topic: string, partition: number): Promise<number> {
  return persistently(Number.POSITIVE_INFINITY, RETRIABLE, async () => {
    const answer = await session.send(OffsetFetchRequest, OffsetFetchResponse, 8, {
      requireStable: true,
      groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [partition] }] }],
    })
    const group = answer.groups[0]
    check(group?.errorCode ?? -1, 'OffsetFetch')
    const found = group?.topics[0]?.partitions[0]
    check(found?.errorCode ?? -1, 'OffsetFetch')
    return Math.max(0, Number(found?.committedOffset ?? 0))
  })
}
