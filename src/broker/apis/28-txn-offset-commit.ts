/**
 * TxnOffsetCommit: a group's offsets as part of a transaction; v0-5. They count when it commits.
 *
 * - Needs WRITE on the transactional id, READ on the group and on each topic.
 * - The group's partition of __consumer_offsets must be the transaction's already; from v5 on it is added here (KIP-890).
 * - v2 adds the leader epoch, v3 the group member, which must be of the group's generation (KIP-447), v4 knows TRANSACTION_ABORTABLE.
 * - v0-1 are told COORDINATOR_NOT_AVAILABLE where others hear COORDINATOR_LOAD_IN_PROGRESS, which those clients take as fatal.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../protocol/generated/28-txn-offset-commit.ts'
import { AclOperation, allowedTopics, ResourceType, requireRight } from '../authorizer/authorizer.ts'
import { transactionRight } from '../authorizer/rights.ts'
import { OFFSETS_TOPIC } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { Partition } from '../partition.ts'
import type { TxnSupport } from '../txn/verification.ts'

const LOADING_FROM = 2
const ABORTABLE_FROM = 4
const ADD_FROM = 5

function supportOf(version: number): TxnSupport {
  if (version >= ADD_FROM) return 'add'
  return version >= ABORTABLE_FROM ? 'abortable' : 'plain'
}

async function partitionOf({ services }: RequestContext, groupId: string): Promise<Partition> {
  const index = await services.groups.partitionFor(groupId)
  const found = services.replicas.find(OFFSETS_TOPIC, index)
  if (!found || !services.groups.coordinates(index)) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
  return found
}

/** Commits what the client may commit, and refuses the rest. */
async function commitAllowed(
  context: RequestContext,
  request: TxnOffsetCommitRequest,
): Promise<Draft<TxnOffsetCommitResponse>> {
  const names = request.topics.map(({ name }) => name)
  const readable = allowedTopics(context, AclOperation.READ, names)
  const topics = request.topics.filter(({ name }) => readable.has(name))
  if (topics.length === request.topics.length) return await commit(context, request)
  const denied = failed(
    { ...request, topics: request.topics.filter(({ name }) => !readable.has(name)) },
    ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  )
  if (topics.length === 0) return denied
  const allowed = { ...request, topics }
  const answer = await commit(context, allowed).catch((error: unknown) => failure(context, allowed, error))
  return { ...answer, topics: [...(denied.topics ?? []), ...(answer.topics ?? [])] }
}

async function commit(
  context: RequestContext,
  request: TxnOffsetCommitRequest,
): Promise<Draft<TxnOffsetCommitResponse>> {
  const { services, version } = context
  if (request.groupId === '') throw new KafkaError(ErrorCode.INVALID_GROUP_ID)
  const partition = await partitionOf(context, request.groupId)
  const txn = {
    transactionalId: request.transactionalId,
    producerId: Number(request.producerId),
    producerEpoch: request.producerEpoch,
    partitions: [partition],
    support: supportOf(version),
  }
  return services.transactions.verification.run(txn, (refused) => {
    const error = refused.get(partition.key)
    if (error) throw error
    return services.groups.txnOffsetCommit(request)
  })
}

const failed = (request: TxnOffsetCommitRequest, errorCode: number): Draft<TxnOffsetCommitResponse> => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  })),
})

/** @throws what is no KafkaError */
function failure(
  { version }: RequestContext,
  request: TxnOffsetCommitRequest,
  error: unknown,
): Draft<TxnOffsetCommitResponse> {
  if (!(error instanceof KafkaError)) throw error
  const isHidden = error.code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS && version < LOADING_FROM
  return failed(request, isHidden ? ErrorCode.COORDINATOR_NOT_AVAILABLE : error.code)
}

export const txnOffsetCommit = defineApi<TxnOffsetCommitRequest, TxnOffsetCommitResponse>({
  request: TxnOffsetCommitRequest,
  response: TxnOffsetCommitResponse,
  min: 0,
  max: 5,
  auth: transactionRight,
  async handle(context, request) {
    requireRight(context, AclOperation.READ, ResourceType.GROUP, request.groupId)
    return await commitAllowed(context, request).catch((error: unknown) => failure(context, request, error))
  },
  failure: failed,
})
