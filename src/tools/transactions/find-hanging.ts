import type { ProducerState, TransactionDescription } from '../../client/transaction-types.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { unwrap, unwrapAll } from '../shared/results.ts'
import { outputFormat, type Row } from '../shared/structured.ts'
import { failBecause, misuse, type TransactionsContext } from './context.ts'
import { type Column, printRows } from './describe.ts'

interface OpenTransaction {
  partition: TopicPartition
  producer: ProducerState
}

/** Topics and partitions are asked about in batches of this size. */
const MAX_BATCH_SIZE = 500
const MINUTE_MS = 60_000

const batches = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / MAX_BATCH_SIZE) }, (_, i) =>
    items.slice(i * MAX_BATCH_SIZE, (i + 1) * MAX_BATCH_SIZE),
  )

const partitionsToSearch = async ({ admin, values }: TransactionsContext): Promise<TopicPartition[]> => {
  const [topic, partition, brokerId] = [values.text('topic'), values.number('partition'), values.number('broker-id')]
  if (topic !== undefined && partition !== undefined) return [{ topic, partition }]
  const topics =
    topic === undefined
      ? await admin
          .listTopics({ listInternal: true })
          .then((listed) => listed.map(({ name }) => name))
          .catch((error: unknown) => failBecause('Failed to list topics', error))
      : [topic]
  const found: TopicPartition[] = []
  for (const batch of batches(topics)) {
    const described = await admin
      .describeTopics(batch)
      .then(unwrapAll)
      .catch((error: unknown) => failBecause(`Failed to describe ${batch.length} topics`, error))
    for (const { name, partitions } of described) {
      for (const one of partitions) {
        if (brokerId !== undefined && !one.replicas.some(({ id }) => id === brokerId)) continue
        found.push({ topic: name, partition: one.partition })
      }
    }
  }
  return found
}

/** Transactions open for longer than any should be. */
const candidates = async (
  { admin, values }: TransactionsContext,
  partitions: readonly TopicPartition[],
): Promise<OpenTransaction[]> => {
  const brokerId = values.number('broker-id')
  const maxMs = (values.number('max-transaction-timeout') ?? 15) * MINUTE_MS
  const found: OpenTransaction[] = []
  for (const batch of batches(partitions)) {
    const described = await admin
      .describeProducers(batch, brokerId)
      .then((results) => [...results].map(([partition, result]) => [partition, unwrap(result)] as const))
      .catch((error: unknown) => {
        const where = brokerId === undefined ? 'Optional.empty' : `Optional[${brokerId}]`
        return failBecause(`Failed to describe producers for ${batch.length} partitions on broker ${where}`, error)
      })
    for (const [partition, producers] of described) {
      for (const producer of producers) {
        const isOpen = producer.currentTransactionStartOffset !== null
        if (isOpen && Date.now() - producer.lastTimestamp > maxMs) found.push({ partition, producer })
      }
    }
  }
  return found
}

const describeByProducer = async (
  { admin }: TransactionsContext,
  producerIds: bigint[],
): Promise<Map<bigint, TransactionDescription>> => {
  const listed = await admin
    .listTransactions({ producerIds })
    .catch((error: unknown) => failBecause(`Failed to list transactions for ${producerIds.length} producers`, error))
  const ids = new Map(
    [...listed.values()].flat().map(({ producerId, transactionalId }) => [producerId, transactionalId]),
  )
  const described = await admin
    .describeTransactions([...ids.values()])
    .then((results) => {
      for (const result of results.values()) {
        const isGone = !result.ok && result.error instanceof KafkaError
        if (!result.ok && !(isGone && result.error.name === 'TRANSACTIONAL_ID_NOT_FOUND')) throw result.error
      }
      return results
    })
    .catch((error: unknown) => failBecause(`Failed to describe ${ids.size} transactions`, error))
  const found = new Map<bigint, TransactionDescription>()
  for (const [producerId, id] of ids) {
    const result = described.get(id)
    if (result?.ok) found.set(producerId, result.value)
  }
  return found
}

/** Of the candidates those whose coordinator knows nothing of the partition: it will never end them. */
const hanging = async (context: TransactionsContext, open: readonly OpenTransaction[]): Promise<OpenTransaction[]> => {
  if (open.length === 0) return []
  const producerIds = [...new Set(open.map(({ producer }) => producer.producerId))]
  const known = await describeByProducer(context, producerIds)
  return open.filter(({ partition, producer }) => {
    const partitions = known.get(producer.producerId)?.partitions ?? []
    return !partitions.some((one) => topicPartitionKey(one) === topicPartitionKey(partition))
  })
}

const columns: readonly Column[] = [
  ['Topic', 'topic'],
  ['Partition', 'partition'],
  ['ProducerId', 'producerId'],
  ['ProducerEpoch', 'producerEpoch'],
  ['CoordinatorEpoch', 'coordinatorEpoch'],
  ['StartOffset', 'startOffset'],
  ['LastTimestamp', 'lastTimestampMs'],
  ['Duration(min)', 'durationMinutes'],
]

/** `find-hanging`. */
export const findHanging = async (context: TransactionsContext): Promise<void> => {
  const { values } = context
  if (!values.has('topic') && !values.has('broker-id')) {
    misuse('The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search')
  }
  if (values.has('partition') && !values.has('topic')) {
    misuse('The --partition argument requires --topic to be provided')
  }
  const found = await hanging(context, await candidates(context, await partitionsToSearch(context)))
  const isPlain = outputFormat(values, context.io) === undefined
  const durationOf = (durationMs: number): Row =>
    isPlain ? { durationMinutes: Math.trunc(durationMs / MINUTE_MS) } : { durationMs }
  const rows = found.map(({ partition, producer }) => ({
    ...partition,
    producerId: Number(producer.producerId),
    producerEpoch: producer.producerEpoch,
    coordinatorEpoch: producer.coordinatorEpoch ?? -1,
    startOffset: producer.currentTransactionStartOffset ?? -1,
    lastTimestampMs: producer.lastTimestamp,
    ...durationOf(Date.now() - producer.lastTimestamp),
  }))
  await printRows(context, columns, rows)
}
