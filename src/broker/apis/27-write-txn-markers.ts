/**
 * WriteTxnMarkers: the transaction coordinator, or an administrator who aborts a hanging transaction, ends transactions in the
 * partitions this broker leads; v1-2.
 *
 * - A marker in __consumer_offsets makes the transaction's offsets count, or drops them.
 * - v2 brings the transaction.version, from which on the partition wants an epoch above the transaction's (KIP-1228).
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  WriteTxnMarkersRequest,
  type WriteTxnMarkersRequestWritableTxnMarker,
  WriteTxnMarkersResponse,
} from '../../protocol/generated/27-write-txn-markers.ts'
import { AclOperation, allowsCluster, requireCluster } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { asKafkaError } from '../partition.ts'

async function writeOne(
  { services }: RequestContext,
  marker: WriteTxnMarkersRequestWritableTxnMarker,
  topic: string,
  partition: number,
): Promise<number> {
  try {
    await services.transactions.writeMarker(
      { topic, partition },
      {
        producerId: Number(marker.producerId),
        producerEpoch: marker.producerEpoch,
        committed: marker.transactionResult,
        coordinatorEpoch: marker.coordinatorEpoch,
        transactionVersion: marker.transactionVersion,
      },
    )
    return ErrorCode.NONE
  } catch (error) {
    const known = asKafkaError(error)
    if (known instanceof KafkaError) return known.code
    services.logger.error({ err: error, topic, partition }, 'a transaction marker could not be written')
    return ErrorCode.UNKNOWN_SERVER_ERROR
  }
}

export const writeTxnMarkers = defineApi({
  request: WriteTxnMarkersRequest,
  response: WriteTxnMarkersResponse,
  min: 1,
  max: 2,
  async handle(context, request) {
    if (!allowsCluster(context, AclOperation.ALTER, true)) requireCluster(context, AclOperation.CLUSTER_ACTION)
    const markers = request.markers.map(async (marker) => {
      const topics = marker.topics.map(async ({ name, partitionIndexes }) => {
        const partitions = partitionIndexes.map(async (partitionIndex) => ({
          partitionIndex,
          errorCode: await writeOne(context, marker, name, partitionIndex),
        }))
        return { name, partitions: await Promise.all(partitions) }
      })
      return { producerId: marker.producerId, topics: await Promise.all(topics) }
    })
    return { markers: await Promise.all(markers) }
  },
  failure: (request, errorCode) => ({
    markers: request.markers.map(({ producerId, topics }) => ({
      producerId,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    })),
  }),
})
