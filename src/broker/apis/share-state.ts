import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AclOperation, CLUSTER_NAME, ResourceType } from '../authorizer/authorizer.ts'
import type { RequestContext } from '../define-api.ts'
import type { SharePartitionKey } from '../share/share-state.ts'

/** Topics of a request about share group state. */
interface Topic<Partition> {
  readonly topicId: string
  readonly partitions: readonly Partition[]
}

interface Failure {
  readonly partition: number
  readonly errorCode: number
  readonly errorMessage: string | null
}

/**
 * Answers a request about share group state, partition by partition; only brokers may send such requests. An empty group id
 * gets an empty answer, as Kafka gives it.
 *
 * @param what the request does, as Kafka words it: 'read share group state'
 * @param run what succeeds adds to a partition's answer
 */
export async function answerPartitions<Partition extends { readonly partition: number }, Answer extends object>(
  context: RequestContext,
  { groupId, topics }: { readonly groupId: string; readonly topics: readonly Topic<Partition>[] },
  what: string,
  run: (key: SharePartitionKey, partition: Partition) => Promise<Answer> | Answer,
): Promise<{ topicId: string; partitions: (Failure | (Failure & Answer))[] }[]> {
  const { authorizer } = context.services
  const isAllowed = authorizer.allows(context, AclOperation.CLUSTER_ACTION, ResourceType.CLUSTER, CLUSTER_NAME)
  if (!isAllowed) return failed(topics, new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED))
  if (groupId.trim() === '' || topics.some(({ partitions }) => partitions.length === 0)) return []
  return await Promise.all(
    topics.map(async ({ topicId, partitions }) => ({
      topicId,
      partitions: await Promise.all(
        partitions.map(async (each) => {
          const { partition } = each
          try {
            const answer = await run({ groupId, topicId, partition }, each)
            return { partition, errorCode: ErrorCode.NONE, errorMessage: null, ...answer }
          } catch (error) {
            if (!(error instanceof KafkaError)) throw error
            return failure(partition, UNAVAILABLE.has(error.code) ? unable(what, error) : error)
          }
        }),
      ),
    })),
  )
}

/** Of the coordinator itself, not about the state: Kafka says what couldn't be done. */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
])

const unable = (what: string, { code, message }: KafkaError): KafkaError =>
  new KafkaError(code, `Unable to ${what}: ${message}`)

function failure(partition: number, { code, message }: KafkaError): Failure {
  return { partition, errorCode: code, errorMessage: message }
}

/** The same error for all partitions of a request. */
export function failed(
  topics: readonly Topic<{ readonly partition: number }>[],
  error: KafkaError,
): { topicId: string; partitions: Failure[] }[] {
  return topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partition }) => failure(partition, error)),
  }))
}
