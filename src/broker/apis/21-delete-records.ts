/**
 * DeleteRecords: moves the log start offset forward; v0-2. Offset -1 means the high watermark. Internal topics are refused with
 * INVALID_TOPIC_EXCEPTION, topics that are only compacted with POLICY_VIOLATION.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/generated/21-delete-records.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { isInternalTopic } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { asKafkaError } from '../partition.ts'

type Wanted = DeleteRecordsRequest['topics'][number]['partitions'][number]

const HIGH_WATERMARK = -1

function deleteBefore({ services }: RequestContext, topic: string, index: number, offset: number): number {
  const partition = services.replicas.partition(topic, index)
  if (isInternalTopic(topic))
    throw new KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, `Cannot delete records of internal topic ${topic}`)
  partition.checkLeader()
  const { log } = partition
  const { compact, delete: deletes } = services.configs.topic(topic)
  if (compact && !deletes) {
    throw new KafkaError(
      ErrorCode.POLICY_VIOLATION,
      `Records of partition ${partition.key} can not be deleted due to the configured policy`,
    )
  }
  const wanted = offset === HIGH_WATERMARK ? log.highWatermark : offset
  if (wanted < 0)
    throw new KafkaError(
      ErrorCode.OFFSET_OUT_OF_RANGE,
      `The offset ${wanted} for partition ${partition.key} is not valid`,
    )
  log.deleteRecords(wanted)
  return log.logStartOffset
}

/** Each topic with some partition once, and each of those once: of one named again the later offset counts. */
function distinct({ topics }: DeleteRecordsRequest): { name: string; partitions: Wanted[] }[] {
  const byName = new Map<string, Map<number, Wanted>>()
  for (const { name, partitions } of topics) {
    if (partitions.length === 0) continue
    const own = byName.get(name) ?? new Map<number, Wanted>()
    byName.set(name, own)
    for (const one of partitions) own.set(one.partitionIndex, one)
  }
  return [...byName].map(([name, own]) => ({ name, partitions: [...own.values()] }))
}

export const deleteRecords = defineApi({
  request: DeleteRecordsRequest,
  response: DeleteRecordsResponse,
  min: 0,
  max: 2,
  handle(context, request) {
    const names = request.topics.flatMap(({ name, partitions }) => partitions.map(() => name))
    const allowed = allowedTopics(context, AclOperation.DELETE, names)
    return {
      topics: distinct(request).map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => {
          if (!allowed.has(name)) {
            return { partitionIndex, lowWatermark: -1n, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
          }
          try {
            const lowWatermark = deleteBefore(context, name, partitionIndex, Number(offset))
            return { partitionIndex, lowWatermark: BigInt(lowWatermark), errorCode: ErrorCode.NONE }
          } catch (error) {
            const known = asKafkaError(error)
            if (!(known instanceof KafkaError)) throw error
            return { partitionIndex, lowWatermark: -1n, errorCode: known.code }
          }
        }),
      })),
    }
  },
  failure: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: -1n, errorCode })),
    })),
  }),
})
