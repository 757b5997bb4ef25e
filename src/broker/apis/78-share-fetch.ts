/**
 * ShareFetch: records for a member of a share group, which are its own until it acknowledges them or its lock ends
 * (KIP-932); v1-2. v2 adds strict record limits (KIP-1206) and renewing locks (KIP-1222).
 *
 * - Epoch 0 begins the member's session, -1 ends it and makes what the member still has available to others.
 * - Acknowledgements can come along; a partition's answer holds their error beside that of the fetch.
 * - A member above its quota of fetching gets an empty answer with the time to wait, and nothing is acquired for it.
 * - A partition whose fetch failed because somebody else leads, or another epoch, names the leader (KIP-951).
 * - UNSUPPORTED_VERSION while the feature share.version is 0. A session too many is told so only after maxWaitMs.
 */
import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ShareFetchRequest, ShareFetchResponse } from '../../protocol/generated/78-share-fetch.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { AcquireMode } from '../share/acquire.ts'
import { ShareFetch, type ShareFetchResult } from '../share/share-fetch.ts'
import { mustAnswer, type SessionPartition, type ShareFetchContext } from '../share/share-sessions.ts'
import { CurrentLeaders } from './current-leaders.ts'
import { type AcknowledgementResult, acknowledgeAll, checkTopic } from './share-acknowledgements.ts'
import { requireShareMember } from './share-protocol.ts'

type PartitionData = Draft<ShareFetchResponse['responses'][number]['partitions'][number]>

const RENEW_FROM = 2
const EMPTY = Buffer.alloc(0)

export const shareFetch = defineApi<ShareFetchRequest, ShareFetchResponse>({
  request: ShareFetchRequest,
  response: ShareFetchResponse,
  min: 1,
  max: 2,
  async handle(context, request) {
    const member = requireShareMember(context, request)
    const isRenew = context.version >= RENEW_FROM && request.isRenewAck
    if (isRenew) checkRenew(request)
    const opened = await open(context, request, member)
    const acknowledged = acknowledgeAll(context, member, acknowledgementsOf(request), isRenew)
    const fetched = isRenew || opened.isFinal ? [] : fetch(context, request, member, opened)
    const [acknowledgements, results] = await Promise.all([acknowledged, fetched])
    const { partitions: shares } = context.services.shares
    if (opened.isFinal) await shares.endSession(member.groupId, member.memberId)
    const leaders = new CurrentLeaders(context.services, context.connection.listenerName)
    return {
      acquisitionLockTimeoutMs: shares.groupConfig(member.groupId).recordLockDurationMs,
      responses: withLeaders(context, answer(opened, results, acknowledgements), leaders),
      nodeEndpoints: leaders.nodeEndpoints,
    }
  },
  failure: (_request, errorCode) => ({ errorCode, errorMessage: null }),
})

/** @throws KafkaError INVALID_REQUEST when a request that renews locks wants to fetch, too */
function checkRenew({ maxBytes, minBytes, maxRecords, maxWaitMs }: ShareFetchRequest): void {
  const wrong = Object.entries({ maxBytes, minBytes, maxRecords, maxWaitMs }).filter(([, value]) => value !== 0)
  if (wrong.length === 0) return
  const message = wrong.map(([name]) => `${name} must be set to 0, `).join('')
  throw new KafkaError(ErrorCode.INVALID_REQUEST, `${message}if isRenewAck is true.`)
}

/** The session's context; it ends with the connection. @throws KafkaError */
async function open(
  { services, connection }: RequestContext,
  request: ShareFetchRequest,
  { groupId, memberId }: { groupId: string; memberId: string },
): Promise<ShareFetchContext> {
  const { partitions: shares } = services.shares
  const wanted = request.topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topicId, partition: partitionIndex })),
  )
  const forgotten = request.forgottenTopicsData.flatMap(({ topicId, partitions }) =>
    partitions.map((partition) => ({ topicId, partition })),
  )
  const hasAcknowledgements = acknowledgementsOf(request).length > 0
  const { shareSessionEpoch: epoch, maxWaitMs } = request
  try {
    const opened = shares.sessions.open({
      ...{ groupId, memberId, epoch, connectionId: connection.id },
      ...{ wanted, forgotten, hasAcknowledgements },
    })
    if (opened.isNew) shares.endWithConnection(opened.session, connection)
    return opened
  } catch (error) {
    const isFull = error instanceof KafkaError && error.code === ErrorCode.SHARE_SESSION_LIMIT_REACHED
    if (isFull) await services.purgatory.wait([], maxWaitMs, () => false, connection.closed)
    throw error
  }
}

function acknowledgementsOf({ topics }: ShareFetchRequest) {
  return topics.flatMap(({ topicId, partitions }) =>
    partitions.flatMap(({ partitionIndex: partition, acknowledgementBatches: batches }) =>
      batches.length === 0 ? [] : [{ topicId, partition, batches }],
    ),
  )
}

async function fetch(
  context: RequestContext,
  request: ShareFetchRequest,
  member: { groupId: string; memberId: string },
  { partitions }: ShareFetchContext,
): Promise<ShareFetchResult[]> {
  const { services, connection } = context
  const refused: ShareFetchResult[] = []
  const allowed: SessionPartition[] = []
  for (const each of partitions) {
    try {
      checkTopic(context, each.topicId, each.partition)
      allowed.push(each)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const { code: errorCode, message: errorMessage } = error
      refused.push({ ...each, errorCode, errorMessage, records: EMPTY, acquired: [] })
    }
  }
  const { minBytes, maxRecords, batchSize, shareAcquireMode } = request
  const { quota } = context
  const limit = Math.min(request.maxBytes, services.config.int('fetch.max.bytes'), quota?.maxFetchBytes ?? Infinity)
  const run = new ShareFetch(services.shares.partitions, services, {
    ...member,
    partitions: allowed,
    maxWaitMs: refused.length > 0 ? 0 : request.maxWaitMs,
    minBytes,
    maxBytes: Math.max(0, limit),
    maxRecords,
    batchSize,
    isRecordLimit: shareAcquireMode === AcquireMode.RECORD_LIMIT,
    closed: connection.closed,
    mustHoldBack: (bytes) => quota?.mustHoldBack(bytes) === true,
  })
  context.whenSent(() => run.release())
  const results = await run.run()
  return run.isHeldBack ? [] : [...refused, ...results]
}

function answer(
  opened: ShareFetchContext,
  results: readonly ShareFetchResult[],
  acknowledgements: readonly AcknowledgementResult[],
): Draft<ShareFetchResponse['responses'][number]>[] {
  const topics = new Map<string, Map<number, PartitionData>>()
  const put = (topicId: string, data: PartitionData & { partitionIndex: number }): void => {
    const partitions = topics.get(topicId) ?? new Map<number, PartitionData>()
    topics.set(topicId, partitions)
    partitions.set(data.partitionIndex, { ...partitions.get(data.partitionIndex), ...data })
  }
  for (const result of results) {
    const { topicId, partition: partitionIndex, errorCode, errorMessage, records } = result
    if (!mustAnswer(opened, result, { errorCode, recordsSizeBytes: records.length })) continue
    const acquiredRecords = result.acquired.map(({ first, last, deliveryCount }) => ({
      firstOffset: BigInt(first),
      lastOffset: BigInt(last),
      deliveryCount,
    }))
    put(topicId, { partitionIndex, errorCode, errorMessage, records, acquiredRecords })
  }
  for (const { topicId, partition: partitionIndex, errorCode, errorMessage } of acknowledgements) {
    const records = topics.get(topicId)?.get(partitionIndex)?.records ?? EMPTY
    const data = { acknowledgeErrorCode: errorCode, acknowledgeErrorMessage: errorMessage }
    put(topicId, { partitionIndex, records, ...data })
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.values()] }))
}

function withLeaders(
  { services }: RequestContext,
  topics: ReturnType<typeof answer>,
  leaders: CurrentLeaders,
): ReturnType<typeof answer> {
  return topics.map(({ topicId = ZERO_UUID, partitions = [] }) => ({
    topicId,
    partitions: partitions.map((data) => {
      const { errorCode = 0, partitionIndex = -1 } = data
      const currentLeader = leaders.besides(errorCode, services.metadata.topicName(topicId), partitionIndex)
      return currentLeader === undefined ? data : { ...data, currentLeader }
    }),
  }))
}
