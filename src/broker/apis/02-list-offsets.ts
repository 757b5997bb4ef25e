/**
 * ListOffsets: the offset for a timestamp; v1-11.
 *
 * - Special timestamps: -1 latest (the last stable offset for read_committed), -2 earliest, -3 the record with the largest timestamp
 *   (v7+), -4 earliest local (v8+), -5 latest tiered (v9+), -6 earliest pending upload (v11+). Without tiered storage -4 is the log
 *   start, -5 and -6 have no answer.
 * - A timestamp after the last record has offset -1. v4 checks and returns leader epochs, v10 brings a timeout for tiered look-ups.
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/generated/02-list-offsets.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { asKafkaError, type Partition } from '../partition.ts'

type Wanted = ListOffsetsRequest['topics'][number]['partitions'][number]
type Answer = Draft<ListOffsetsResponse['topics'][number]['partitions'][number]>

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6
/** First request version that may name a special timestamp. */
const SINCE_VERSION: ReadonlyMap<number, number> = new Map([
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])

const NOTHING = { timestamp: -1, offset: -1, leaderEpoch: -1 }

async function lookUp(partition: Partition, timestamp: number, committed: boolean): Promise<typeof NOTHING> {
  const { log } = partition
  const end = partition.readableEnd(committed ? 'read_committed' : 'read_uncommitted')
  switch (timestamp) {
    case LATEST:
      return { timestamp: -1, offset: end, leaderEpoch: log.latestEpoch ?? -1 }
    case EARLIEST:
    case EARLIEST_LOCAL: {
      const offset = log.logStartOffset
      return { timestamp: -1, offset, leaderEpoch: log.epochs.epochForOffset(offset) ?? -1 }
    }
    case MAX_TIMESTAMP: {
      const found = await log.maxTimestampOffset()
      return found && found.offset < end ? found : NOTHING
    }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOTHING
    default: {
      const found = await log.offsetForTimestamp(timestamp)
      return found && found.offset < end ? found : NOTHING
    }
  }
}

const failed = ({ partitionIndex }: Wanted, errorCode: number): Answer => ({
  partitionIndex,
  errorCode,
  timestamp: -1n,
  offset: -1n,
})

async function answer(
  { services, version }: RequestContext,
  topic: string,
  wanted: Wanted,
  committed: boolean,
): Promise<Answer> {
  const timestamp = Number(wanted.timestamp)
  if (timestamp < 0) {
    const isKnown = timestamp === LATEST || timestamp === EARLIEST || SINCE_VERSION.has(timestamp)
    if (!isKnown || version < (SINCE_VERSION.get(timestamp) ?? 0)) return failed(wanted, ErrorCode.UNSUPPORTED_VERSION)
  }
  try {
    const partition = services.replicas.partition(topic, wanted.partitionIndex)
    partition.checkLeader()
    partition.checkEpoch(wanted.currentLeaderEpoch)
    const found = await lookUp(partition, timestamp, committed)
    return {
      partitionIndex: wanted.partitionIndex,
      timestamp: BigInt(found.timestamp),
      offset: BigInt(found.offset),
      leaderEpoch: version >= 4 ? found.leaderEpoch : -1,
    }
  } catch (error) {
    const known = asKafkaError(error)
    if (known instanceof KafkaError) return failed(wanted, known.code)
    throw error
  }
}

/** Partitions that the request names more than once: each is refused, once. */
function duplicates({ topics }: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name, partitions } of topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`
      if (seen.has(key)) twice.add(key)
      seen.add(key)
    }
  }
  return twice
}

/** The answers with every topic and every partition once. */
function merged(topics: readonly { name: string; partitions: Answer[] }[]) {
  const byName = new Map<string, Map<number, Answer>>()
  for (const { name, partitions } of topics) {
    const answers = byName.get(name) ?? new Map<number, Answer>()
    byName.set(name, answers)
    for (const one of partitions) answers.set(one.partitionIndex ?? 0, one)
  }
  return [...byName].map(([name, answers]) => ({ name, partitions: [...answers.values()] }))
}

export const listOffsets = defineApi({
  request: ListOffsetsRequest,
  response: ListOffsetsResponse,
  min: 1,
  max: 11,
  async handle(context, request) {
    const topics = []
    const names = request.topics.map(({ name }) => name)
    const allowed = allowedTopics(context, AclOperation.DESCRIBE, names)
    const twice = duplicates(request)
    for (const { name, partitions } of request.topics) {
      if (partitions.length === 0) continue
      if (!allowed.has(name)) {
        topics.push({ name, partitions: partitions.map((p) => failed(p, ErrorCode.TOPIC_AUTHORIZATION_FAILED)) })
        continue
      }
      const committed = request.isolationLevel === 1
      const answerOf = async (p: Wanted): Promise<Answer> =>
        twice.has(`${name}-${p.partitionIndex}`)
          ? failed(p, ErrorCode.INVALID_REQUEST)
          : answer(context, name, p, committed)
      const answers = await Promise.all(partitions.map(answerOf))
      topics.push({ name, partitions: answers })
    }
    return { topics: twice.size > 0 ? merged(topics) : topics }
  },
  failure: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, timestamp: -1n, offset: -1n })),
    })),
  }),
})
