import { abortSpecText } from '../../client/admin/transactions.ts'
import type { AbortTransactionSpec } from '../../client/transaction-types.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { unwrap } from '../shared/results.ts'
import { fail, failBecause, misuse, type TransactionsContext } from './context.ts'

const byStartOffset = async (
  { admin }: TransactionsContext,
  partition: TopicPartition,
  startOffset: string,
): Promise<AbortTransactionSpec> => {
  const key = topicPartitionKey(partition)
  const producers = await admin
    .describeProducers([partition])
    .then((results) => unwrap(results.get(partition)))
    .catch((error: unknown) => failBecause(`Failed to validate producer state for partition ${key}`, error))
  const found = producers.find((one) => one.currentTransactionStartOffset === Number(startOffset))
  if (found === undefined) {
    return fail(`Could not find any open transactions starting at offset ${BigInt(startOffset)} on partition ${key}`)
  }
  const { producerId, producerEpoch, coordinatorEpoch } = found
  return { partition, producerId, producerEpoch, coordinatorEpoch: coordinatorEpoch ?? 0 }
}

const byProducer = ({ values }: TransactionsContext, partition: TopicPartition): AbortTransactionSpec => {
  for (const name of ['producer-epoch', 'coordinator-epoch']) {
    if (!values.has(name)) misuse(`Missing required argument --${name}`)
  }
  return {
    partition,
    producerId: BigInt(values.text('producer-id')!),
    producerEpoch: values.number('producer-epoch')!,
    // A transaction that hung before its producer's first commit has epoch -1, which no coordinator would take.
    coordinatorEpoch: Math.max(0, values.number('coordinator-epoch')!),
  }
}

/** `abort`. */
export const abort = async (context: TransactionsContext): Promise<void> => {
  const { admin, values } = context
  const partition = { topic: values.text('topic')!, partition: values.number('partition')! }
  const startOffset = values.text('start-offset')
  if (startOffset === undefined && !values.has('producer-id')) {
    misuse(
      'The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)',
    )
  }
  const spec =
    startOffset === undefined ? byProducer(context, partition) : await byStartOffset(context, partition, startOffset)
  await admin
    .abortTransaction(spec)
    .catch((error: unknown) => failBecause(`Failed to abort transaction ${abortSpecText(spec)}`, error))
}

/** `forceTerminateTransaction`. */
export const forceTerminate = async ({ admin, values }: TransactionsContext): Promise<void> => {
  const id = values.text('transactionalId')!
  await admin
    .fenceProducer(id)
    .catch((error: unknown) => failBecause(`Failed to force terminate transactionalId \`${id}\``, error))
}
