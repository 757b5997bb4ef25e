/**
 * Fetch as a controller's listener answers it: the metadata log for observers and followers (KIP-595); v4-18, of which those from 13 on
 * name the log by its topic id and can be answered.
 *
 * - A request is for __cluster_metadata-0 alone and comes from a replica; any other is INVALID_REQUEST.
 * - currentLeaderEpoch must be this leader's. Where the histories part (lastFetchedEpoch) the answer says up to where they agree.
 * - Below the log's start it names the snapshot to fetch first (KIP-630). At the end it waits up to maxWaitMs. Needs CLUSTER_ACTION.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { FetchRequest, FetchResponse } from '../../protocol/generated/01-fetch.ts'
import { METADATA_TOPIC } from '../../storage/log-manager.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { METADATA_TOPIC_ID, type Quorum } from '../controller/quorum.ts'
import { defineApi } from '../define-api.ts'

type Wanted = FetchRequest['topics'][number]['partitions'][number]
type PartitionData = Draft<FetchResponse['responses'][number]['partitions'][number]>

const TOPIC_IDS_FROM = 13
const REPLICA_STATE_FROM = 15
const ENDPOINTS_FROM = 17
const MAX_BYTES = 8 * 1024 * 1024
/** Requests that wait for a new metadata record are filed under this. */
export const METADATA_LOG_KEY = `${METADATA_TOPIC}-0`

function wantedPartition({ topics }: FetchRequest): Wanted | undefined {
  const topic = topics.length === 1 ? topics[0] : undefined
  if (topic?.topicId !== METADATA_TOPIC_ID || topic.partitions.length !== 1) return undefined
  return topic.partitions[0]?.partition === 0 ? topic.partitions[0] : undefined
}

const leaderOf = ({ nodeId, log }: Quorum): PartitionData => ({
  partitionIndex: 0,
  logStartOffset: BigInt(log.startOffset),
  currentLeader: { leaderId: nodeId, leaderEpoch: log.epoch },
})

function refusal({ log }: Quorum, replicaId: number, wanted: Wanted): number {
  if (replicaId < 0) return ErrorCode.INVALID_REQUEST
  const { currentLeaderEpoch: epoch } = wanted
  if (epoch >= 0 && epoch < log.epoch) return ErrorCode.FENCED_LEADER_EPOCH
  if (epoch > log.epoch) return ErrorCode.UNKNOWN_LEADER_EPOCH
  return wanted.fetchOffset < 0n || wanted.lastFetchedEpoch > log.lastEpoch ? ErrorCode.INVALID_REQUEST : ErrorCode.NONE
}

async function read(
  quorum: Quorum,
  { fetchOffset, lastFetchedEpoch }: Wanted,
  maxBytes: number,
): Promise<PartitionData> {
  const { log } = quorum
  const offset = Number(fetchOffset)
  const known = { ...leaderOf(quorum), highWatermark: BigInt(log.highWatermark) }
  if (offset < log.startOffset) {
    const snapshot = log.latestSnapshotId
    return { ...known, snapshotId: { endOffset: BigInt(snapshot?.endOffset ?? -1), epoch: snapshot?.epoch ?? -1 } }
  }
  if (offset > log.startOffset) {
    const end = log.endOfEpoch(lastFetchedEpoch)
    if (end.epoch !== lastFetchedEpoch || end.endOffset < offset) {
      return { ...known, divergingEpoch: { epoch: end.epoch, endOffset: BigInt(end.endOffset) } }
    }
  }
  return { ...known, records: await log.read(offset, maxBytes) }
}

export const fetchMetadataLog = defineApi({
  request: FetchRequest,
  response: FetchResponse,
  min: 4,
  max: 18,
  async handle(context, request): Promise<Draft<FetchResponse>> {
    requireCluster(context, AclOperation.CLUSTER_ACTION)
    const { version, connection } = context
    const { quorum, clusterId, purgatory, answerMemory } = context.services
    if (request.clusterId !== null && request.clusterId !== clusterId) {
      return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID }
    }
    const wanted = version >= TOPIC_IDS_FROM ? wantedPartition(request) : undefined
    if (!wanted) return { errorCode: ErrorCode.INVALID_REQUEST }
    const replicaId = version >= REPLICA_STATE_FROM ? request.replicaState.replicaId : request.replicaId
    const answer = (partition: PartitionData): Draft<FetchResponse> => ({
      responses: [{ topicId: METADATA_TOPIC_ID, partitions: [{ records: Buffer.alloc(0), ...partition }] }],
      nodeEndpoints: version >= ENDPOINTS_FROM ? endpointsOf(quorum, connection.listenerName) : [],
    })
    const errorCode = refusal(quorum, replicaId, wanted)
    if (errorCode !== ErrorCode.NONE) return answer({ ...leaderOf(quorum), errorCode, highWatermark: -1n })
    const { log } = quorum
    const hasNews = (): boolean => log.highWatermark !== Number(wanted.fetchOffset)
    await purgatory.wait([METADATA_LOG_KEY], request.maxWaitMs, hasNews, connection.closed)
    const memory = answerMemory.reserve(Math.max(0, Math.min(request.maxBytes, wanted.partitionMaxBytes, MAX_BYTES)))
    context.whenSent(() => memory.release())
    const partition = await read(quorum, wanted, memory.bytes)
    memory.use(partition.records?.length ?? 0)
    return answer(partition)
  },
  failure: (_request, errorCode) => ({ errorCode }),
})

function endpointsOf(quorum: Quorum, listener: string): Draft<FetchResponse['nodeEndpoints']> {
  const endpoint = quorum.endpoints.find(({ name }) => name === listener)
  return endpoint ? [{ nodeId: quorum.nodeId, host: endpoint.host, port: endpoint.port, rack: null }] : []
}
