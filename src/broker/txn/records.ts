import { decode, decodeVersioned, encodeVersioned } from '../../protocol/codec.ts'
import { TransactionLogKey, TransactionLogValue } from '../../protocol/generated/data/transaction-log.ts'
import { MalformedMessageError } from '../../protocol/reader.ts'
import { partitionDirName, type TopicPartition } from '../../storage/file-names.ts'
import { NO_PRODUCER_EPOCH, type TransactionValues } from './transaction.ts'
import { stateId, stateOfId } from './transaction-state.ts'

const KEY_VERSION = 0
const VERSION_BYTES = 2

/** A record of __transaction_state; `value` null is a tombstone. */
export interface TransactionRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

export interface DecodedTransaction {
  readonly transactionalId: string
  /** null: the id was forgotten. */
  readonly values: TransactionValues | null
}

/** @param transactionVersion the cluster's transaction.version, which decides the format: 0 has no room for ids to come */
export function encodeTransaction(
  transactionalId: string,
  values: TransactionValues | null,
  transactionVersion: number,
): TransactionRecord {
  const key = encodeVersioned(TransactionLogKey, { transactionalId }, KEY_VERSION)
  if (values === null) return { key, value: null }
  const common = {
    producerId: BigInt(values.producerId),
    producerEpoch: values.producerEpoch,
    transactionTimeoutMs: values.timeoutMs,
    transactionStatus: stateId(values.state),
    transactionPartitions: values.state === 'Empty' ? null : byTopic(values.partitions.values()),
    transactionLastUpdateTimestampMs: BigInt(values.lastUpdateTimestampMs),
    transactionStartTimestampMs: BigInt(values.startTimestampMs),
  }
  if (transactionVersion < 1) return { key, value: encodeVersioned(TransactionLogValue, common, 0) }
  const message = {
    ...common,
    previousProducerId: BigInt(values.previousProducerId),
    nextProducerId: BigInt(values.nextProducerId),
    clientTransactionVersion: values.clientTransactionVersion,
  }
  return { key, value: encodeVersioned(TransactionLogValue, message, 1) }
}

/** @returns partitions gathered by topic, in order of their first mention */
export function byTopic(partitions: Iterable<TopicPartition>): { topic: string; partitionIds: number[] }[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const ids = topics.get(topic)
    if (ids) ids.push(partition)
    else topics.set(topic, [partition])
  }
  return [...topics].map(([topic, partitionIds]) => ({ topic, partitionIds }))
}

/**
 * Decodes a record of __transaction_state.
 *
 * @returns undefined for keys of versions unknown here, which are to be passed over
 * @throws MalformedMessageError
 */
export function decodeTransaction(key: Buffer, value: Buffer | null): DecodedTransaction | undefined {
  if (key.length < VERSION_BYTES) throw new MalformedMessageError('A key of __transaction_state is too short.')
  if (key.readInt16BE(0) !== KEY_VERSION) return undefined
  const { transactionalId } = decode(TransactionLogKey, key.subarray(VERSION_BYTES), KEY_VERSION)
  return { transactionalId, values: value === null ? null : decodeValue(value) }
}

function decodeValue(value: Buffer): TransactionValues {
  const message = decodeVersioned(TransactionLogValue, value)
  const state = stateOfId(message.transactionStatus)
  if (state === undefined) {
    throw new MalformedMessageError(`A transaction's record has the unknown state ${message.transactionStatus}`)
  }
  const partitions = new Map<string, TopicPartition>()
  for (const { topic, partitionIds } of message.transactionPartitions ?? []) {
    for (const partition of partitionIds) partitions.set(partitionDirName({ topic, partition }), { topic, partition })
  }
  return {
    producerId: Number(message.producerId),
    previousProducerId: Number(message.previousProducerId),
    nextProducerId: Number(message.nextProducerId),
    producerEpoch: message.producerEpoch,
    // The log has no place for it: a retry that spans a restart is not recognised, as in Kafka.
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs: message.transactionTimeoutMs,
    state,
    partitions,
    startTimestampMs: Number(message.transactionStartTimestampMs),
    lastUpdateTimestampMs: Number(message.transactionLastUpdateTimestampMs),
    clientTransactionVersion: message.clientTransactionVersion,
  }
}
