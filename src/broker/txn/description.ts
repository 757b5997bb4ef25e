import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { DescribeTransactionsResponseTransactionState } from '../../protocol/generated/65-describe-transactions.ts'
import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../protocol/generated/66-list-transactions.ts'
import { Re2 } from '../group/regex/re2.ts'
import { Re2SyntaxError } from '../group/regex/re2-error.ts'
import { byTopic } from './records.ts'
import type { Transaction } from './transaction.ts'
import { stateOfName } from './transaction-state.ts'
import type { TxnCoordinator } from './txn-coordinator.ts'

/** DescribeTransactions of one id; an id that is being forgotten is not found. */
export function describeTransaction(
  coordinator: TxnCoordinator,
  transactionalId: string,
): Draft<DescribeTransactionsResponseTransactionState> {
  try {
    if (transactionalId === '') throw new KafkaError(ErrorCode.INVALID_REQUEST)
    const transaction = coordinator.shardOf(transactionalId).transactions.get(transactionalId)
    if (transaction === undefined) throw new KafkaError(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
    const { state, timeoutMs, startTimestampMs, producerId, producerEpoch, partitions } = transaction.values
    return {
      transactionalId,
      transactionState: state,
      transactionTimeoutMs: timeoutMs,
      transactionStartTimeMs: BigInt(startTimestampMs),
      producerId: BigInt(producerId),
      producerEpoch,
      topics: byTopic(partitions.values()).map(({ topic, partitionIds }) => ({ topic, partitions: partitionIds })),
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { transactionalId, errorCode: error.code }
  }
}

/** ListTransactions: the ids of all loaded partitions that meet the request's filters. */
export function listTransactions(
  coordinator: TxnCoordinator,
  request: ListTransactionsRequest,
  nowMs: number,
): Draft<ListTransactionsResponse> {
  const shards = [...coordinator.shards]
  if (shards.some(({ loaded }) => !loaded)) return { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS }
  let matches: (transaction: Transaction) => boolean
  try {
    matches = filterOf(request, nowMs)
  } catch (error) {
    if (!(error instanceof Re2SyntaxError)) throw error
    return { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION }
  }
  const found = shards.flatMap((shard) => [...shard.transactions.values()]).filter(matches)
  return {
    errorCode: ErrorCode.NONE,
    unknownStateFilters: request.stateFilters.filter((name) => stateOfName(name) === undefined),
    transactionStates: found.map(({ transactionalId, values }) => ({
      transactionalId,
      producerId: BigInt(values.producerId),
      transactionState: values.state,
    })),
  }
}

/** @throws Re2SyntaxError for a pattern that is none */
function filterOf(request: ListTransactionsRequest, nowMs: number): (transaction: Transaction) => boolean {
  const states = new Set(request.stateFilters)
  const producerIds = new Set(request.producerIdFilters.map(Number))
  const durationMs = Number(request.durationFilter)
  const pattern = request.transactionalIdPattern ? new Re2(request.transactionalIdPattern) : undefined
  return ({ transactionalId, values: { state, producerId, startTimestampMs } }) => {
    if (states.size > 0 && !states.has(state)) return false
    if (producerIds.size > 0 && !producerIds.has(producerId)) return false
    if (durationMs >= 0 && nowMs - startTimestampMs <= durationMs) return false
    return pattern === undefined || pattern.matches(transactionalId)
  }
}
