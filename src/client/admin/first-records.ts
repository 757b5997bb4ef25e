import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { FetchRequest, FetchResponse, type FetchResponsePartitionData } from '../../protocol/generated/01-fetch.ts'
import {
  BATCH_OVERHEAD,
  type BatchHeader,
  DELETE_HORIZON_MASK,
  isControl,
  isLogAppendTime,
  MAGIC,
  readBatchHeader,
} from '../../protocol/records/batch-header.ts'
import { CURRENT_MAGIC, ensureBatchCodecs } from '../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { Cluster } from '../cluster.ts'
import { AbortedTransactions } from '../consumer/fetched.ts'
import type { FirstRecord, LogPosition } from '../lag-types.ts'
import { perLeader } from '../leaders.ts'
import { failed, ok, resultOf, withRetriesPerKey } from '../retry.ts'
import type { Result } from '../types.ts'
import { topicPartitionKey } from '../types.ts'

/** Topics are named by id from this version of Fetch on (KIP-516). */
const BY_ID_SINCE = 13
/** Enough for the header of the first batch and, mostly, for the batch. */
const PARTITION_BYTES = 16 * 1024
/** A broker's answer is no larger than so many partitions' share; more are asked for with further requests. */
const PARTITIONS_PER_REQUEST = 500
/** How often reading goes on where nothing visible came. */
const MAX_READS = 3

type Read = Result<FirstRecord>

/** The first visible record from each position on; see LagAdmin. */
export async function firstRecords(
  cluster: Cluster,
  positions: readonly LogPosition[],
  { readCommitted = false }: { readCommitted?: boolean } = {},
): Promise<Map<LogPosition, Read>> {
  const results = new Map<LogPosition, Read>()
  let open = new Map(positions.map((position) => [position, position]))
  for (let reads = 0; open.size > 0 && reads < MAX_READS; reads++) {
    const answers = await withRetriesPerKey(cluster, 'firstRecords', [...open.keys()], (keys) =>
      perLeader(cluster, keys, (nodeId, list) => readFrom(cluster, nodeId, list, readCommitted)),
    )
    const next = new Map<LogPosition, LogPosition>()
    for (const [from, answer] of answers) {
      const asked = open.get(from) ?? from
      results.set(asked, answer)
      // Going on helps only where something was read and none of it is visible.
      if (!answer.ok || answer.value.found || answer.value.nextOffset <= from.offset) continue
      next.set({ ...asked, offset: answer.value.nextOffset }, asked)
    }
    open = next
  }
  return results
}

async function readFrom(
  cluster: Cluster,
  nodeId: number,
  positions: LogPosition[],
  readCommitted: boolean,
): Promise<Map<LogPosition, Read>> {
  const results = new Map<LogPosition, Read>()
  for (let start = 0; start < positions.length; start += PARTITIONS_PER_REQUEST) {
    const some = positions.slice(start, start + PARTITIONS_PER_REQUEST)
    const answers = await fetchSome(cluster, nodeId, some, readCommitted)
    for (const position of some) {
      const answer = answers.get(topicPartitionKey(position))
      if (answer) results.set(position, await firstOf(answer, position.offset, readCommitted))
    }
  }
  return results
}

async function fetchSome(
  cluster: Cluster,
  nodeId: number,
  positions: LogPosition[],
  readCommitted: boolean,
): Promise<Map<string, FetchResponsePartitionData>> {
  const connection = await cluster.connectNode(nodeId, 'fetch')
  const idOf = (topic: string): string => cluster.metadata.topics.get(topic)?.topicId ?? ZERO_UUID
  const allHaveIds = positions.every(({ topic }) => idOf(topic) !== ZERO_UUID)
  const version = connection.versions.pick(FetchRequest, allHaveIds ? FetchRequest.maxVersion : BY_ID_SINCE - 1)
  const byId = version >= BY_ID_SINCE
  const topics = new Map<string, LogPosition[]>()
  for (const position of positions) topics.set(position.topic, [...(topics.get(position.topic) ?? []), position])
  const message = {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: PARTITION_BYTES * positions.length,
    isolationLevel: readCommitted ? 1 : 0,
    ...(version >= 7 ? { sessionId: 0, sessionEpoch: -1 } : {}),
    topics: [...topics].map(([topic, list]) => ({
      ...(byId ? { topicId: idOf(topic) } : { topic }),
      partitions: list.map(({ partition, offset }) => ({
        partition,
        fetchOffset: BigInt(offset),
        partitionMaxBytes: PARTITION_BYTES,
      })),
    })),
  }
  const answer = await connection.send(FetchRequest, FetchResponse, message, { version })
  const names = new Map(positions.map(({ topic }) => [idOf(topic), topic]))
  return new Map(
    answer.responses.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((data): [string, FetchResponsePartitionData] => {
        const name = byId ? (names.get(topicId) ?? '') : topic
        return [topicPartitionKey({ topic: name, partition: data.partitionIndex }), data]
      }),
    ),
  )
}

async function firstOf(data: FetchResponsePartitionData, from: number, readCommitted: boolean): Promise<Read> {
  if (data.errorCode !== ErrorCode.NONE) return resultOf<FirstRecord>(data.errorCode, null, () => none(from))
  const buffer = data.records ?? Buffer.alloc(0)
  const aborted = (data.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
    producerId: Number(producerId),
    firstOffset: Number(firstOffset),
  }))
  try {
    await ensureBatchCodecs(buffer)
    return ok(firstRecordIn(buffer, from, readCommitted ? aborted : []))
  } catch (error) {
    return failed(error)
  }
}

const none = (nextOffset: number): FirstRecord => ({ found: false, nextOffset })

/**
 * The first record a consumer would get out of fetched batches, of which the last may be cut off. A record within a batch that is
 * cut off has the time of the batch's first record, which is as old or older.
 * @param aborted transactions whose records don't count
 */
export function firstRecordIn(
  buffer: Buffer,
  from: number,
  aborted: readonly { producerId: number; firstOffset: number }[] = [],
): FirstRecord {
  const transactions = new AbortedTransactions(aborted)
  let next = from
  for (let position = 0; buffer.length - position >= BATCH_OVERHEAD; ) {
    if (buffer.readInt8(position + MAGIC) !== CURRENT_MAGIC) return none(next)
    const header = readBatchHeader(buffer, position)
    const whole = position + header.sizeBytes <= buffer.length
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    if (lastOffset >= from) {
      const control = isControl(header.attributes)
      if (control && !whole) return none(next)
      const skipped = transactions.covers(buffer, header) || control
      const first = skipped ? undefined : firstInBatch(buffer, header, from, whole)
      if (first) return first
      next = lastOffset + 1
    }
    if (!whole) break
    position += header.sizeBytes
  }
  return none(next)
}

function firstInBatch(buffer: Buffer, header: BatchHeader, from: number, whole: boolean): FirstRecord | undefined {
  const { attributes, baseOffset, baseTimestamp, maxTimestamp, recordCount, lastOffsetDelta } = header
  // A batch that compaction went over may hold a delete horizon in place of its first time (KIP-534).
  const hasHorizon = (attributes & DELETE_HORIZON_MASK) !== 0
  const timestamp = isLogAppendTime(attributes) || hasHorizon ? maxTimestamp : baseTimestamp
  const untouched = recordCount === lastOffsetDelta + 1 && !hasHorizon
  if (!whole || (untouched && baseOffset >= from)) {
    return { found: true, offset: Math.max(baseOffset, from), timestamp }
  }
  const cursor = new RecordCursor(buffer, header)
  while (cursor.next()) {
    if (cursor.offset >= from) return { found: true, offset: cursor.offset, timestamp: cursor.timestamp }
  }
  return undefined
}
