/**
 * FetchSnapshot: pieces of a snapshot of the metadata log, for observers and followers that are too far behind (KIP-630); v0-1; the
 * controller's listener only. Needs CLUSTER_ACTION on the cluster.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../../protocol/generated/59-fetch-snapshot.ts'
import { METADATA_TOPIC } from '../../storage/log-manager.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import type { Quorum } from '../controller/quorum.ts'
import { defineApi } from '../define-api.ts'

type Wanted = FetchSnapshotRequest['topics'][number]['partitions'][number]
type Piece = Draft<FetchSnapshotResponse['topics'][number]['partitions'][number]>

const MAX_BYTES = 8 * 1024 * 1024

function piece({ log, nodeId }: Quorum, wanted: Wanted, maxBytes: number): Piece {
  const { snapshotId, position, partition: index, currentLeaderEpoch } = wanted
  const leader: Piece = { index, snapshotId, currentLeader: { leaderId: nodeId, leaderEpoch: log.epoch } }
  if (currentLeaderEpoch >= 0 && currentLeaderEpoch < log.epoch) {
    return { ...leader, errorCode: ErrorCode.FENCED_LEADER_EPOCH }
  }
  if (currentLeaderEpoch > log.epoch) return { ...leader, errorCode: ErrorCode.UNKNOWN_LEADER_EPOCH }
  const content = log.snapshot({ endOffset: Number(snapshotId.endOffset), epoch: snapshotId.epoch })
  if (!content) return { ...leader, errorCode: ErrorCode.SNAPSHOT_NOT_FOUND }
  if (position < 0n || position >= content.length) return { ...leader, errorCode: ErrorCode.POSITION_OUT_OF_RANGE }
  const from = Number(position)
  // A copy: a client that doesn't read must not keep the whole snapshot in memory.
  const unalignedRecords = Buffer.from(content.subarray(from, from + maxBytes))
  return { ...leader, size: BigInt(content.length), position, unalignedRecords }
}

export const fetchSnapshot = defineApi({
  request: FetchSnapshotRequest,
  response: FetchSnapshotResponse,
  min: 0,
  max: 1,
  handle(context, { clusterId, topics, maxBytes }): Draft<FetchSnapshotResponse> {
    requireCluster(context, AclOperation.CLUSTER_ACTION)
    const { quorum, answerMemory } = context.services
    if (clusterId !== null && clusterId !== context.services.clusterId) {
      return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID }
    }
    const [topic] = topics
    const wanted = topic?.partitions[0]
    if (topics.length !== 1 || topic?.partitions.length !== 1 || !wanted)
      return { errorCode: ErrorCode.INVALID_REQUEST }
    const isMetadata = topic.name === METADATA_TOPIC && wanted.partition === 0
    const memory = answerMemory.reserve(Math.max(0, Math.min(maxBytes, MAX_BYTES)))
    context.whenSent(() => memory.release())
    const found: Piece = isMetadata
      ? piece(quorum, wanted, memory.bytes)
      : { index: wanted.partition, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
    return { topics: [{ name: topic.name, partitions: [found] }] }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
