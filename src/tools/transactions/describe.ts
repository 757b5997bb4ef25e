import { topicPartitionKey } from '../../client/types.ts'
import { printPrettyTable } from '../shared/pretty-table.ts'
import { unwrap } from '../shared/results.ts'
import { outputFormat, printStructured, type Row, type Value } from '../shared/structured.ts'
import { failBecause, type TransactionsContext } from './context.ts'

/** One column: Kafka's heading, the key of structured output. */
export type Column = readonly [heading: string, key: string]

const partitionText = (value: Value): string => topicPartitionKey(value as { topic: string; partition: number })

/** -1 is Kafka's way to say that there is none. */
const withoutMinusOne = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === -1 ? null : value]))

/** Prints rows in Kafka's format, or in the one `--output` asks for. Null is Kafka's `none` text. */
export const printRows = async (
  { io, values }: TransactionsContext,
  columns: readonly Column[],
  rows: readonly Row[],
  none = 'None',
): Promise<void> => {
  const format = outputFormat(values, io)
  const keys = columns.map(([, key]) => key)
  if (format !== undefined) {
    const found = rows.map(withoutMinusOne)
    return printStructured(io, format, found, found[0] === undefined ? keys : Object.keys(found[0]))
  }
  printPrettyTable(
    io,
    columns.map(([heading]) => heading),
    rows.map((row) =>
      keys.map((key) => {
        const value = row[key] ?? null
        return value === null ? none : Array.isArray(value) ? value.map(partitionText).join(',') : String(value)
      }),
    ),
  )
}

/** `list`. */
export const list = async (context: TransactionsContext): Promise<void> => {
  const { admin, values } = context
  const duration = values.text('duration-filter')
  const pattern = values.text('transactional-id-pattern')
  const filters = {
    ...(duration === undefined ? {} : { durationMs: BigInt(duration) }),
    ...(pattern === undefined ? {} : { pattern }),
  }
  const byBroker = await admin
    .listTransactions(filters)
    .catch((error: unknown) => failBecause('Failed to list transactions', error))
  const rows = [...byBroker].flatMap(([coordinator, listings]) =>
    listings.map(({ transactionalId, producerId, state }) => ({
      transactionalId,
      coordinator,
      producerId: Number(producerId),
      state,
    })),
  )
  const columns: readonly Column[] = [
    ['TransactionalId', 'transactionalId'],
    ['Coordinator', 'coordinator'],
    ['ProducerId', 'producerId'],
    ['TransactionState', 'state'],
  ]
  await printRows(context, columns, rows)
}

/** `describe`. */
export const describe = async (context: TransactionsContext): Promise<void> => {
  const { admin, values } = context
  const transactionalId = values.text('transactional-id')!
  const found = await admin
    .describeTransactions([transactionalId])
    .then((results) => unwrap(results.get(transactionalId)))
    .catch((error: unknown) =>
      failBecause(`Failed to describe transaction state of transactional-id \`${transactionalId}\``, error),
    )
  const row: Row = {
    coordinator: found.coordinatorId,
    transactionalId,
    producerId: Number(found.producerId),
    producerEpoch: found.producerEpoch,
    state: found.state,
    transactionTimeoutMs: found.transactionTimeoutMs,
    startTimestampMs: found.startTimeMs,
    durationMs: found.startTimeMs === null ? null : Date.now() - found.startTimeMs,
    partitions: found.partitions.map(({ topic, partition }) => ({ topic, partition })),
  }
  const columns: readonly Column[] = [
    ['CoordinatorId', 'coordinator'],
    ['TransactionalId', 'transactionalId'],
    ['ProducerId', 'producerId'],
    ['ProducerEpoch', 'producerEpoch'],
    ['TransactionState', 'state'],
    ['TransactionTimeoutMs', 'transactionTimeoutMs'],
    ['CurrentTransactionStartTimeMs', 'startTimestampMs'],
    ['TransactionDurationMs', 'durationMs'],
    ['TopicPartitions', 'partitions'],
  ]
  await printRows(context, columns, [row])
}

/** `describe-producers`. */
export const describeProducers = async (context: TransactionsContext): Promise<void> => {
  const { admin, values } = context
  const partition = { topic: values.text('topic')!, partition: values.number('partition')! }
  const brokerId = values.number('broker-id')
  const where = brokerId === undefined ? 'leader' : `broker ${brokerId}`
  const producers = await admin
    .describeProducers([partition], brokerId)
    .then((results) => unwrap(results.get(partition)))
    .catch((error: unknown) =>
      failBecause(`Failed to describe producers for partition ${topicPartitionKey(partition)} on ${where}`, error),
    )
  const rows = producers.map((one) => ({
    ...partition,
    producerId: Number(one.producerId),
    producerEpoch: one.producerEpoch,
    coordinatorEpoch: one.coordinatorEpoch ?? -1,
    lastSequence: one.lastSequence,
    lastTimestampMs: one.lastTimestamp,
    startOffset: one.currentTransactionStartOffset,
  }))
  const columns: readonly Column[] = [
    ['ProducerId', 'producerId'],
    ['ProducerEpoch', 'producerEpoch'],
    ['LatestCoordinatorEpoch', 'coordinatorEpoch'],
    ['LastSequence', 'lastSequence'],
    ['LastTimestamp', 'lastTimestampMs'],
    ['CurrentTransactionStartOffset', 'startOffset'],
  ]
  await printRows(context, columns, rows)
}
